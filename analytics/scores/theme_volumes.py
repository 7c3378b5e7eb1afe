"""How often each theme is named over all surveys, lately and before, and whether that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from analytics.periods import Period
from analytics.scores import queries
from analytics.statistics.change import Change, benjamini_hochberg
from analytics.statistics.histograms import total
from analytics.statistics.shares import share_change
from feedback.models import Sentiment, Theme
from outbox.days import local_date
from outbox.replica import reads_replica
from surveys.models import Survey

PERIOD_DAYS = 30
_UNSCORED = Sentiment.UNSCORED.value


@dataclass(frozen=True, slots=True)
class ThemeVolume:
    """Comments that name a theme now and before; `negative` of now complain in its clause.

    `change` compares the shares of scored comments; `is_real` corrects for
    looking at many themes at once (Benjamini-Hochberg).
    """

    theme: Theme
    count: int
    before: int
    negative: int
    change: Change
    is_real: bool


@dataclass(frozen=True, slots=True)
class Volumes:
    """Every theme, those in use and most named first; `comments` are the scored ones."""

    period: Period
    themes: Sequence[ThemeVolume]
    comments: int
    comments_before: int


@reads_replica
def theme_volumes(*, today: date | None = None) -> Volumes:
    """Return the last PERIOD_DAYS days against those before; four queries, over tallies alone."""
    end = (today or local_date(timezone.now())) + timedelta(days=1)
    period = Period(end - timedelta(days=PERIOD_DAYS), end)
    counted = _counted(period)
    whole = [
        sum(pair[at] for (facet, key), pair in counted.items() if facet == "sentiment" != key)
        - counted.get(("sentiment", _UNSCORED), (0, 0))[at]
        for at in (0, 1)
    ]
    themes = list(Theme.objects.all())
    pairs = [counted.get(("theme", theme.slug), (0, 0)) for theme in themes]
    # A reading may land between two counts of a recount: a theme never exceeds the whole.
    now, before = (max([whole[at], *(pair[at] for pair in pairs)]) for at in (0, 1))
    changes = [share_change((was, before), (n, now)) for n, was in pairs]
    found = [
        ThemeVolume(theme, n, was, _negative(theme, counted), change, is_real)
        for theme, (n, was), change, is_real in zip(
            themes, pairs, changes, _real(changes), strict=True
        )
    ]
    found.sort(key=lambda one: (not one.theme.is_active, -one.count, one.theme.name))
    return Volumes(period, found, now, before)


_Counted = Mapping[tuple[str, str], tuple[int, int]]
_FACETS = ("sentiment", "theme", "mention")


def _counted(period: Period) -> _Counted:
    """Return (now, before) by facet and key, of all surveys: by survey, as tallies are indexed."""
    surveys = list(Survey.objects.order_by().values_list("pk", flat=True))
    now: Counter[tuple[str, str]] = Counter()
    before: Counter[tuple[str, str]] = Counter()
    for facets in queries.facets_of(surveys, period, only=_FACETS).values():
        now.update({name: total(counts) for name, counts in facets.now.items()})
        before.update({name: total(counts) for name, counts in facets.before.items()})
    return {name: (now[name], before[name]) for name in {*now, *before}}


def _negative(theme: Theme, counted: _Counted) -> int:
    return counted.get(("mention", f"{theme.slug}:{Sentiment.NEGATIVE.value}"), (0, 0))[0]


def _real(changes: Sequence[Change]) -> list[bool]:
    tested = [at for at, change in enumerate(changes) if change.p_value is not None]
    rejected = benjamini_hochberg([changes[at].p_value or 0.0 for at in tested]).rejected
    real = {at for at, is_real in zip(tested, rejected, strict=True) if is_real}
    return [at in real for at in range(len(changes))]
