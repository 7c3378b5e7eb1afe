"""What people would see of a survey, drawn from words that may not be stored yet."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from surveys.languages import speech
from surveys.models import Survey
from surveys.pages import follow_up, look_of, score_text, score_view
from surveys.scales import scale_of
from surveys.wording import Content


def draw_page(survey: Survey, content: Content, *, action: str, chosen: int | None = None) -> str:
    """Return the survey page as HTML; its form leads to `action` by GET and keeps nothing."""
    with override(content.language):
        facts = {"scale": score_view(content, chosen=chosen)}
        return render_to_string("customer/survey.html", _frame(survey, content, action) | facts)


def draw_thanks(
    survey: Survey, content: Content, *, action: str, score: int, comment: str = ""
) -> str:
    """Return the page after answering with this score."""
    with override(content.language):
        facts = _thanks(content, score, comment)
        return render_to_string("customer/thanks.html", _frame(survey, content, action) | facts)


def _frame(survey: Survey, content: Content, action: str) -> dict[str, Any]:
    return {
        "look": look_of(survey.brand),
        "speech": speech(content.language),
        "content": content,
        "action": action,
        "is_preview": True,
    }


def _thanks(content: Content, score: int, comment: str) -> dict[str, Any]:
    scale = scale_of(content.kind)
    band = scale.band_of(score).slug
    words = content.bands[band]
    in_words = _("out of %(high)s") % {"high": scale.high}
    return {
        "saved": {
            "line": _("Preview. Nothing is saved."),
            "thanks": content.thanks_for(band),
            "score": score,
            "chip": "" if content.score_labels else str(score),
            "score_words": score_text(content, score) if content.score_labels else in_words,
            "comment": comment[:5000],
        },
        "ask": follow_up(content, score, asks_comment=not comment),
        "link_text": words.link_text or words.link_url,
        "link_url": words.link_url,
    }
