"""What a customer's page shows, ready for templates: who asks, the scale, further questions.

Used by the survey page, its preview and the unsubscribe page. Nothing here
asks the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import gettext as _

from surveys.brand import stylesheet_name
from surveys.models import Brand, Question
from surveys.scales import Shape, scale_of
from surveys.wording import Content, QuestionText

LOGO_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
PLAIN_COLOR = "#125e6b"


@dataclass(frozen=True, slots=True)
class Look:
    """Who asks: everything of a brand that a page shows."""

    palette_url: str
    icon_url: str
    name: str = ""
    mark: str = ""
    logo_url: str = ""
    postal_address: str = ""
    privacy_url: str = ""
    help_url: str = ""
    write_to: str = ""
    write_to_whom: str = ""


def look_of(brand: Brand | None) -> Look:
    """Return the look of a brand; of nobody in particular when the link told us nothing."""
    if brand is None:
        return Look(*_color_urls(PLAIN_COLOR))
    return Look(
        *_color_urls(brand.color),
        name=brand.name,
        mark=brand.name.strip()[:1].upper(),
        logo_url=_logo_url(brand),
        postal_address=brand.postal_address,
        privacy_url=brand.privacy_url,
        help_url=brand.help_url,
        write_to=brand.reply_to,
        write_to_whom=brand.sender_role or brand.name,
    )


@lru_cache(maxsize=256)
def _color_urls(color: str) -> tuple[str, str]:
    """Return where a colour's stylesheet and icon are."""
    name = stylesheet_name(color)
    return reverse("surveys:palette", args=[name]), reverse("surveys:icon", args=[name])


def _logo_url(brand: Brand) -> str:
    extension = LOGO_TYPES.get(brand.logo_type)
    return reverse("surveys:logo", args=[brand.pk, extension]) if extension else ""


# ---- The score question ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """One answer of a scale. `face` says how a face looks: 0 saddest … 4 happiest."""

    id: str
    value: str
    text: str
    described_by: str
    is_chosen: bool
    face: int = 0


@dataclass(frozen=True, slots=True)
class ScaleView:
    """A scale to choose from; `name` is the form field, `shape` how it is drawn."""

    name: str
    shape: Shape
    keys: tuple[Key, ...]
    low_label: str = ""
    high_label: str = ""

    @property
    def has_digits(self) -> bool:
        """Tell whether words need their number beside them to be told apart quickly."""
        return len(self.keys) > 4


def score_view(content: Content, *, chosen: int | None = None) -> ScaleView:
    """Return the survey's own scale with at most one score chosen."""
    scale = scale_of(content.kind)
    ends = {scale.low: "score-low", scale.high: "score-high"} if scale.shape == "ruler" else {}
    labels = content.score_labels or tuple(str(score) for score in scale.scores)
    steps = max(1, len(scale.scores) - 1)
    keys = tuple(
        Key(
            id=f"score-{score}",
            value=str(score),
            text=label,
            described_by=ends.get(score, ""),
            is_chosen=score == chosen,
            face=round(4 * (score - scale.low) / steps),
        )
        for score, label in zip(scale.scores, labels, strict=True)
    )
    return ScaleView(
        "score",
        scale.shape,
        keys,
        f"{scale.low} – {content.low_label}",
        f"{scale.high} – {content.high_label}",
    )


def score_text(content: Content, score: int) -> str:
    """Return a score in words: "9 out of 10" or the label of the score."""
    scale = scale_of(content.kind)
    if content.score_labels and scale.holds(score):
        return content.score_labels[score - scale.low]
    return _("%(score)s out of %(high)s") % {"score": score, "high": scale.high}


def range_text(content: Content) -> str:
    """Return what to do about a missing score."""
    scale = scale_of(content.kind)
    if content.score_labels:
        return _("Choose one of the %(count)s answers") % {"count": len(content.score_labels)}
    return _("Choose a number from %(low)s to %(high)s") % {"low": scale.low, "high": scale.high}


# ---- Additional questions --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What was said to one additional question so far."""

    text: str = ""
    number: int | None = None
    choices: frozenset[int] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QuestionView:
    name: str
    kind: str
    text: str
    keys: tuple[Key, ...] = ()
    low_label: str = ""
    high_label: str = ""
    value: str = ""
    problem: str = ""


def question_view(question: QuestionText, given: Given) -> QuestionView:
    """Return one additional question, filled with what was said."""
    name = f"q{question.id}"
    if question.kind == Question.Kind.SCALE:
        keys = _number_keys(name, question, given.number)
    else:
        keys = tuple(
            Key(f"{name}-{c.id}", str(c.id), c.text, "", c.id in given.choices)
            for c in question.choices
        )
    return QuestionView(
        name,
        question.kind,
        question.text,
        keys,
        _end_label(question.low, question.low_label),
        _end_label(question.high, question.high_label),
        given.text,
        given.problem,
    )


def _number_keys(name: str, question: QuestionText, chosen: int | None) -> tuple[Key, ...]:
    ends = {question.low: f"{name}-low", question.high: f"{name}-high"}
    return tuple(
        Key(f"{name}-{n}", str(n), str(n), ends.get(n, ""), n == chosen)
        for n in range(question.low, question.high + 1)
    )


def _end_label(number: int, label: str) -> str:
    return f"{number} – {label}" if label else ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is asked after the score is stored: the band's prompt and further questions.

    `prompt` is empty when a comment was given already.
    """

    prompt: str
    questions: tuple[QuestionView, ...]
    comment: str = ""

    def __bool__(self) -> bool:
        return bool(self.prompt or self.questions)


def follow_up(
    content: Content,
    score: int,
    *,
    comment: str = "",
    given: Mapping[int, Given] | None = None,
    asks_comment: bool = True,
) -> FollowUp:
    """Return what people with this score are asked next."""
    band = scale_of(content.kind).band_of(score).slug
    said = given or {}
    return FollowUp(
        content.prompt_for(band) if asks_comment else "",
        tuple(
            question_view(question, said.get(question.id, Given()))
            for question in content.questions
            if question.is_for(band)
        ),
        comment,
    )
