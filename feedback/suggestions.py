"""Themes that comments ask for: mined, offered, and decided by a person."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.text import slugify

from feedback import rereading
from feedback.models import Response, Theme, ThemeSuggestion
from feedback.text.mining import mine
from outbox.transactions import write

PERIOD = timedelta(days=30)
MOST_COMMENTS = 20_000
_State = ThemeSuggestion.State


def refresh() -> int:
    """Mine the last thirty days against the thirty before; return how many are open.

    What a person decided stays decided; open phrases nobody uses any more go.
    """
    now = timezone.now()
    newest = _comments(now - PERIOD, now)
    before = [text for _, text in _comments(now - 2 * PERIOD, now - PERIOD)]
    found = mine([text for _, text in newest], before, known=_held(), most=20)
    with write():
        ThemeSuggestion.objects.filter(state=_State.OPEN).exclude(
            phrase__in=[phrase.text for phrase in found]
        ).delete()
        ThemeSuggestion.objects.bulk_create(
            [
                ThemeSuggestion(
                    phrase=phrase.text,
                    comments=phrase.comments,
                    before=phrase.before,
                    growth=phrase.growth,
                    examples=[newest[index][0] for index in phrase.examples],
                    found_at=now,
                )
                for phrase in found
            ],
            update_conflicts=True,
            unique_fields=["phrase"],
            update_fields=["comments", "before", "growth", "examples", "found_at"],
        )
    return ThemeSuggestion.objects.filter(state=_State.OPEN).count()


def _comments(since: object, until: object) -> list[tuple[int, str]]:
    rows = Response.objects.filter(submitted_at__gte=since, submitted_at__lt=until)
    rows = rows.exclude(comment="").filter(reading__language="en").order_by("-submitted_at")
    return list(rows.values_list("pk", "comment")[:MOST_COMMENTS])


def _held() -> list[str]:
    """Return every word and phrase that a theme has already."""
    themes = Theme.objects.values_list("words", "stems", "phrases")
    return [text for lists in themes for texts in lists for text in texts]


def accept(suggestion: ThemeSuggestion, *, name: str, by: str) -> Theme:
    """Make the phrase a theme of its own and read history again."""
    with write():
        theme = Theme.objects.create(slug=_free_slug(name), name=name, phrases=[suggestion.phrase])
        _decide(suggestion, state=_State.ACCEPTED, by=by)
        rereading.start(reason=f"new theme: {name}"[:200], by=by)
    return theme


def merge(suggestion: ThemeSuggestion, theme: Theme, *, by: str) -> None:
    """Add the phrase to an existing theme and read history again."""
    with write():
        theme.phrases = [*theme.phrases, suggestion.phrase]
        theme.save(update_fields=["phrases"])
        _decide(suggestion, state=_State.MERGED, by=by)
        rereading.start(reason=f"theme {theme.name}: + {suggestion.phrase}"[:200], by=by)


def dismiss(suggestion: ThemeSuggestion, *, by: str) -> None:
    """Never offer this phrase again."""
    _decide(suggestion, state=_State.DISMISSED, by=by)


def _decide(suggestion: ThemeSuggestion, *, state: str, by: str) -> None:
    ThemeSuggestion.objects.filter(pk=suggestion.pk).update(
        state=state, decided_by=by, decided_at=timezone.now()
    )


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "theme"
    taken = set(Theme.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(slug for slug in candidates if slug not in taken)
