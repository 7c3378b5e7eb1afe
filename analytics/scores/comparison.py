"""Two sides of one survey, A and B: what differs, and is it who answered or how they answered?

Differences are B minus A. A side is a period and a slice, so that two periods,
two segments or any two addresses of the dashboard can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.periods import Period
from analytics.scores import combining, grouping, queries
from analytics.scores.grouping import Grouping
from analytics.scores.queries import Counts, Facets
from analytics.scores.slices import WHOLE, Slice
from analytics.scores.values import score, score_shift, unit_values
from analytics.statistics.change import Change, benjamini_hochberg
from analytics.statistics.guards import may_show_arrow
from analytics.statistics.histograms import merged, moments, total
from analytics.statistics.mix import Decomposition, SegmentPeriods, decompose
from analytics.statistics.result import Result
from analytics.statistics.shares import share, share_change
from outbox.days import zone
from outbox.replica import reads_replica
from surveys.models import Survey
from surveys.scales import Band

FEW = 5
"""Groups with fewer answers than this on both sides are put together as "others"."""
OTHERS = "~others"


@dataclass(frozen=True, slots=True)
class Side:
    period: Period
    part: Slice
    score: Result


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """A share on both sides; `is_real` after correcting for all tested together."""

    key: str
    name: str
    a: Result
    b: Result
    change: Change
    is_real: bool


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """One group on both sides; `mix` and `within` are its parts of the difference in score."""

    key: str
    name: str
    a: Result
    b: Result
    mix: float
    within: float


@dataclass(frozen=True, slots=True)
class MixReport:
    """The difference in score by one grouping: `mix` + `within` are all of it."""

    grouping: Grouping
    whole: Decomposition
    rows: tuple[GroupDifference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the comparison page shows.

    `shared` counts answers that are on both sides (None: too many to count):
    the test of the difference holds only when there are none. `themes` is None
    when a side holds too many answers to combine on the spot.
    """

    survey: Survey
    a: Side
    b: Side
    change: Change
    shared: int | None
    bands: tuple[ShareDifference, ...]
    themes: tuple[ShareDifference, ...] | None
    mixes: tuple[MixReport, ...]

    @property
    def is_tested(self) -> bool:
        return self.shared == 0

    @property
    def is_real(self) -> bool:
        change = self.change
        return self.is_tested and change.is_real and may_show_arrow(change.n_before, change.n_after)


@reads_replica
def compare(survey: Survey, a: tuple[Period, Slice], b: tuple[Period, Slice]) -> Comparison:
    """Compare two sides. TooMany when a combination of wishes may be too large to count."""
    found_a, found_b = _facets(survey, *a), _facets(survey, *b)
    counts_a, counts_b = found_a.counts, found_b.counts
    names = queries.theme_names()
    is_said = found_a.said is not None and found_b.said is not None
    return Comparison(
        survey=survey,
        a=_side(survey, a, counts_a),
        b=_side(survey, b, counts_b),
        change=score_shift(survey, counts_a, counts_b),
        shared=_shared(survey, a, b, sizes=(total(counts_a), total(counts_b))),
        bands=_bands(survey, counts_a, counts_b),
        themes=_themes(found_a.said, found_b.said, names)
        if is_said and found_a.said and found_b.said
        else None,
        mixes=_mixes(survey, (a, found_a), (b, found_b)),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    counts: Counts
    tallied: Facets
    said: Facets | None


def _facets(survey: Survey, period: Period, part: Slice) -> _Found:
    tallied = queries.facets_of([survey.pk], period)[survey.pk]
    if part == WHOLE:
        return _Found(tallied.at("all"), tallied, tallied)
    size = combining.size_of(tallied, part)
    if size > combining.COMBINE_UP_TO:
        if not part.facet:
            raise combining.TooMany(size)
        return _Found(tallied.at(*part.facet), tallied, None)
    said = combining.combined_facets(survey, period, part)
    return _Found(tallied.at(*part.facet) if part.facet else said.at("all"), tallied, said)


def _side(survey: Survey, wanted: tuple[Period, Slice], counts: Counts) -> Side:
    period, part = wanted
    result = score(survey, counts).for_period(str(period), zone=str(zone()))
    return Side(period, part, result)


def _shared(
    survey: Survey, a: tuple[Period, Slice], b: tuple[Period, Slice], *, sizes: tuple[int, int]
) -> int | None:
    """Return how many answers are on both sides, None when that would take too long."""
    start, stop = max(a[0].start, b[0].start), min(a[0].stop, b[0].stop)
    if start >= stop or _differ(a[1], b[1]):
        return 0
    if a == b:
        return sizes[0]
    if min(sizes) > combining.COMBINE_UP_TO:
        return None
    both = combining.counted_of(survey, start, stop, a[1])
    return both.filter(pk__in=combining.counted_of(survey, start, stop, b[1]).values("pk")).count()


def _differ(a: Slice, b: Slice) -> bool:
    """Say whether two slices have nothing in common by what they wish."""
    pairs = [(a.channel, b.channel), (a.language, b.language)]
    if not (a.theme or b.theme):
        pairs.append((a.sentiment, b.sentiment))
    return any(one and other and one != other for one, other in pairs)


def _bands(survey: Survey, a: Counts, b: Counts) -> tuple[ShareDifference, ...]:
    def of(counts: Counts, band: Band) -> int:
        return sum(counts.get(value, 0) for value in band.scores)

    rows = [(band.slug, str(band.name), of(a, band), of(b, band)) for band in survey.scale.bands]
    return _differences(rows, total(a), total(b))


def _differences(
    rows: Sequence[tuple[str, str, int, int]], of_a: int, of_b: int
) -> tuple[ShareDifference, ...]:
    shifts = [share_change((k_a, of_a), (k_b, of_b)) for _key, _name, k_a, k_b in rows]
    tested = [
        i
        for i, shift in enumerate(shifts)
        if shift.p_value is not None and may_show_arrow(shift.n_before, shift.n_after)
    ]
    rejected = benjamini_hochberg([shifts[i].p_value or 0.0 for i in tested]).rejected
    real = {i for i, is_real in zip(tested, rejected, strict=True) if is_real}
    return tuple(
        ShareDifference(key, name, share(k_a, of_a), share(k_b, of_b), shifts[i], i in real)
        for i, (key, name, k_a, k_b) in enumerate(rows)
    )


def _themes(a: Facets, b: Facets, names: Mapping[str, str]) -> tuple[ShareDifference, ...]:
    """Return the themes named often enough, those that differ most first."""
    of_a, of_b = _comments(a), _comments(b)
    slugs = [slug for slug in names if a.at("theme", slug) or b.at("theme", slug)]
    rows = [
        (slug, names[slug], min(total(a.at("theme", slug)), of_a),
         min(total(b.at("theme", slug)), of_b))
        for slug in slugs
    ]  # fmt: skip
    found = _differences([row for row in rows if row[2] + row[3] >= FEW], of_a, of_b)
    return tuple(
        sorted(found, key=lambda row: (not row.is_real, -abs(row.change.delta or 0.0), row.name))
    )


def _comments(facets: Facets) -> int:
    return sum(total(counts) for (facet, _), counts in facets.now.items() if facet == "sentiment")


# ---- Who answered, or how they answered --------------------------------------------------------


def _mixes(
    survey: Survey,
    a: tuple[tuple[Period, Slice], _Found],
    b: tuple[tuple[Period, Slice], _Found],
) -> tuple[MixReport, ...]:
    reports = []
    for one in grouping.groupings():
        sides = [
            grouping.groups_of(survey, wanted, one, tallied=found.tallied, said=found.said)
            for wanted, found in (a, b)
        ]
        if sides[0] is not None and sides[1] is not None:
            report = _mix(survey, one, sides[0], sides[1])
            if report:
                reports.append(report)
    return tuple(reports)


def _mix(
    survey: Survey, by: Grouping, a: dict[str, Counts], b: dict[str, Counts]
) -> MixReport | None:
    """Return the decomposition, None when there is nothing to take apart."""
    a, b = _without_small(a, b)
    keys = sorted({*a, *b}, key=lambda key: (-total(b.get(key, {})), key))
    # Groups that are on one side only have nothing within: there is nothing to take apart.
    if len(keys) < 2 or not any(a.get(key) and b.get(key) for key in keys):
        return None
    whole = decompose([_periods(survey, key, a.get(key, {}), b.get(key, {})) for key in keys])
    if whole is None:
        return None
    rows = tuple(
        GroupDifference(
            key,
            by.names.get(key, ""),
            score(survey, a.get(key, {}), audience="segment"),
            score(survey, b.get(key, {}), audience="segment"),
            effect.mix,
            effect.within,
        )
        for key, effect in zip(keys, whole.rows, strict=True)
    )
    return MixReport(by, whole, rows)


def _without_small(
    a: dict[str, Counts], b: dict[str, Counts]
) -> tuple[dict[str, Counts], dict[str, Counts]]:
    small = [key for key in {*a, *b} if max(total(a.get(key, {})), total(b.get(key, {}))) < FEW]

    def joined(side: dict[str, Counts]) -> dict[str, Counts]:
        kept = {key: counts for key, counts in side.items() if key not in small and counts}
        others = merged(side[key] for key in small if key in side)
        return {**kept, OTHERS: others} if others else kept

    return joined(a), joined(b)


def _periods(survey: Survey, key: str, a: Counts, b: Counts) -> SegmentPeriods:
    before, after = moments(unit_values(survey, a)), moments(unit_values(survey, b))
    return SegmentPeriods(key, before.n, before.mean, after.n, after.mean)
