"""What one score means, for every kind of survey: range, bands, labels, scoring.

Pure, and the only place that knows. Everything else asks `scale_of(kind)`.
Bands are listed best first. Sources: Bain for NPS, Delighted's survey types
for its relatives, CEB/Gartner for CES 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy, pgettext_lazy


def _(text: str) -> str:
    """Return a lazy translation, typed as the str it becomes where it is shown."""
    return gettext_lazy(text)  # type: ignore[return-value]


_NEUTRAL: str = pgettext_lazy("band", "Neutral")  # type: ignore[assignment]

Method = Literal["nps", "share", "mean"]
Shape = Literal["ruler", "rows", "faces", "stars", "thumbs"]


@dataclass(frozen=True, slots=True)
class Band:
    """One stretch of scores that is counted together.

    `tone` is what the colour repeats: positive, neutral or negative.
    """

    slug: str
    name: str
    scores: tuple[int, ...]
    tone: Literal["positive", "neutral", "negative"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The rules of one survey kind.

    `method`: "nps" = share of best band minus share of worst band, in points
    -100..100; "share" = share of the scores in `top`, a fraction 0..1;
    "mean" = arithmetic mean on the scale. `labels` name single scores (only
    for scales whose answers are words or faces).
    """

    kind: str
    name: str
    low: int
    high: int
    method: Method
    bands: tuple[Band, ...]
    top: tuple[int, ...]
    shape: Shape
    question: str
    low_label: str
    high_label: str
    score_name: str
    labels: tuple[str, ...] = ()

    @property
    def scores(self) -> range:
        return range(self.low, self.high + 1)

    def holds(self, score: int) -> bool:
        return self.low <= score <= self.high

    def band_of(self, score: int) -> Band:
        """Return the band of a score; ValueError outside the scale."""
        for band in self.bands:
            if score in band.scores:
                return band
        raise ValueError(f"{score} is not on the {self.kind} scale {self.low} to {self.high}")

    def label_of(self, score: int) -> str:
        return str(self.labels[score - self.low]) if self.labels else str(score)

    def band(self, slug: str) -> Band:
        return next(band for band in self.bands if band.slug == slug)


def _three(best: Band, middle: Band, worst: Band) -> tuple[Band, ...]:
    return (best, middle, worst)


_NPS_BANDS = _three(
    Band("promoter", _("Promoters"), (9, 10), "positive"),
    Band("passive", _("Passives"), (7, 8), "neutral"),
    Band("detractor", _("Detractors"), (0, 1, 2, 3, 4, 5, 6), "negative"),
)
_RECOMMEND = _("How likely are you to recommend {company} to a friend or colleague?")
_LIKELY = (_("Not at all likely"), _("Extremely likely"))
_AGREE7 = (
    _("Strongly disagree"),
    _("Disagree"),
    _("Somewhat disagree"),
    _("Neither agree nor disagree"),
    _("Somewhat agree"),
    _("Agree"),
    _("Strongly agree"),
)
_AGREE5 = (_AGREE7[0], _AGREE7[1], _AGREE7[3], _AGREE7[5], _AGREE7[6])
_HAPPY = (
    _("Very unhappy"),
    _("Unhappy"),
    _("Neither happy nor unhappy"),
    _("Happy"),
    _("Very happy"),
)
_EASY = _("{company} made it easy to solve my problem.")
_HANDLED = _("How happy are you with the way we handled your request?")

SCALES: dict[str, Scale] = {
    scale.kind: scale
    for scale in (
        Scale(
            "nps", _("NPS"), 0, 10, "nps", _NPS_BANDS, (9, 10), "ruler",
            _RECOMMEND, *_LIKELY, _("Net promoter score"),
        ),
        Scale(
            "csat", _("CSAT"), 1, 5, "share",
            _three(
                Band("satisfied", _("Satisfied"), (4, 5), "positive"),
                Band("neutral", _NEUTRAL, (3,), "neutral"),
                Band("dissatisfied", _("Dissatisfied"), (1, 2), "negative"),
            ),
            (4, 5), "faces", _HANDLED, _HAPPY[0], _HAPPY[-1], _("Satisfied customers"), _HAPPY,
        ),
        Scale(
            "ces", _("CES"), 1, 7, "share",
            _three(
                Band("agree", _("Agree"), (5, 6, 7), "positive"),
                Band("neutral", _NEUTRAL, (4,), "neutral"),
                Band("disagree", _("Disagree"), (1, 2, 3), "negative"),
            ),
            (5, 6, 7), "rows", _EASY, _AGREE7[0], _AGREE7[-1], _("Found it easy"), _AGREE7,
        ),
        Scale(
            "enps", _("eNPS"), 0, 10, "nps", _NPS_BANDS, (9, 10), "ruler",
            _("How likely are you to recommend {company} as a place to work?"), *_LIKELY,
            _("Employee net promoter score"),
        ),
        Scale(
            "csat3", _("CSAT, three faces"), 1, 3, "share",
            _three(
                Band("satisfied", _("Satisfied"), (3,), "positive"),
                Band("neutral", _NEUTRAL, (2,), "neutral"),
                Band("dissatisfied", _("Dissatisfied"), (1,), "negative"),
            ),
            (3,), "faces", _HANDLED, _("Unhappy"), _("Happy"), _("Satisfied customers"),
            (_("Unhappy"), _("Neither happy nor unhappy"), _("Happy")),
        ),
        Scale(
            "ces5", _("CES, five points"), 1, 5, "share",
            _three(
                Band("agree", _("Agree"), (4, 5), "positive"),
                Band("neutral", _NEUTRAL, (3,), "neutral"),
                Band("disagree", _("Disagree"), (1, 2), "negative"),
            ),
            (4, 5), "rows", _EASY, _AGREE5[0], _AGREE5[-1], _("Found it easy"), _AGREE5,
        ),
        Scale(
            "stars_five", _("Five stars"), 1, 5, "mean",
            tuple(
                Band(f"star_{n}", name, (n,), tone)  # type: ignore[arg-type]
                for n, name, tone in (
                    (5, _("5 stars"), "positive"),
                    (4, _("4 stars"), "positive"),
                    (3, _("3 stars"), "neutral"),
                    (2, _("2 stars"), "negative"),
                    (1, _("1 star"), "negative"),
                )
            ),
            (4, 5), "stars", _("How would you rate {company}?"), _("Poor"), _("Excellent"),
            _("Mean stars"),
            (_("1 star"), _("2 stars"), _("3 stars"), _("4 stars"), _("5 stars")),
        ),
        Scale(
            "smileys", _("Five smileys"), 1, 5, "share",
            (
                Band("very_happy", _HAPPY[4], (5,), "positive"),
                Band("happy", _HAPPY[3], (4,), "positive"),
                Band("neutral", _NEUTRAL, (3,), "neutral"),
                Band("unhappy", _HAPPY[1], (2,), "negative"),
                Band("very_unhappy", _HAPPY[0], (1,), "negative"),
            ),
            (4, 5), "faces", _("How do you feel about {company}?"), _HAPPY[0], _HAPPY[-1],
            _("Happy customers"), _HAPPY,
        ),
        Scale(
            "thumbs", _("Thumbs"), 0, 1, "share",
            (
                Band("thumbs_up", _("Thumbs up"), (1,), "positive"),
                Band("thumbs_down", _("Thumbs down"), (0,), "negative"),
            ),
            (1,), "thumbs", _("Did {company} meet your expectations?"), _("No"), _("Yes"),
            _("Thumbs up"), (_("No"), _("Yes")),
        ),
        Scale(
            "pmf", _("Product/market fit"), 1, 3, "share",
            _three(
                Band("very_disappointed", _("Very disappointed"), (3,), "positive"),
                Band("mildly_disappointed", _("Somewhat disappointed"), (2,), "neutral"),
                Band("not_disappointed", _("Not disappointed"), (1,), "negative"),
            ),
            (3,), "rows", _("How would you feel if you could no longer use {company}?"),
            _("Not disappointed"), _("Very disappointed"), _("Would miss it very much"),
            (_("Not disappointed"), _("Somewhat disappointed"), _("Very disappointed")),
        ),
    )
}  # fmt: skip


def scale_of(kind: str) -> Scale:
    """Return the scale of a survey kind; KeyError for an unknown kind."""
    return SCALES[kind]


def kind_choices() -> list[tuple[str, str]]:
    return [(scale.kind, scale.name) for scale in SCALES.values()]
