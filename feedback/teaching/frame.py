"""What the pages of teaching share: their tabs and what stands around a comment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from feedback.marking import Piece, pieces
from feedback.models import Response, Sentiment
from surveys.scales import Band

PAGE = 25
SIGNS = {"positive": "+", "mixed": "±", "neutral": "○", "negative": "−", "unscored": "?"}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool
    count: str = ""


def reading_tabs(current: str) -> list[Tab]:
    """Return the tabs of the pages about reading; `current` is a URL name."""
    return _tabs(
        current,
        [
            ("reading", _("Coverage")),
            ("reading-unscored", _("Not scored")),
            ("reading-words", _("Own words")),
            ("reading-check", _("Random check")),
            ("reading-accuracy", _("How right are we?")),
            ("reading-contradictions", _("Score and words disagree")),
            ("reading-history", _("Read again")),
        ],
    )


def theme_tabs(current: str, *, waiting: int = 0) -> list[Tab]:
    """Return the tabs of the pages about themes; `waiting` counts open suggestions."""
    return _tabs(
        current,
        [
            ("themes", _("Themes")),
            ("theme-suggestions", _("Suggestions")),
            ("theme-explorer", _("Explorer")),
            ("theme-presets", _("Presets")),
        ],
        counts={"theme-suggestions": waiting},
    )


def _tabs(
    current: str, named: Iterable[tuple[str, str]], counts: dict[str, int] | None = None
) -> list[Tab]:
    return [
        Tab(label, reverse(f"staff:{name}"), name == current, shown((counts or {}).get(name, 0)))
        for name, label in named
    ]


def shown(count: int) -> str:
    return number_format(count, force_grouping=True) if count else ""


def signed(value: float) -> str:
    """Return a weight with a real minus or a plus: "−1.5", "+2", "0"."""
    text = number_format(abs(value), decimal_pos=None if value % 1 else 0)
    return f"{'−' if value < 0 else '+' if value else ''}{text}"


def grouped(count: int) -> str:
    """Return a count as the reader's language groups it."""
    return number_format(count, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Quote:
    """A comment in a list: whose band, what of it, where the whole story stands."""

    response: Response
    band: Band
    pieces: Sequence[Piece]
    url: str


def quote(response: Response, excerpt: Sequence[Piece] | None = None) -> Quote:
    """Return a comment for a list; `response` comes with its survey."""
    return Quote(
        response,
        response.survey.scale.band_of(response.score),
        pieces(response.comment, ()) if excerpt is None else excerpt,
        reverse("staff:response", args=[response.pk]),
    )


@dataclass(frozen=True, slots=True)
class SayButton:
    value: str
    name: str
    sign: str
    digit: int


def sentiment_buttons() -> list[SayButton]:
    values = (Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE, Sentiment.MIXED)
    return [
        SayButton(value.value, str(value.label), SIGNS[value], digit)
        for digit, value in enumerate(values, 1)
    ]


def page_of(found: QuerySet[Any], request: HttpRequest) -> Any:
    return Paginator(found, PAGE).get_page(request.GET.get("page"))


def user_name(request: HttpRequest) -> str:
    return request.user.get_username()
