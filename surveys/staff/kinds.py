"""What each kind of survey is for and how it is counted, in the words of the editor."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.scales import SCALES, Band, Scale

_PURPOSES = {
    "nps": gettext_lazy("Would they recommend you? For the relationship as a whole."),
    "csat": gettext_lazy("Were they satisfied? After a purchase, a visit or a support case."),
    "ces": gettext_lazy("Was it easy? After somebody solved a problem with you."),
    "enps": gettext_lazy("Would your own people recommend you as a place to work?"),
    "csat3": gettext_lazy("Satisfaction with three faces, quickest to answer."),
    "ces5": gettext_lazy("Was it easy, on five points instead of seven."),
    "stars_five": gettext_lazy("A rating people know from shops, as a mean of stars."),
    "smileys": gettext_lazy("How do they feel, on five faces?"),
    "thumbs": gettext_lazy("Yes or no, for one article or one answer."),
    "pmf": gettext_lazy("How much would they miss it? For a young product."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One score of a scale as the editor draws it."""

    score: int
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class KindNote:
    kind: str
    name: str
    purpose: str
    counting: str
    steps: tuple[Step, ...]
    bands: tuple[tuple[str, str, str], ...]  # name, scores, tone


def note_of(scale: Scale) -> KindNote:
    return KindNote(
        scale.kind,
        str(scale.name),
        str(_PURPOSES[scale.kind]),
        _counting(scale),
        tuple(Step(s, scale.label_of(s), scale.band_of(s).tone) for s in scale.scores),
        tuple((str(band.name), span(band.scores), band.tone) for band in scale.bands),
    )


def all_notes() -> list[KindNote]:
    return [note_of(scale) for scale in SCALES.values()]


def span(scores: tuple[int, ...]) -> str:
    """Return "0–6" for 0..6 and "3" for one score."""
    low, high = min(scores), max(scores)
    return str(low) if low == high else f"{low}–{high}"


def _counting(scale: Scale) -> str:
    best, worst = scale.bands[0], scale.bands[-1]
    if scale.method == "nps":
        return _("Share of %(best)s minus share of %(worst)s: −100 to +100.") % {
            "best": _named(best),
            "worst": _named(worst),
        }
    if scale.method == "mean":
        return _("Mean of all answers: %(low)s to %(high)s.") % {
            "low": number_format(scale.low, 1),
            "high": number_format(scale.high, 1),
        }
    return _("Share of people who answer %(top)s: 0 to 100\u00a0%%.") % {
        "top": scale.label_of(scale.top[0]) if len(scale.top) == 1 and scale.labels
        else span(scale.top)
    }  # fmt: skip


def _named(band: Band) -> str:
    return f"{str(band.name).lower()} ({span(band.scores)})"
