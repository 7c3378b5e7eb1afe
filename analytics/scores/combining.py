"""Combinations of facets, counted from the answers: indexed by survey and day, up to a limit."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat, TruncWeek

from analytics.periods import Period
from analytics.scores.queries import FUNNEL, Counts, Facets
from analytics.scores.reach import invited
from analytics.scores.slices import Slice, slice_q
from analytics.scores.tallies import funnel_counts
from analytics.statistics.histograms import total
from feedback.models import Mention, Response
from surveys.models import Survey

COMBINE_UP_TO = 50_000
"""Answers up to which combinations are counted on the spot (they are not tallied)."""


class TooMany(LookupError):
    """A combination may hold more answers than are counted on the spot."""

    def __init__(self, count: int) -> None:
        self.count, self.limit = count, COMBINE_UP_TO
        super().__init__(f"may hold {count} answers; at most {COMBINE_UP_TO} are combined")


def size_of(facets: Facets, part: Slice) -> int:
    """Return the most answers a slice can hold in both periods: those of its rarest wish."""
    wishes = [Slice(**{name: value}).facet for name, value in part.query.items()]
    known = [wish for wish in (part.facet, *wishes) if wish]
    return min(total(facets.at(*wish)) + total(facets.was(*wish)) for wish in known)


def counted_of(survey: Survey, start: date, stop: date, part: Slice) -> QuerySet[Response]:
    return Response.objects.filter(
        slice_q(part),
        survey=survey,
        standing=Response.Standing.COUNTED,
        submitted_date__gte=start,
        submitted_date__lt=stop,
    )


def combined_facets(survey: Survey, period: Period, part: Slice) -> Facets:
    """Count all answers, sentiment, theme and mention of a slice where they lie.

    These queries read the answers of two periods: the caller keeps within
    COMBINE_UP_TO.
    """
    counted = counted_of(survey, period.before.start, period.stop, part)
    found = Facets({}, {})
    _add(found, counted.values_list(Value("all"), Value(""), "score"), period)
    said = counted.exclude(comment="").filter(reading__isnull=False)
    _add(found, said.values_list(Value("sentiment"), "reading__sentiment", "score"), period)
    mentions = Mention.objects.filter(response__in=counted)
    _add(
        found,
        mentions.values_list(Value("theme"), "theme__slug", "response__score"),
        period,
        path="response__",
    )
    speaking = Concat("theme__slug", Value(":"), "sentiment")
    _add(
        found,
        mentions.values_list(Value("mention"), speaking, "response__score"),
        period,
        path="response__",
    )
    return found


def _add(
    found: Facets,
    rows: QuerySet,  # type: ignore[type-arg]
    period: Period,
    *,
    path: str = "",
) -> None:
    """Count distinct answers of rows (facet, key, score) in both periods."""
    day, answer = f"{path}submitted_date", "response_id" if path else "pk"
    counted = rows.order_by().annotate(
        now=Count(answer, distinct=True, filter=Q(**{f"{day}__gte": period.start})),
        was=Count(answer, distinct=True, filter=Q(**{f"{day}__lt": period.start})),
    )
    for facet, key, score, now, was in counted:
        if now:
            found.now.setdefault((facet, key), {})[score] = now
        if was:
            found.before.setdefault((facet, key), {})[score] = was


def combined_weeks(survey: Survey, start: date, stop: date, part: Slice) -> dict[date, Counts]:
    """Return the histograms of a slice by Monday."""
    rows = counted_of(survey, start, stop, part).annotate(week=TruncWeek("submitted_date"))
    counted = rows.order_by().values_list("week", "score").annotate(n=Count("pk", distinct=True))
    found: dict[date, Counts] = {}
    for week, score, n in counted:
        found.setdefault(week, {})[score] = n
    return found


def combined_funnel(survey: Survey, period: Period, part: Slice) -> tuple[int, ...]:
    """Return the counts named in FUNNEL for the invited of one slice."""
    counts = funnel_counts(invited(survey, period, part))
    return tuple(counts[name] for name in FUNNEL)
