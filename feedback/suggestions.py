"""Themes that comments ask for: mined, offered, and decided by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from feedback import theme_editor
from feedback.marking import Piece, marked_forms
from feedback.models import Response, Theme, ThemeSuggestion
from feedback.text.mining import Phrase, mine
from feedback.theme_editor import ThemeDraft
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Setback, Work
from outbox.transactions import write

SUGGEST = "suggest"
PERIOD = timedelta(days=30)
MOST_COMMENTS = 20_000
MOST_OFFERED = 20
_State = ThemeSuggestion.State
_Comments = Sequence[tuple[int, str]]


class AlreadyDecided(Exception):
    """Somebody else accepted, merged or dismissed this suggestion meanwhile."""


def ask_for_refresh() -> None:
    """Have the comments looked through in the background."""
    enqueue([Wanted(SUGGEST, 0, SUGGEST, repeats=True)])


def refresh_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "suggest"."""
    refresh()
    return ()


def last_refreshed() -> tuple[datetime | None, bool]:
    """Return when comments were last looked through, and whether they are about to be."""
    job = Job.objects.filter(dedupe_key=SUGGEST).first()
    if job is None:
        return None, False
    return job.done_at, job.state in (Job.State.PENDING, Job.State.CLAIMED)


def refresh() -> int:
    """Mine the last thirty days against the thirty before; return how many are open.

    What a person decided stays decided; open phrases nobody uses any more go.
    """
    now = timezone.now()
    newest = _comments(now - PERIOD, now)
    before = [text for _, text in _comments(now - 2 * PERIOD, now - PERIOD)]
    found = mine([text for _, text in newest], before, known=_held(), most=MOST_OFFERED)
    with write():
        gone = ThemeSuggestion.objects.filter(state=_State.OPEN)
        gone.exclude(phrase__in=[phrase.text for phrase in found]).delete()
        ThemeSuggestion.objects.bulk_create(
            [_suggestion(phrase, newest, at=now) for phrase in found],
            update_conflicts=True,
            unique_fields=["phrase"],
            update_fields=["comments", "before", "growth", "examples", "found_at"],
        )
    return open_suggestions().count()


def open_suggestions() -> QuerySet[ThemeSuggestion]:
    """Return what waits for a decision, most frequent first."""
    return ThemeSuggestion.objects.filter(state=_State.OPEN).order_by("-comments", "phrase")


def _suggestion(phrase: Phrase, newest: _Comments, *, at: datetime) -> ThemeSuggestion:
    return ThemeSuggestion(
        phrase=phrase.text,
        comments=phrase.comments,
        before=phrase.before,
        growth=phrase.growth,
        examples=[newest[index][0] for index in phrase.examples],
        found_at=at,
    )


def _comments(since: datetime, until: datetime) -> _Comments:
    rows = Response.objects.filter(submitted_at__gte=since, submitted_at__lt=until)
    rows = rows.exclude(comment="").filter(reading__language="en")
    return list(rows.order_by("-submitted_at", "-id").values_list("pk", "comment")[:MOST_COMMENTS])


def _held() -> list[str]:
    """Return what a theme has already, used or not, and what was dismissed."""
    themes = Theme.objects.values_list("words", "stems", "phrases")
    dismissed = ThemeSuggestion.objects.filter(state=_State.DISMISSED)
    held = [text for lists in themes for texts in lists for text in texts]
    return [*held, *dismissed.values_list("phrase", flat=True)]


@dataclass(frozen=True, slots=True)
class Example:
    response: Response
    pieces: Sequence[Piece]


def examples_of(
    suggestions: Sequence[ThemeSuggestion], *, most: int = 3
) -> Mapping[int, Sequence[Example]]:
    """Return example comments by suggestion, the phrase marked; one query for all of them."""
    ids = {pk for suggestion in suggestions for pk in suggestion.examples[:most]}
    responses = Response.objects.select_related("survey").in_bulk(ids)
    return {
        suggestion.pk: [
            Example(responses[pk], marked_forms(responses[pk].comment, [suggestion.phrase]))
            for pk in suggestion.examples[:most]
            if pk in responses
        ]
        for suggestion in suggestions
    }


def accept(suggestion: ThemeSuggestion, *, name: str, by: str) -> Theme:
    """Make the phrase a theme of its own and read history again.

    The caller has checked `draft_for` (`theme_editor.problems_of`).
    AlreadyDecided if somebody was faster.
    """
    with write():
        _decide(suggestion, state=_State.ACCEPTED, by=by)
        return theme_editor.save(draft_for(suggestion, name=name), by=by)


def draft_for(suggestion: ThemeSuggestion, *, name: str) -> ThemeDraft:
    """Return the theme a suggestion would become."""
    field = "phrases" if " " in suggestion.phrase else "words"
    return ThemeDraft(name, **{field: (suggestion.phrase,)})


def merge(suggestion: ThemeSuggestion, theme: Theme, *, by: str) -> None:
    """Add the phrase to an existing theme and read history again."""
    draft = theme_editor.draft_of(theme)
    field = "phrases" if " " in suggestion.phrase else "words"
    entries = tuple(dict.fromkeys((*getattr(draft, field), suggestion.phrase)))
    changed: dict[str, Any] = {field: entries}
    with write():
        _decide(suggestion, state=_State.MERGED, by=by)
        theme_editor.save(replace(draft, **changed), theme=theme, by=by)


def dismiss(suggestion: ThemeSuggestion, *, by: str) -> None:
    """Never offer this phrase again."""
    _decide(suggestion, state=_State.DISMISSED, by=by)


def reopen(suggestion: ThemeSuggestion) -> None:
    """Take a dismissal back."""
    dismissed = ThemeSuggestion.objects.filter(pk=suggestion.pk, state=_State.DISMISSED)
    dismissed.update(state=_State.OPEN, decided_by="", decided_at=None)


def _decide(suggestion: ThemeSuggestion, *, state: str, by: str) -> None:
    waiting = ThemeSuggestion.objects.filter(pk=suggestion.pk, state=_State.OPEN)
    if not waiting.update(state=state, decided_by=by, decided_at=timezone.now()):
        raise AlreadyDecided(suggestion.phrase)
