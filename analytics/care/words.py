"""A warning sign as a person reads it: what it says, the evidence with links, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.care.models import WarningSign
from analytics.care.rules import rows_of
from analytics.success.conversation_words import alert_words
from analytics.success.models import Conversation
from analytics.success.moments import band_words
from analytics.success.timeline import component_words
from feedback.models import Response

_Kind = WarningSign.Kind


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of what raised a sign: a sentence, and where it can be looked at."""

    text: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A sign in words: `title` is the finding, `evidence` what it stands on."""

    title: str
    evidence: tuple[Evidence, ...]

    @property
    def line(self) -> str:
        return " · ".join(piece.text for piece in self.evidence)


def told(signs: Sequence[WarningSign]) -> dict[int, Told]:
    """Return sign -> its words, of many signs in two queries."""
    talks, answers = _talks(signs), _answers(signs)
    return {sign.pk: _told(sign, talks, answers) for sign in signs}


def _told(
    sign: WarningSign, talks: Mapping[int, Conversation], answers: Mapping[int, Response]
) -> Told:
    match sign.kind:
        case _Kind.HEALTH_FALL:
            return _health_fall(sign)
        case _Kind.RENEWAL:
            return _renewal(sign)
        case _Kind.CONVERSATION:
            return _conversation(sign, talks)
    return _detractor(sign, answers)


def _keys(signs: Iterable[WarningSign], kind: str) -> list[int]:
    return [key for sign in signs if sign.kind == kind for key in rows_of(sign.evidence)]


def _talks(signs: Iterable[WarningSign]) -> dict[int, Conversation]:
    return Conversation.objects.in_bulk(_keys(signs, _Kind.CONVERSATION))


def _answers(signs: Iterable[WarningSign]) -> dict[int, Response]:
    rows = Response.objects.select_related("survey").only("score", "submitted_at", "survey__name")
    return rows.in_bulk(_keys(signs, _Kind.DETRACTOR))


# ---- By kind -------------------------------------------------------------------------


def _health_fall(sign: WarningSign) -> Told:
    said = sign.evidence
    lost = float(said["before"]) - float(said["score"])
    then = date.fromisoformat(said["before_date"])
    title = _("Health fell by %(points)s points in a month") % {"points": figures.number(lost)}
    if said["band"] != said["before_band"] and said["before_band"]:
        title = _("Health fell from %(before)s to %(now)s in a month") % {
            "before": band_words(said["before_band"]),
            "now": band_words(said["band"]),
        }
    level = _("%(before)s points on %(day)s, %(now)s when raised") % {
        "before": figures.number(said["before"]),
        "day": figures.day_text(then),
        "now": figures.number(said["score"]),
    }
    parts = [
        _("%(part)s %(before)s → %(now)s")
        % {
            "part": component_words(name),
            "before": figures.number(was),
            "now": figures.number(now),
        }
        for name, was, now in said["parts"]
    ]
    address = reverse("staff:account", args=[sign.customer_id])
    version = _("by definition %(n)s of health, both days") % {"n": said["version"]}
    pieces = [Evidence(level, f"{address}#health", version)]
    if parts:
        pieces.append(Evidence(", ".join(parts), f"{address}#health"))
    return Told(title, tuple(pieces))


def _renewal(sign: WarningSign) -> Told:
    said = sign.evidence
    due = date.fromisoformat(said["due"])
    title = _("The term ends on %(day)s, and health is poor") % {"day": figures.day_text(due)}
    address = reverse("staff:account", args=[sign.customer_id])
    level = _("health is poor")
    if "score" in said:
        level = _("%(score)s of 100 points when raised") % {"score": figures.number(said["score"])}
    if said["by"]:
        level = _("poor, says %(who)s") % {"who": said["by"]}
    return Told(title, (Evidence(level, f"{address}#health"),))


def _conversation(sign: WarningSign, talks: Mapping[int, Conversation]) -> Told:
    keys = rows_of(sign.evidence)
    title = ngettext(
        "A conversation wants a supervisor", "%(n)s conversations want a supervisor", len(keys)
    ) % {"n": figures.count_text(len(keys))}
    return Told(title, tuple(_talk(talks.get(key)) for key in keys))


def _talk(row: Conversation | None) -> Evidence:
    if row is None:
        return Evidence(_("a conversation that is deleted since"))
    text = _("Conversation %(ticket)s: %(why)s") % {"ticket": row.ticket, "why": alert_words(row)}
    note = ""
    if row.probability is not None:
        note = _("predicted now: %(share)s would rate it good") % {
            "share": figures.share_text(row.probability)
        }
    return Evidence(text, reverse("staff:conversation", args=[row.pk]), note)


def _detractor(sign: WarningSign, answers: Mapping[int, Response]) -> Told:
    keys = rows_of(sign.evidence)
    there = [answers[key] for key in keys if key in answers]
    title = ngettext("A detractor answered", "%(n)s detractors answered", len(keys)) % {
        "n": figures.count_text(len(keys))
    }
    if len(keys) == 1 and there:
        title = _("A detractor answered with %(score)s") % {"score": there[0].score}
    return Told(title, tuple(_answer(answers.get(key)) for key in keys))


def _answer(row: Response | None) -> Evidence:
    if row is None:
        return Evidence(_("an answer that is erased since"))
    text = _("%(survey)s: %(score)s on %(day)s") % {
        "survey": row.survey.name,
        "score": row.score,
        "day": figures.day_text(row.submitted_at.date()),
    }
    return Evidence(text, reverse("staff:response", args=[row.pk]))


# ---- How it stands -------------------------------------------------------------------

TONES = {"open": "alert", "seen": "accent", "acted": "positive"}
"""State -> tone of its chip."""


def due_words(due: date | None, today: date) -> str:
    """Return "3 days overdue", "today", "in 5 days"; "" without a day."""
    if due is None:
        return ""
    days = (due - today).days
    if days == 0:
        return _("today")
    if days < 0:
        said = ngettext("one day overdue", "%(n)s days overdue", -days)
        return said % {"n": figures.count_text(-days)}
    said = ngettext("tomorrow", "in %(n)s days", days)
    return said % {"n": figures.count_text(days)}


def due_view(due: date | None, today: date) -> dict[str, Any]:
    """Return the day, how far it is, and whether it is over."""
    return {
        "day": figures.day_text(due, has_year=due.year != today.year) if due else "",
        "words": due_words(due, today),
        "is_late": due is not None and due < today,
        "is_today": due == today,
    }
