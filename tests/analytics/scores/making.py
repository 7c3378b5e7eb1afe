"""Tallies for tests, without answers behind them: `tallied(survey, day, {9: 40, 3: 10})`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from analytics.periods import today
from analytics.scores.models import FunnelTally, Tally
from analytics.scores.weeks import sum_weeks
from surveys.models import Survey


def tallied(
    survey: Survey,
    counts: Mapping[int, int],
    *,
    day: date | None = None,
    facet: str = "all",
    key: str = "",
) -> None:
    Tally.objects.bulk_create(
        Tally(survey=survey, day=day or today(), facet=facet, key=key, score=score, count=count)
        for score, count in counts.items()
    )
    sum_weeks(survey.pk, [day or today()])


def asked(survey: Survey, *, sent: int, day: date | None = None, **counts: int) -> None:
    FunnelTally.objects.create(survey=survey, day=day or today(), sent=sent, **counts)
