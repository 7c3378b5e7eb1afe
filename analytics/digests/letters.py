"""A digest as mail: one picture of each trend inside it, nothing fetched from anywhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any
from urllib.parse import urlencode, urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.lines import TrendDrawing
from analytics.digests import words
from analytics.digests.content import Content, SurveyNews
from analytics.digests.drawing import trend_alt, trend_drawing
from analytics.digests.goals import line_of
from analytics.digests.models import Digest
from analytics.digests.painting import DARK, LIGHT
from analytics.digests.picture import trend_png
from analytics.digests.scope import page_address
from analytics.periods import Period
from analytics.scores import findings
from analytics.scores.filtering import filter_options, part_words
from feedback.highlights import Comment
from surveys.brand import palette
from surveys.headers import one_line
from surveys.languages import direction_of

ACCENT = "#1d4ed8"
PRODUCT = "Verbatim"
SUBJECT_LIMIT = 160
# Comments stand between these in the mail and are cut out of what is kept of it.
_FROM, _TO = "<!--comments-->", "<!--/comments-->"


@dataclass(frozen=True, slots=True)
class Letter:
    """A drawn digest. `pictures`: PNGs by the name under which `html` shows them."""

    subject: str
    html: str
    text: str
    pictures: dict[str, bytes]

    @property
    def kept_html(self) -> str:
        """Return the mail for the archive: pictures inside, people's comments left out."""
        head, _from, rest = self.html.partition(_FROM)
        _comments, _to, tail = rest.partition(_TO)
        return _with_pictures(f"{head}{_FROM}{_TO}{tail}", self.pictures)

    @property
    def shown_html(self) -> str:
        return _with_pictures(self.html, self.pictures)


def _with_pictures(html: str, pictures: dict[str, bytes]) -> str:
    for name, png in pictures.items():
        data = base64.b64encode(png).decode()
        html = html.replace(f"cid:{name}", f"data:image/png;base64,{data}")
    return html


def with_comments(kept: str, comments: list[Comment]) -> str:
    """Return a kept mail with the comments as they are today."""
    drawn = _inlined({**frame(""), "comments": _comments(comments), "waiting": True})
    block = drawn.partition(_FROM)[2].partition(_TO)[0]
    return kept.replace(_FROM + _TO, _FROM + block + _TO, 1)


def draw(digest: Digest, content: Content, *, stop_url: str) -> Letter:
    """Draw a digest in the language in force."""
    subject = one_line(words.subject(content), SUBJECT_LIMIT)
    pictures: dict[str, bytes] = {}
    panels = [_panel(item, pictures) for item in content.surveys]
    context = {
        **frame(subject),
        "days": words.days_words(content.news),
        "rhythm": str(digest.get_rhythm_display()),
        "answers": words.answers_words(content.answers),
        "panels": panels,
        "goals": [line_of(goal) for goal in content.goals],
        "others": [survey.name for survey in content.others],
        "filters": [name for _wish, name in _wishes(content)],
        "comments": _comments(content.comments),
        "waiting": content.waiting,
        "waiting_words": waiting_words(content.waiting),
        "waiting_url": _inbox(content.news, content),
        "stop_url": stop_url,
        "edit_url": settings.BASE_URL + reverse("staff:digests"),
    }
    text = render_to_string("digests/mail/digest.txt", context)
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return Letter(subject, _inlined(context), lines + "\n", pictures)


def waiting_words(count: int) -> str:
    return ngettext(
        "One unhappy comment waits for a person",
        "%(n)s unhappy comments wait for a person",
        count,
    ) % {"n": figures.count_text(count)}


def _wishes(content: Content) -> list[tuple[str, str]]:
    if not content.surveys or not content.surveys[0].part.query:
        return []
    return part_words(content.surveys[0].part, filter_options())


def _inbox(news: Period, content: Content) -> str:
    asked = {"show": "new", "since": news.start.isoformat(), "until": news.last.isoformat()}
    if content.surveys:
        asked |= content.surveys[0].part.query
    if len(content.surveys) == 1:
        asked["survey"] = content.surveys[0].survey.slug
    return f"{settings.BASE_URL}{reverse('staff:responses')}?{urlencode(asked)}"


def frame(subject: str) -> dict[str, Any]:
    colors, language = palette(ACCENT), get_language() or settings.LANGUAGE_CODE
    return {
        "language": language,
        "direction": direction_of(language),
        "light": colors.light,
        "dark": colors.dark,
        "subject": subject,
        "preheader": "",
        "brand_name": PRODUCT,
        "mark": PRODUCT[0],
    }


def _inlined(context: dict[str, Any]) -> str:
    return css_inline.inline(render_to_string("digests/mail/digest.html", context))


def _panel(item: SurveyNews, pictures: dict[str, bytes]) -> dict[str, Any]:
    survey, report = item.survey, item.report
    panel: dict[str, Any] = {
        "name": survey.name,
        "kind": str(survey.scale.name),
        "url": page_address(survey, item.window, item.part),
        "window": words.days_words(item.window),
        "answers": words.answers_words(item.answers),
        "alarms": [words.alarm_words(point, alarm) for point, alarm in item.alarms],
        "problem": words.many_words(item),
    }
    if report is None:
        return panel
    head = report.headline
    drawing = trend_drawing(head, report.trend)
    return panel | {
        "score": figures.score_view(head.score),
        "likely": words.likely_words(head),
        "change": findings.change_words(head.change),
        "picture": _add(pictures, f"trend-{survey.pk}", drawing) if drawing else "",
        "alt": trend_alt(report.trend),
        "trend": findings.trend_finding(report.trend, head.change),
        "themes": [words.theme_words(theme) for theme in item.moving],
        "why": findings.themes_finding(
            report.themes or (), report.sentiment.comments if report.sentiment else 0
        )
        if report.themes and findings.clear_themes(report.themes)
        else "",
        "rate": words.rate_words(report.funnel) if item.part.invited else "",
        "held": findings.held_sentence(head.held, head.score, head.with_held),
    }


def _add(pictures: dict[str, bytes], name: str, drawing: TrendDrawing) -> str:
    for colors, mode in ((LIGHT, "light"), (DARK, "dark")):
        pictures[f"{name}-{mode}"] = trend_png(drawing, colors)
    return name


def _comments(comments: list[Comment]) -> list[dict[str, Any]]:
    return [
        {
            "score": comment.chip.score,
            "tone": comment.chip.band.tone,
            "who": _who(comment),
            "text": "".join(passage.text for passage in comment.passages),
            "line": one_line("".join(passage.text for passage in comment.passages), 300),
            "survey": comment.survey,
            "url": settings.BASE_URL + reverse("staff:response", args=[comment.id]),
        }
        for comment in comments
    ]


def _who(comment: Comment) -> str:
    names = (comment.who, comment.customer)
    return ", ".join(one_line(name, 80) for name in names if name) or _("Somebody")


def message_of(
    letter: Letter, *, to: str, message_id: str, stop_url: str
) -> EmailMultiAlternatives:
    """Return the mail with its pictures inside (RFC 2387) and one-click headers (RFC 8058)."""
    host = urlsplit(settings.BASE_URL).hostname
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        settings.DEFAULT_FROM_EMAIL,
        [to],
        headers={
            "Message-ID": f"<{message_id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"<digests.{host}>",
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(letter.html, "text/html")
    message.mixed_subtype = "related"  # type: ignore[attr-defined]
    for name, png in letter.pictures.items():
        part = MIMEImage(png, "png")
        part.add_header("Content-ID", f"<{name}>")
        part.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        message.attach(part)
    return message
