"""Read comments in batches: fetch, read, write, and ask for what follows.

Repeatable: the result is a pure function of the comment, what people said
about it (Verdict) and the reader's version. Reading happens outside the
transaction, so a batch holds SQLite's only writer for the writing alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncDate
from django.utils import timezone

from feedback import recording
from feedback.models import Response, Verdict
from feedback.readers import Reader, current_reader
from feedback.recording import Before, EmotionRow, MentionRow, ReadingRow
from feedback.text.findings import CommentReading, unscored
from feedback.verdicts import NOTHING, Said, keys_said, verdicts_on
from outbox.days import zone
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import check_references, write

log = logging.getLogger(__name__)
TALLY = "tally"
_What = Verdict.What


class Comment(NamedTuple):
    """One response as it is read; a tuple, because a batch makes hundreds of them."""

    pk: int
    survey_id: int
    day: date
    text: str
    version: int
    page_language: str
    survey_language: str
    asked_day: date | None
    known_version: int | None  # of the response when it was last read; None: never
    is_judged: bool


_COLUMNS = (
    "pk", "survey_id", "submitted_date", "comment", "version", "language",
    "survey__language", "asked_day", "reading__response_version", "is_judged",
)  # fmt: skip


class Draft(NamedTuple):
    """One reading with what people say about it, not written yet."""

    comment: Comment
    found: CommentReading
    said: Said


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reader reads in some comments, not written yet."""

    drafts: Sequence[Draft]
    reader: Reader

    def labels(self) -> dict[int, str]:
        """Return what the reader says of each comment, by response id."""
        return {draft.comment.pk: draft.found.sentiment for draft in self.drafts}


@dataclass(frozen=True, slots=True)
class Kept:
    """What writing a batch came to: comments read, and those that read otherwise than before."""

    read: int = 0
    changed: int = 0


def read_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "read": subject = response."""
    read_responses([item.subject_id for item in work])
    return ()


def read_responses(response_ids: Collection[int]) -> int:
    """Read these responses' comments and write what was found; return how many."""
    batch = look(response_ids)
    if not batch.drafts:
        return 0
    with write():
        return keep(batch).read


def look(response_ids: Collection[int], *, reader: Reader | None = None) -> Batch:
    """Fetch and read (with the reader in force); nothing is written and nothing locked."""
    # In one order everywhere, so that two workers at the same rows wait instead of deadlocking.
    rows = Response.objects.filter(pk__any_of=response_ids).order_by("pk")
    rows = rows.annotate(
        asked_day=TruncDate("invitation__sent_at", tzinfo=zone()),
        is_judged=Exists(Verdict.objects.filter(response=OuterRef("pk"))),
    )
    comments = [Comment(*row) for row in rows.values_list(*_COLUMNS)]
    reader = reader or current_reader()
    said = verdicts_on({c.pk: c.text for c in comments if c.is_judged})
    readings = _read(comments, said, reader)
    drafts = [
        Draft(comment, found, said.get(comment.pk, NOTHING))
        for comment, found in zip(comments, readings, strict=True)
    ]
    return Batch(drafts, reader)


def _read(
    comments: Sequence[Comment], said: Mapping[int, Said], reader: Reader
) -> list[CommentReading]:
    declared = [(c.text, c.page_language or c.survey_language or None) for c in comments]
    try:
        readings = reader.reader.read_many(declared)
    except Exception:
        # Poison harms nobody but itself: the batch is read one by one.
        log.exception("reading failed comments=%d", len(comments))
        return [_read_alone(c, said.get(c.pk, NOTHING), reader) for c in comments]
    for at, comment in enumerate(comments):
        if comment.is_judged and _set_language(said.get(comment.pk, NOTHING)):
            readings[at] = _read_alone(comment, said[comment.pk], reader)
    return readings


def _read_alone(comment: Comment, said: Said, reader: Reader) -> CommentReading:
    """Read one comment, in the language a person set, else the page's or survey's as evidence."""
    certain = _set_language(said)
    language = certain or comment.page_language or comment.survey_language or None
    try:
        return reader.reader.read(comment.text, language=language, is_certain=bool(certain))
    except Exception as error:  # noqa: BLE001  whatever it is, the next comment is read
        log.warning("comment unreadable response=%d error=%s", comment.pk, type(error).__name__)
        return unscored("unreadable")


def _set_language(said: Said) -> str:
    return said.get((_What.LANGUAGE, ""), "")


def keep(batch: Batch) -> Kept:
    """Write a batch and have touched days recounted, in the transaction of the caller.

    A comment nobody has read cannot be judged meanwhile without having been
    read, too; so what is inserted needs no second look at verdicts, and what
    is on record gets one, under its lock.
    """
    inserted = _insert([d for d in batch.drafts if d.comment.known_version is None], batch.reader)
    others = [d for d in batch.drafts if d.comment.pk not in inserted]
    before = recording.hold_readings([d.comment.pk for d in others])
    again = _as_judged_now([d for d in others if _is_due(d.comment, before)], batch.reader)
    changed = _update(again, before, batch.reader)
    touched = inserted | changed
    days = _buckets([d.comment for d in batch.drafts if d.comment.pk in touched], before)
    check_references()
    enqueue(tally_wanted(days))
    return Kept(len(inserted) + len(again), len(changed))


def _is_due(comment: Comment, before: Mapping[int, Before]) -> bool:
    """Say whether the reading on record is none of a newer revision (and not erased)."""
    was = before.get(comment.pk)
    return was is not None and was.response_version <= comment.version


def _as_judged_now(drafts: Sequence[Draft], reader: Reader) -> list[Draft]:
    """Return the drafts with the verdicts now in force, read anew where the language is another."""
    said = verdicts_on({draft.comment.pk: draft.comment.text for draft in drafts})
    current = []
    for comment, found, was_said in drafts:
        now_said = said.get(comment.pk, NOTHING)
        if _set_language(now_said) != _set_language(was_said):
            found = _read_alone(comment, now_said, reader)
        current.append(Draft(comment, found, now_said))
    return current


def _insert(drafts: Sequence[Draft], reader: Reader) -> set[int]:
    rows = [_reading_row(draft) for draft in drafts]
    inserted = recording.insert_readings(rows, version=reader.version, at=timezone.now())
    chosen = [draft for draft in drafts if draft.comment.pk in inserted]
    recording.insert_mentions([row for draft in chosen for row in _mention_rows(draft, reader)])
    recording.insert_emotions([row for draft in chosen for row in _emotion_rows(draft)])
    return inserted


def _update(drafts: Sequence[Draft], before: Mapping[int, Before], reader: Reader) -> set[int]:
    """Write over older readings; return the ids of responses that read otherwise now."""
    if not drafts:
        return set()
    ids = [draft.comment.pk for draft in drafts]
    rows = [_reading_row(draft) for draft in drafts]
    recording.update_readings(rows, version=reader.version, at=timezone.now())
    changed = {row.response_id for row in rows if before[row.response_id] != Before(*row[1:4])}
    mentions = (row for draft in drafts for row in _mention_rows(draft, reader))
    changed |= recording.replace_mentions(ids, mentions)
    emotions = (row for draft in drafts for row in _emotion_rows(draft))
    return changed | recording.replace_emotions(ids, emotions)


def _reading_row(draft: Draft) -> ReadingRow:
    comment, found, said = draft
    return ReadingRow(
        response_id=comment.pk,
        response_version=comment.version,
        language=said.get((_What.LANGUAGE, ""), found.language),
        sentiment=said.get((_What.SENTIMENT, ""), found.sentiment),
        read_sentiment=found.sentiment,
        reason=found.reason,
        compound=found.compound,
        confidence=found.confidence,
        clauses=[(clause.start, clause.end, clause.sentiment) for clause in found.clauses],
    )


def _mention_rows(draft: Draft, reader: Reader) -> Iterable[MentionRow]:
    comment, found, said = draft
    denied = keys_said(said, what=_What.THEME, word="no") if said else ()
    for mention in found.mentions:
        if mention.theme not in denied:
            yield MentionRow(
                comment.pk,
                reader.theme_ids[mention.theme],
                mention.start,
                mention.end,
                said.get((_What.MENTION, mention.theme), mention.sentiment),
                mention.compound,
            )
    if said:
        yield from _added_mentions(draft, reader)


def _added_mentions(draft: Draft, reader: Reader) -> Iterable[MentionRow]:
    """Yield the themes a person added: they are about the whole comment."""
    comment, found, said = draft
    read = {mention.theme for mention in found.mentions}
    for slug in sorted(keys_said(said, what=_What.THEME, word="yes") - read):
        if slug in reader.theme_ids:
            yield MentionRow(
                comment.pk,
                reader.theme_ids[slug],
                0,
                len(comment.text),
                said.get((_What.MENTION, slug)) or said.get((_What.SENTIMENT, ""), found.sentiment),
                found.compound,
            )


def _emotion_rows(draft: Draft) -> list[EmotionRow]:
    comment, found, said = draft
    names = set(found.emotions)
    if said:
        names |= keys_said(said, what=_What.EMOTION, word="yes")
        names -= keys_said(said, what=_What.EMOTION, word="no")
    return [EmotionRow(comment.pk, name) for name in sorted(names)]


def _buckets(comments: Iterable[Comment], before: Mapping[int, Before]) -> set[tuple[int, date]]:
    """Return the (survey, day) whose numbers move: of the answer and, if new, of the asking."""
    buckets = set()
    for comment in comments:
        buckets.add((comment.survey_id, comment.day))
        was = before.get(comment.pk)
        if comment.asked_day and (was is None or was.response_version != comment.version):
            buckets.add((comment.survey_id, comment.asked_day))
    return buckets


def tally_wanted(buckets: Iterable[tuple[int, date]]) -> list[Wanted]:
    """Return the recount work for touched (survey id, day) buckets."""
    return [
        Wanted(TALLY, survey_id, f"tally:{survey_id}:{day}", detail=str(day), repeats=True)
        for survey_id, day in sorted(buckets)
    ]
