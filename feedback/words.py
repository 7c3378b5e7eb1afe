"""Own words: see which past comments would change, then apply and read history again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from feedback import rereading
from feedback.marking import Piece, marked
from feedback.models import OwnWord, Rereading, Response, Verdict
from feedback.readers import reader_with
from feedback.reading import look
from outbox.transactions import write

MOST_LOOKED_AT = 2_000
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class WouldChange:
    """One past comment that would be read otherwise, with the words in question marked."""

    response: Response
    pieces: Sequence[Piece]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of words would do to past comments.

    `found`: comments with one of the words, among the newest that were looked
    at; `is_cut` when there are more of them than that. `changed` of them would
    get another label; `changes` are the first of those.
    """

    found: int
    is_cut: bool
    changes: Sequence[WouldChange]
    changed: int


def waiting() -> QuerySet[OwnWord]:
    """Return the words that are new or have another weight than the one in force."""
    return OwnWord.objects.filter(Q(applied_weight__isnull=True) | ~Q(applied_weight=F("weight")))


def words_as_they_will_be() -> dict[str, float]:
    return dict(OwnWord.objects.values_list("text", "weight"))


def preview() -> Preview:
    """Compare, on past comments with a waiting word, how they read now and would read."""
    texts = list(waiting().values_list("text", flat=True))
    return _compare(texts, words_as_they_will_be())


def preview_without(word: OwnWord) -> Preview:
    """Say what taking one word back would change."""
    words = _in_force()
    words.pop(word.text, None)
    return _compare([word.text], words)


def _in_force() -> dict[str, float]:
    rows = OwnWord.objects.values_list("text", "applied_weight")
    return {text: weight for text, weight in rows if weight is not None}


def _compare(touched: Collection[str], words: Mapping[str, float]) -> Preview:
    if not touched:
        return Preview(0, False, (), 0)
    ids = _with_any(touched)
    looked_at = ids[:MOST_LOOKED_AT]
    before = look(looked_at).labels()
    after = look(looked_at, reader=reader_with(words)).labels()
    changed = _not_judged([pk for pk in looked_at if before.get(pk) != after.get(pk)])
    shown = Response.objects.select_related("survey").in_bulk(changed[:MOST_SHOWN])
    changes = [
        WouldChange(shown[pk], marked(shown[pk].comment, touched), before[pk], after[pk])
        for pk in changed
        if pk in shown
    ]
    return Preview(len(looked_at), len(ids) > MOST_LOOKED_AT, changes, len(changed))


def _with_any(texts: Collection[str]) -> list[int]:
    """Return the newest comments with one of the words, one more than are looked at."""
    contains = Q()
    for text in texts:
        contains |= Q(comment__icontains=text)
    newest = Response.objects.filter(contains).order_by("-submitted_at", "-id")
    return list(newest.values_list("pk", flat=True)[: MOST_LOOKED_AT + 1])


def _not_judged(response_ids: Sequence[int]) -> list[int]:
    """Leave out comments whose label a person has set: it stays."""
    about = Verdict.objects.filter(what=Verdict.What.SENTIMENT, response_id__any_of=response_ids)
    judged = set(about.values_list("response_id", flat=True))
    return [pk for pk in response_ids if pk not in judged]


def put(text: str, weight: float, *, by: str) -> OwnWord:
    """Write a word down to be applied later; one that is there gets the new weight."""
    word, _created = OwnWord.objects.update_or_create(
        text=" ".join(text.lower().split()),
        defaults={"weight": weight},
        create_defaults={"weight": weight, "created_by": by},
    )
    return word


def apply(*, by: str) -> Rereading | None:
    """Put all waiting words in force and read past comments again; None when none waits."""
    with write():
        texts = list(waiting().values_list("text", flat=True))
        if not texts:
            return None
        waiting().update(applied_weight=F("weight"))
        return rereading.start(reason=f"own words: {', '.join(texts)}", by=by)


def remove(word: OwnWord, *, by: str) -> Rereading | None:
    """Forget a word; if it was in force, history is read again without it."""
    with write():
        word.delete()
        if word.applied_weight is None:
            return None
        return rereading.start(reason=f"own word removed: {word.text}", by=by)
