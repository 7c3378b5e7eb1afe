"""Charts of what customers say: shares of comments, and how far invitations came."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.bars import draw_lengths
from analytics.periods import Period
from analytics.scores.queries import theme_names
from analytics.statistics.result import Result
from analytics.success.charts import Chart, Maker, funnel
from analytics.success.queries import Facts
from feedback.inbox_panels import EMOTION_NAMES
from feedback.models import Sentiment

MOST_BARS = 12


def _sentiments(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    counts = [(str(label), result.parts.get(key, 0)) for key, label in Sentiment.choices]
    return _shares(_("How comments speak"), counts, of=sum(n for _name, n in counts))


def _themes(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    names = theme_names()
    each = result.parts.get("by_theme", {})
    counts = [(names.get(slug, slug), part["count"]) for slug, part in each.items()]
    title = _("What comments are about")
    if len(counts) > MOST_BARS:
        title = _("What comments are about, the first %(n)s themes") % {"n": MOST_BARS}
    return _shares(title, counts[:MOST_BARS], of=result.n)


def _emotions(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    each = result.parts.get("by_emotion", {})
    counts = [(str(EMOTION_NAMES[name]), part["count"]) for name, part in each.items()]
    if counts:
        counts.append((_("none recognised"), result.parts["without"]))
    return _shares(_("Which emotions comments show"), counts, of=result.n)


def _shares(title: str, counts: list[tuple[str, int]], *, of: int) -> Chart | None:
    if not of or not counts:
        return None
    lengths = draw_lengths([float(n) for _name, n in counts], of=float(of))
    bars = [
        {
            "name": name[:1].upper() + name[1:],
            "count": figures.share_text(n / of),
            "length": length,
            "share": figures.count_text(n),
        }
        for (name, n), length in zip(counts, lengths, strict=True)
    ]
    return {"kind": "bars", "title": title, "bars": bars}


def _came(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    names = {
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "opened": _("Opened, at least"),
        "answered": _("Answered"),
        "commented": _("With words"),
    }
    steps = [(label, result.parts.get(name, 0)) for name, label in names.items()]
    return funnel(_("How far invitations came"), steps)


CHARTS: dict[str, Maker] = {
    "net-sentiment": _sentiments,
    "theme-share": _themes,
    "emotion-share": _emotions,
    "survey-response-rate": _came,
}
