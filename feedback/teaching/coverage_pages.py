"""Coverage: how many comments could be read, and the ones that could not."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from feedback import rereading
from feedback.coverage import Coverage, coverage_by_survey, total, unscored
from feedback.inbox_panels import language_name
from feedback.models import Sentiment
from feedback.story import UNSCORED_REASONS
from feedback.teaching.frame import grouped, page_of, quote, reading_tabs
from feedback.teaching_forms import SliceForm
from outbox.staff.pages import staff_page

_MOST_LANGUAGES = 3
_MOST_LINES = 8


@require_safe
@staff_page("feedback.view_reading")
def coverage(request: HttpRequest) -> HttpResponse:
    """How many comments could be read, per survey, and where are the others?"""
    days = _days(request)
    surveys = coverage_by_survey(days=days)
    whole = total(one.coverage for one in surveys)
    context = {
        "tabs": reading_tabs("reading"),
        "form": SliceForm(initial={"days": days}),
        "days": days,
        "whole": whole,
        "finding": finding(whole),
        "rest": rest_words(whole),
        "lines": _reason_lines(whole, days),
        "sentiments": _shares(whole),
        "surveys": [(one, rest_words(one.coverage)) for one in surveys],
        "running": rereading.running(),
    }
    return render(request, "feedback/teaching/coverage.html", context)


def _days(request: HttpRequest) -> int | None:
    """Return the period asked for; 90 days when nothing was asked."""
    text = request.GET.get("days", "90")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= 3650 else None


def finding(found: Coverage) -> str:
    """Return coverage as a sentence: "1,204 of 1,310 comments scored"."""
    n = found.comments
    words = {"scored": grouped(found.scored), "n": grouped(n)}
    return (
        ngettext("%(scored)s of %(n)s comment scored", "%(scored)s of %(n)s comments scored", n)
        % words
    )


def rest_words(found: Coverage) -> str:
    """Return what became of the others: "61 Spanish; 12 non-answers; 3 waiting"."""
    languages = sorted(found.languages.items(), key=lambda one: (-one[1], one[0]))
    words = [
        f"{grouped(n)} {language_name(code) or _('of another language')}"
        for code, n in languages[:_MOST_LANGUAGES]
    ]
    if more := sum(n for _code, n in languages[_MOST_LANGUAGES:]):
        words.append(_("%s in other languages") % grouped(more))
    named = {
        "non_answer": _("%s non-answers"),
        "language_unknown": _("%s of unknown language"),
        "too_short": _("%s too short"),
    }
    words += [said % grouped(found.reasons[r]) for r, said in named.items() if found.reasons.get(r)]
    other = {"language_unsupported", *named}
    if others := sum(n for reason, n in found.reasons.items() if reason not in other):
        words.append(_("%s for other reasons") % grouped(others))
    if found.waiting:
        words.append(_("%s waiting to be read") % grouped(found.waiting))
    return "; ".join(words)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a small table with a bar; `share` is 0..1 of the whole."""

    name: str
    count: int
    share: float
    url: str = ""
    tone: str = ""

    @property
    def percent(self) -> str:
        if 0 < self.share < 0.005:
            return _("under 1\u00a0%")
        return f"{number_format(round(100 * self.share))}\u00a0%"

    @property
    def width(self) -> str:
        """Return the length of the bar on a scale of 100, as SVG wants it."""
        return f"{100 * self.share:.2f}"


def _reason_lines(found: Coverage, days: int | None) -> list[Line]:
    rows = [({"reason": reason}, why_unscored(reason), n) for reason, n in found.reasons.items()]
    rows = [row for row in rows if row[0]["reason"] != "language_unsupported"]
    named = sorted(found.languages.items(), key=lambda one: (-one[1], one[0]))
    rows += [
        (
            {"reason": "language_unsupported", "language": code},
            language_name(code) or _("another language"),
            n,
        )
        for code, n in named[:_MOST_LINES]
    ]
    if more := named[_MOST_LINES:]:
        words = ngettext("%s other language", "%s other languages", len(more)) % len(more)
        rows.append(({"reason": "language_unsupported"}, words, sum(n for _code, n in more)))
    here = reverse("staff:reading-unscored")
    whole = found.comments or 1
    return [
        Line(name, n, n / whole, f"{here}?{urlencode({**query, 'days': days or ''})}")
        for query, name, n in sorted(rows, key=lambda row: (-row[2], row[1]))
    ]


def why_unscored(reason: str) -> str:
    return str(UNSCORED_REASONS.get(reason, reason.replace("_", " ")))


def _shares(found: Coverage) -> list[Line]:
    order = (Sentiment.POSITIVE, Sentiment.MIXED, Sentiment.NEUTRAL, Sentiment.NEGATIVE)
    here = reverse("staff:responses")
    return [
        Line(
            str(value.label),
            found.sentiments.get(value, 0),
            found.sentiments.get(value, 0) / (found.scored or 1),
            f"{here}?sentiment={value.value}",
            value.value,
        )
        for value in order
    ]


# ---- Comments without a sentiment ------------------------------------------------------


@require_safe
@staff_page("feedback.view_reading")
def unscored_comments(request: HttpRequest) -> HttpResponse:
    """Which comments have no sentiment, and is their language right?"""
    chosen = {name: request.GET.get(name, "")[:60] for name in ("reason", "language", "survey")}
    days = _days(request)
    page = page_of(unscored(**chosen, days=days), request)
    whole = total(one.coverage for one in coverage_by_survey(days=days))
    kept = {name: value for name, value in {**chosen, "days": days or ""}.items() if value != ""}
    context = {
        "tabs": reading_tabs("reading-unscored"),
        "page": page,
        "rows": [
            (quote(row), why_unscored(row.reading.reason), language_name(row.reading.language))
            for row in page
        ],
        "lines": _reason_lines(whole, days),
        "chosen": chosen,
        "query": f"{urlencode(kept)}&" if kept else "",
        "languages": languages_to_set(),
    }
    return render(request, "feedback/teaching/unscored.html", context)


def languages_to_set() -> list[tuple[str, str]]:
    """Return (code, name) of languages a person may set: ours first, then frequent others."""
    codes = [code for code, _name in settings.LANGUAGES]
    codes += [code for code in ("it", "nl", "pl", "pt", "tr", "ru", "ja") if code not in codes]
    return [(code, language_name(code)) for code in codes]
