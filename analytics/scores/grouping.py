"""Ways to part a survey's answers so that every answer is in exactly one group.

Segments may overlap, so only those that ask one property for different values
("plan is Growth", "plan is Start") make a grouping; who is in none of them is
the group "rest". The channel always parts the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, F, Value, When

from analytics.periods import Period
from analytics.scores import combining
from analytics.scores.queries import Counts, Facets
from analytics.scores.slices import WHOLE, Slice
from surveys.models import Invitation, Segment, SegmentCondition, Survey
from surveys.segments import segment_q

REST = "~rest"
CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Grouping:
    """`by` is "channel" or the property the segments ask for; `names` are those of the groups."""

    by: str
    names: dict[str, str]
    segments: tuple[Segment, ...] = field(default=(), compare=False)


def groupings() -> list[Grouping]:
    """Return every way to part answers, in two queries."""
    families: dict[str, dict[str, Segment]] = {}
    for segment in Segment.objects.prefetch_related("conditions"):
        conditions = list(segment.conditions.all())
        if len(conditions) == 1 and conditions[0].operator == SegmentCondition.Operator.IS:
            families.setdefault(conditions[0].property, {})[conditions[0].value] = segment
    found = [
        Grouping(name, {s.slug: s.name for s in family.values()}, tuple(family.values()))
        for name, family in sorted(families.items())
    ]
    channels = {value: str(label) for value, label in Invitation.Channel.choices}
    return [*found, Grouping(CHANNEL, channels)]


def groups_of(
    survey: Survey,
    wanted: tuple[Period, Slice],
    grouping: Grouping,
    *,
    tallied: Facets,
    said: Facets | None,
) -> dict[str, Counts] | None:
    """Return the histograms of one side by group; None when it is too large to part."""
    period, part = wanted
    if part == WHOLE:
        facet = CHANNEL if grouping.by == CHANNEL else "segment"
        found = {key: tallied.at(facet, key) for key in grouping.names}
        return _with_rest({k: v for k, v in found.items() if v}, tallied.at("all"))
    if said is None:
        return None
    return _counted(survey, period, part, grouping)


def _with_rest(groups: dict[str, Counts], whole: Counts) -> dict[str, Counts]:
    rest = {
        value: n - sum(counts.get(value, 0) for counts in groups.values())
        for value, n in whole.items()
    }
    # Segments are recounted a moment after they change: a rest below nothing is none.
    left = {value: n for value, n in rest.items() if n > 0}
    return {**groups, REST: left} if left else groups


def _counted(survey: Survey, period: Period, part: Slice, grouping: Grouping) -> dict[str, Counts]:
    rows = combining.counted_of(survey, period.start, period.stop, part)
    counted = rows.annotate(group=_group(grouping)).order_by().values_list("group", "score")
    found: dict[str, Counts] = {}
    for group, value, n in counted.annotate(n=Count("pk", distinct=True)):
        found.setdefault(group, {})[value] = n
    return found


def _group(grouping: Grouping) -> Case | F:
    if grouping.by == CHANNEL:
        return F("channel")
    whens = [
        When(segment_q(segment.conditions.all()), then=Value(segment.slug))
        for segment in grouping.segments
    ]
    return Case(*whens, default=Value(REST), output_field=CharField())
