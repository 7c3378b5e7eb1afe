"""The filters above a dashboard: what can be chosen, what is in force, and how to take it away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.scores.shapes import SurveyReport
from analytics.scores.slices import Slice
from feedback.inbox import languages_found, themes_in_use
from feedback.inbox_panels import language_name
from feedback.models import Sentiment
from outbox.staff.selects import Select
from surveys.models import Invitation, Segment

Options = Sequence[tuple[str, str]]


def filter_options() -> dict[str, tuple[str, Options]]:
    """Return (label, [(value, name)]) of every wish that has something to choose."""
    segments = list(Segment.objects.values_list("slug", "name"))
    return _options(segments, themes_in_use(), languages_found())


def report_options(report: SurveyReport) -> dict[str, tuple[str, Options]]:
    """Return the same of one survey's report, which has read what there is."""
    known = report.parts
    languages = dict.fromkeys([*report.languages, report.headline.part.language])
    return _options(known.segments, known.themes_in_use, [code for code in languages if code])


def _options(
    segments: Options, themes: Options, languages: Iterable[str]
) -> dict[str, tuple[str, Options]]:
    found: dict[str, tuple[str, Options]] = {
        "segment": (_("Segment"), segments),
        "channel": (_("Channel"), [(v, str(label)) for v, label in Invitation.Channel.choices]),
        "language": (_("Language"), [(code, language_name(code)) for code in languages]),
        "theme": (_("Theme"), themes),
        "sentiment": (_("Sentiment"), [(v, str(label)) for v, label in Sentiment.choices]),
    }
    return {name: pair for name, pair in found.items() if pair[1]}


@dataclass(frozen=True, slots=True)
class FilterMenu:
    """The filters of a page, drawn once; `kept` are its other parameters, `chips` (name, address
    without it).
    """

    path: str
    kept: tuple[tuple[str, str], ...]
    selects: tuple[Select, ...]
    chips: tuple[tuple[str, str], ...]


def selects(
    part: Slice, options: dict[str, tuple[str, Options]], *, prefix: str = ""
) -> tuple[Select, ...]:
    return tuple(
        Select(prefix + name, label, tuple(listed), getattr(part, name))
        for name, (label, listed) in options.items()
    )


def part_words(part: Slice, options: dict[str, tuple[str, Options]]) -> list[tuple[str, str]]:
    """Return (wish, name of what is wished) of a slice."""
    return [
        (name, dict(options[name][1]).get(value, value) if name in options else value)
        for name, value in part.query.items()
    ]
