"""How many comments could be read, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from feedback.models import Response, Sentiment
from outbox.days import local_date
from surveys.models import Survey

PERIODS = (30, 90, 365)
"""Days back from today a reader may ask for; None is everything."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Comments of one survey (or all), each in exactly one place.

    `waiting` are not read yet. `reasons` counts the unscored by reason;
    of those in a language that is not read, `languages` says which.
    """

    scored: int = 0
    waiting: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    sentiments: Mapping[str, int] = field(default_factory=dict)

    @property
    def unscored(self) -> int:
        return sum(self.reasons.values())

    @property
    def comments(self) -> int:
        return self.scored + self.waiting + self.unscored

    @property
    def share(self) -> float | None:
        """Return the scored among the read, 0..1; None when nothing is read."""
        read = self.scored + self.unscored
        return self.scored / read if read else None


@dataclass(frozen=True, slots=True)
class SurveyCoverage:
    survey: Survey
    coverage: Coverage


def coverage_by_survey(*, days: int | None = None) -> list[SurveyCoverage]:
    """Return the coverage of every survey that has comments, most first; two queries."""
    counted = (
        _comments(days=days)
        .order_by()
        .values_list("survey_id", "reading__sentiment", "reading__reason", "reading__language")
        .annotate(n=Count("pk"))
    )
    by_survey: dict[int, list[_Row]] = {}
    for survey_id, *row in counted:
        by_survey.setdefault(survey_id, []).append(tuple(row))  # type: ignore[arg-type]
    surveys = Survey.objects.in_bulk(by_survey)
    found = [SurveyCoverage(surveys[pk], _coverage(rows)) for pk, rows in by_survey.items()]
    return sorted(found, key=lambda one: (-one.coverage.comments, one.survey.name))


_Row = tuple[str | None, str | None, str | None, int]


def _comments(*, days: int | None) -> QuerySet[Response]:
    found = Response.objects.filter(standing=Response.Standing.COUNTED).exclude(comment="")
    if days is None:
        return found
    since = local_date(timezone.now()) - timedelta(days=days - 1)
    return found.filter(submitted_date__gte=since)


def _coverage(rows: Iterable[_Row]) -> Coverage:
    waiting = 0
    reasons: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    sentiments: Counter[str] = Counter()
    for sentiment, reason, language, n in rows:
        if sentiment is None:
            waiting += n
        elif sentiment != Sentiment.UNSCORED:
            sentiments[sentiment] += n
        else:
            reasons[reason or "unknown"] += n
            if reason == "language_unsupported":
                languages[language or ""] += n
    return Coverage(sum(sentiments.values()), waiting, reasons, languages, sentiments)


def total(coverages: Iterable[Coverage]) -> Coverage:
    """Add coverages up."""
    waiting = 0
    reasons: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    sentiments: Counter[str] = Counter()
    for one in coverages:
        waiting += one.waiting
        reasons.update(one.reasons)
        languages.update(one.languages)
        sentiments.update(one.sentiments)
    return Coverage(sum(sentiments.values()), waiting, reasons, languages, sentiments)


def unscored(
    *, reason: str = "", language: str = "", survey: str = "", days: int | None = None
) -> QuerySet[Response]:
    """Return the comments without a sentiment, newest first, with survey and reading."""
    found = _comments(days=days).filter(reading__sentiment=Sentiment.UNSCORED)
    if reason:
        found = found.filter(reading__reason=reason)
    if language:
        found = found.filter(reading__language=language)
    if survey:
        found = found.filter(survey__slug=survey)
    return found.select_related("survey", "reading").order_by("-submitted_at", "-id")
