"""A part of a survey's answers, as an address writes it: by segment, channel, language, theme
and sentiment.

One wish alone (and a theme with a sentiment) is counted beforehand in a tally;
other combinations are counted from the answers (analytics.scores.combining).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from django.db.models import Exists, OuterRef, Q

from feedback.models import Mention, Sentiment, Theme
from surveys.models import Invitation, Segment, SegmentCondition
from surveys.segments import segment_q


class UnknownPart(LookupError):
    """The address names something that is not there; `name` is the parameter."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value
        super().__init__(f"{name}: there is no {value[:60]!r}")


@dataclass(frozen=True, slots=True)
class Slice:
    """What is wished of an answer; "" = no wish. All wishes must hold.

    Language and sentiment are those of the comment, so answers without words
    are in no such slice. `sentiment` with `theme` is how the comment speaks of it.
    """

    segment: str = ""
    channel: str = ""
    language: str = ""
    theme: str = ""
    sentiment: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Return the address parameters that bring this slice back; empty for the whole."""
        values = {name: getattr(self, name) for name in NAMES}
        return {name: value for name, value in values.items() if value}

    @property
    def facet(self) -> tuple[str, str] | None:
        """Return the (facet, key) of the tally that counts this slice, None for combinations."""
        wished = self.query
        if not wished:
            return "all", ""
        if len(wished) == 1:
            return next(iter(wished.items()))
        if set(wished) == {"theme", "sentiment"}:
            return "mention", f"{self.theme}:{self.sentiment}"
        return None

    @property
    def invited(self) -> Slice | None:
        """Return the same slice of those invited, None when it is about what they wrote."""
        return None if self.language or self.theme or self.sentiment else self

    def without(self, name: str) -> Slice:
        return replace(self, **{name: ""})


NAMES = tuple(field.name for field in fields(Slice))
WHOLE = Slice()


def read_slice(query: Mapping[str, str]) -> Slice:
    """Return the slice an address asks for. UnknownPart for what is not there."""
    part = Slice(**{name: query.get(name, "").strip() for name in NAMES})
    for name, value in part.query.items():
        if "\x00" in value or not _KNOWN[name](value):
            raise UnknownPart(name, value)
    return part


_KNOWN = {
    "segment": lambda slug: Segment.objects.filter(slug=slug).exists(),
    "channel": lambda name: name in Invitation.Channel.values,
    "language": lambda code: code.replace("-", "").isalpha() and len(code) <= 12,
    "theme": lambda slug: Theme.objects.filter(slug=slug).exists(),
    "sentiment": lambda label: label in Sentiment.values,
}


def slice_q(part: Slice) -> Q:
    """Return the test of a slice on answers."""
    test = Q()
    if part.segment:
        test &= segment_q(SegmentCondition.objects.filter(segment__slug=part.segment))
    if part.channel:
        test &= Q(channel=part.channel)
    if part.language:
        test &= Q(reading__language=part.language) & ~Q(comment="")
    if part.theme:
        named = Mention.objects.filter(response=OuterRef("pk"), theme__slug=part.theme)
        test &= Q(Exists(named.filter(sentiment=part.sentiment) if part.sentiment else named))
    elif part.sentiment:
        test &= Q(reading__sentiment=part.sentiment) & ~Q(comment="")
    return test


def invited_q(part: Slice) -> Q:
    """Return the test of a slice on invitations; only segment and channel are known there."""
    test = Q(channel=part.channel) if part.channel else Q()
    if part.segment:
        test &= segment_q(SegmentCondition.objects.filter(segment__slug=part.segment))
    return test
