"""Saved answers: checked, stored, retired, counted when used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.gaps import GAPS, has_stray_brace, unknown_gaps
from feedback.models import SavedAnswer, Theme
from outbox.transactions import write


@dataclass(frozen=True, slots=True)
class Draft:
    """A saved answer as somebody writes it; `themes` are short names."""

    title: str
    text: str
    language: str
    themes: Sequence[str] = ()
    sentiment: str = ""
    tone: str = ""


class Refused(Exception):
    """It cannot be saved; `reasons` by field."""

    def __init__(self, reasons: dict[str, list[str]]) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons


def draft_of(answer: SavedAnswer) -> Draft:
    themes = sorted(theme.slug for theme in answer.themes.all())
    return Draft(answer.title, answer.text, answer.language, themes, answer.sentiment, answer.tone)


def problems_of(draft: Draft) -> dict[str, list[str]]:
    """Return field -> everything that keeps a draft from being saved."""
    found: dict[str, list[str]] = {}
    known = ", ".join(f"{{{name}}}" for name in GAPS)
    unknown = [
        _("“{%(name)s}” is no gap that can be filled. There are: %(known)s.")
        % {"name": name[:40], "known": known}
        for name in unknown_gaps(draft.text)
    ]
    if has_stray_brace(draft.text):
        unknown.append(_("A brace opens or closes nothing. Write a gap as {name}."))
    if unknown:
        found["text"] = unknown
    if not (draft.themes or draft.sentiment or draft.tone):
        found["themes"] = [
            _("Say what it is for: a theme, certain words or a score. What is for all fits nobody.")
        ]
    return found


def save(draft: Draft, *, by: str, answer: SavedAnswer | None = None) -> SavedAnswer:
    """Store a draft over `answer` (None: as a new one). Refused says what is wrong with it."""
    reasons = problems_of(draft)
    themes = list(Theme.objects.filter(slug__in=draft.themes))
    lacking = sorted(set(draft.themes) - {theme.slug for theme in themes})
    if lacking:
        reasons["themes"] = [_("There is no theme “%s”.") % slug for slug in lacking]
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    row = answer or SavedAnswer(created_by=by[:150])
    row.title, row.text, row.language = draft.title, draft.text, draft.language
    row.sentiment, row.tone = draft.sentiment, draft.tone
    row.changed_by, row.changed_at = by[:150], now
    try:
        with write():
            row.save()
            row.themes.set(themes)
    except IntegrityError:
        taken = _("There is an answer of this title in this language. Change that one.")
        raise Refused({"title": [taken]}) from None
    return row


def switch(answer: SavedAnswer, *, is_active: bool) -> None:
    """Retire an answer (it is suggested no more, and kept), or take it back into use."""
    SavedAnswer.objects.filter(pk=answer.pk).update(is_active=is_active)


def note_use(pk: int) -> bool:
    """Count that a draft was copied or opened in a mail program; False when it is gone."""
    rows = SavedAnswer.objects.filter(pk=pk)
    return bool(rows.update(used=F("used") + 1, used_at=timezone.now()))
