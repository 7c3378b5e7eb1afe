"""Segments as database conditions: the same for contacts and for their answers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from surveys.models import Segment, SegmentCondition

_Operator = SegmentCondition.Operator


def number_of(text: str) -> int | float | None:
    """Return the number a text spells, None when it spells none (or infinity)."""
    try:
        value = float(text)
    except ValueError:
        return None
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() else value


def condition_q(condition: SegmentCondition) -> Q:
    """Return the test on a `properties` column (of Contact or Response)."""
    path = f"properties__{condition.property}"
    value, number = condition.value, number_of(condition.value)
    equal = Q(**{path: value}) | (Q(**{path: number}) if number is not None else Q())
    match condition.operator:
        case _Operator.IS:
            return equal
        case _Operator.IS_NOT:
            return ~equal
        case _Operator.CONTAINS:
            return Q(**{f"{path}__icontains": value})
        case _Operator.AT_LEAST if number is not None:
            return Q(**{f"{path}__gte": number})
        case _Operator.AT_MOST if number is not None:
            return Q(**{f"{path}__lte": number})
        case _Operator.IS_SET:
            return Q(properties__has_key=condition.property)
    return Q(pk__in=[])  # "at least" something that is no number holds for nobody


def segment_q(conditions: Iterable[SegmentCondition]) -> Q:
    """Return the conjunction of all conditions; none at all means everyone."""
    together = Q()
    for condition in conditions:
        together &= condition_q(condition)
    return together


def all_segments() -> list[tuple[Segment, Q]]:
    """Return every segment with its test, in two queries."""
    return [
        (segment, segment_q(segment.conditions.all()))
        for segment in Segment.objects.prefetch_related("conditions")
    ]
