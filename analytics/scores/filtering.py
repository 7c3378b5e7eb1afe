"""The filters above a dashboard: what can be chosen, what is in force, and how to take it away."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from analytics.scores.slices import Slice
from feedback.inbox import languages_found, themes_in_use
from feedback.inbox_panels import language_name
from feedback.models import Sentiment
from surveys.models import Invitation, Segment

Options = list[tuple[str, str]]


def filter_options(segments: Options | None = None) -> dict[str, tuple[str, Options]]:
    """Return (label, [(value, name)]) of every wish that has something to choose.

    `segments` are those the caller has read already.
    """
    if segments is None:
        segments = list(Segment.objects.values_list("slug", "name"))
    found: dict[str, tuple[str, Options]] = {
        "segment": (_("Segment"), segments),
        "channel": (_("Channel"), [(v, str(label)) for v, label in Invitation.Channel.choices]),
        "language": (_("Language"), [(code, language_name(code)) for code in languages_found()]),
        "theme": (_("Theme"), list(themes_in_use())),
        "sentiment": (_("Sentiment"), [(v, str(label)) for v, label in Sentiment.choices]),
    }
    return {name: pair for name, pair in found.items() if pair[1]}


def selects(part: Slice, options: dict[str, tuple[str, Options]], *, prefix: str = "") -> Any:
    return [
        {
            "name": prefix + name,
            "label": label,
            "options": listed,
            "value": getattr(part, name),
        }
        for name, (label, listed) in options.items()
    ]


def part_words(part: Slice, options: dict[str, tuple[str, Options]]) -> list[tuple[str, str]]:
    """Return (wish, name of what is wished) of a slice."""
    return [
        (name, dict(options[name][1]).get(value, value) if name in options else value)
        for name, value in part.query.items()
    ]
