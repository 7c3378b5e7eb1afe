"""Segments as database conditions: the same for contacts and for their answers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from surveys.models import Segment, SegmentCondition
from surveys.roster import typed

_Operator = SegmentCondition.Operator
NOBODY = Q(pk__in=[])


def number_of(text: str) -> int | float | None:
    """Return the number a text spells, None when it spells none (or infinity)."""
    try:
        value = float(text)
    except ValueError:
        return None
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() else value


# Text and numbers compare differently on SQLite and PostgreSQL; a bound on the
# other side leaves texts out on both.
_BEYOND = 1e300


def condition_q(condition: SegmentCondition) -> Q:
    """Return the test on a `properties` column (of Contact or Response).

    "Is not" holds for those of whom nothing is known, too; "is at least" and
    "is at most" hold for numbers only.
    """
    name = condition.property
    if not name.strip():
        return NOBODY
    # The lookup is always named, so that a property called "contains" is a property.
    path, value = f"properties__{name}", condition.value
    number = number_of(value)
    match condition.operator:
        case _Operator.IS:
            return _equal(path, value)
        case _Operator.IS_NOT:
            return ~_equal(path, value) | ~Q(properties__has_key=name)
        case _Operator.CONTAINS:
            return Q(**{f"{path}__icontains": value})
        case _Operator.AT_LEAST if number is not None:
            return Q(**{f"{path}__gte": number, f"{path}__lte": _BEYOND})
        case _Operator.AT_MOST if number is not None:
            return Q(**{f"{path}__lte": number, f"{path}__gte": -_BEYOND})
        case _Operator.IS_SET:
            return Q(properties__has_key=name)
    return NOBODY  # "at least" something that is no number


def _equal(path: str, value: str) -> Q:
    """Compare as the roster stores: "14" is a number, "014" a text."""
    stored = typed(value)
    is_text = Q(**{f"{path}__exact": value})
    return is_text if stored == value else is_text | Q(**{f"{path}__exact": stored})


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
