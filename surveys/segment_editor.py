"""Write segments and look at whom they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import slugify

from outbox.jobs import Wanted, enqueue
from outbox.transactions import write
from surveys.models import Contact, Segment, SegmentCondition
from surveys.segments import segment_q

SLICE = "slice"  # outbox work: what is counted by segment must be counted anew
_LOOKED_AT = 2000  # newest contacts that show which properties there are


def save_segment(segment: Segment, *, name: str, conditions: Sequence[SegmentCondition]) -> Segment:
    """Store a segment with exactly these conditions and have its numbers counted anew."""
    with write():
        segment.name = name
        segment.slug = segment.slug or _free_slug(name)
        segment.save()
        segment.conditions.all().delete()
        for condition in conditions:
            condition.pk, condition.segment = None, segment
        SegmentCondition.objects.bulk_create(conditions)
        _recount(segment.pk)
    return segment


def delete_segment(segment: Segment) -> None:
    with write():
        _recount(segment.pk)
        segment.delete()


def _recount(segment_id: int) -> None:
    enqueue([Wanted(SLICE, segment_id, SLICE, repeats=True)])


def _free_slug(name: str) -> str:
    stem = slugify(name)[:50].strip("-") or "segment"
    taken = set(Segment.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbers = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (stem, *numbers) if slug not in taken)


@dataclass(frozen=True, slots=True)
class Members:
    """How many contacts fit, of how many, and the first of them."""

    count: int
    of: int
    examples: tuple[Contact, ...]

    @property
    def share(self) -> float:
        return 100 * self.count / self.of if self.of else 0.0


def members(conditions: Sequence[SegmentCondition]) -> Members:
    """Return whom these conditions hold, stored or not. Three queries."""
    found = Contact.objects.filter(segment_q(conditions))
    examples = found.select_related("customer").order_by("-updated_at")[:8]
    return Members(found.count(), Contact.objects.count(), tuple(examples))


@dataclass(frozen=True, slots=True)
class KnownProperty:
    """A property contacts have, how many of the newest have it, and its commonest values."""

    name: str
    count: int
    values: tuple[str, ...]


def known_properties() -> list[KnownProperty]:
    """Return the properties of the 2,000 newest contacts, commonest first."""
    rows = Contact.objects.order_by("-pk").values_list("properties", flat=True)[:_LOOKED_AT]
    values: dict[str, Counter[str]] = {}
    for properties in rows:
        for name, value in properties.items():
            values.setdefault(name, Counter())[str(value)] += 1
    found = [
        KnownProperty(name, counted.total(), tuple(value for value, _ in counted.most_common(12)))
        for name, counted in values.items()
    ]
    return sorted(found, key=lambda known: (-known.count, known.name))
