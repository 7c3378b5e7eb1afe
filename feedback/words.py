"""Own words: see which past comments would change, then apply and read history again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from feedback import rereading
from feedback.models import OwnWord, Rereading, Response
from feedback.readers import current_reader, reader_with
from outbox.transactions import write

MOST_LOOKED_AT = 2_000
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class WouldChange:
    """One past comment that would be read otherwise."""

    response: Response
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the words not yet applied would do.

    `found`: comments with one of the words among the newest that were looked
    at; `is_cut` when there are more of them than that.
    """

    found: int
    is_cut: bool
    changes: tuple[WouldChange, ...]
    changed: int


def words_as_they_will_be() -> dict[str, float]:
    return dict(OwnWord.objects.values_list("text", "weight"))


def preview() -> Preview:
    """Compare, on past comments that contain a waiting word, how they read now and would read."""
    waiting = list(OwnWord.objects.filter(is_applied=False).values_list("text", flat=True))
    return _compare(waiting, words_as_they_will_be())


def preview_without(word: OwnWord) -> Preview:
    """Say what taking one applied word back would change."""
    words = words_as_they_will_be()
    words.pop(word.text, None)
    return _compare([word.text], words)


def _compare(touched: list[str], words: Mapping[str, float]) -> Preview:
    if not touched:
        return Preview(0, False, (), 0)
    contains = Q()
    for text in touched:
        contains |= Q(comment__icontains=text)
    responses = list(
        Response.objects.filter(contains).order_by("-submitted_at", "-id")[: MOST_LOOKED_AT + 1]
    )
    looked_at = responses[:MOST_LOOKED_AT]
    said = [(response.comment, response.language or None) for response in looked_at]
    now = current_reader().reader.read_many(said)
    then = reader_with(words).reader.read_many(said)
    changes = tuple(
        WouldChange(response, a.sentiment, b.sentiment)
        for response, a, b in zip(looked_at, now, then, strict=True)
        if a.sentiment != b.sentiment
    )
    return Preview(
        len(looked_at), len(responses) > MOST_LOOKED_AT, changes[:MOST_SHOWN], len(changes)
    )


def apply(*, by: str) -> Rereading:
    """Put all own words in force and read every past comment again in the background."""
    with write():
        waiting = list(OwnWord.objects.filter(is_applied=False).values_list("text", flat=True))
        OwnWord.objects.filter(is_applied=False).update(is_applied=True)
        return rereading.start(reason=f"own words: {', '.join(waiting)}"[:200], by=by)


def remove(word: OwnWord, *, by: str) -> Rereading | None:
    """Forget a word; if it was in force, history is read again without it."""
    with write():
        word.delete()
        if not word.is_applied:
            return None
        return rereading.start(reason=f"own word removed: {word.text}", by=by)
