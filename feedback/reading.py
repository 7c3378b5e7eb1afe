"""Read comments in batches: fetch, read, write, and ask for what follows.

Repeatable: the result is a pure function of the comment and the reader's
version. A person's correction outlives every re-reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils import timezone

from feedback.models import Emotion, Mention, Reading, Response, Verdict
from feedback.readers import Reader, current_reader
from feedback.text.reading import CommentReading
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write

TALLY = "tally"


def read_batch(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Handle outbox work of kind "read": subject = response."""
    read_responses([item.subject_id for item in work])
    return ()


def read_responses(response_ids: Sequence[int]) -> int:
    """Read these responses' comments and write what was found; return how many."""
    responses = list(
        Response.objects.filter(pk__in=response_ids).only(
            "id", "survey_id", "submitted_date", "comment", "language", "version",
            "invitation__sent_at",
        ).select_related("invitation")
    )  # fmt: skip
    if not responses:
        return 0
    reader = current_reader()
    declared = _declared_languages(responses)
    readings = reader.reader.read_many([(r.comment, declared[r.pk]) for r in responses])
    with write():
        fresh = _still_current(responses)
        pairs = [
            (r, reading) for r, reading in zip(responses, readings, strict=True) if r.pk in fresh
        ]
        _store(pairs, reader)
        enqueue(tally_wanted(_touched(response for response, _ in pairs)))
    return len(pairs)


def _declared_languages(responses: Sequence[Response]) -> dict[int, str | None]:
    """Return what is known of each comment's language: a person's word, else the page's."""
    said = Verdict.objects.filter(
        what=Verdict.What.LANGUAGE, response_id__in=[r.pk for r in responses]
    )
    known = dict(said.values_list("response_id", "said"))
    return {r.pk: known.get(r.pk, r.language) or None for r in responses}


def _touched(responses: Iterable[Response]) -> set[tuple[int, object]]:
    """Return the days whose numbers move: the day of the answer and the day of the asking."""
    buckets: set[tuple[int, object]] = set()
    for response in responses:
        buckets.add((response.survey_id, response.submitted_date))
        if response.invitation.sent_at:
            buckets.add((response.survey_id, local_date(response.invitation.sent_at)))
    return buckets


def tally_wanted(buckets: Iterable[tuple[int, object]]) -> list[Wanted]:
    """Return the recount work for touched (survey id, day) buckets."""
    return [
        Wanted(TALLY, survey_id, f"tally:{survey_id}:{day}", detail=str(day), repeats=True)
        for survey_id, day in sorted(buckets, key=str)
    ]


def _still_current(responses: Sequence[Response]) -> set[int]:
    """Lock the rows and return those whose text is still the one that was read."""
    versions = dict(
        Response.objects.filter(pk__in=[r.pk for r in responses])
        .order_by("pk")
        .select_for_update()
        .values_list("pk", "version")
    )
    return {r.pk for r in responses if versions.get(r.pk) == r.version}


def _store(pairs: Sequence[tuple[Response, CommentReading]], reader: Reader) -> None:
    ids = [response.pk for response, _ in pairs]
    verdicts = _verdicts(ids)
    Mention.objects.filter(response_id__in=ids).delete()
    Emotion.objects.filter(response_id__in=ids).delete()
    Reading.objects.bulk_create(
        [_reading(response, found, reader, verdicts) for response, found in pairs],
        update_conflicts=True,
        unique_fields=["response"],
        update_fields=[
            "version", "response_version", "language", "sentiment", "read_sentiment",
            "reason", "compound", "confidence", "clauses", "read_at",
        ],
    )  # fmt: skip
    Mention.objects.bulk_create(
        [row for response, found in pairs for row in _mentions(response, found, reader, verdicts)],
        ignore_conflicts=True,
    )
    Emotion.objects.bulk_create(
        [row for response, found in pairs for row in _emotions(response, found, verdicts)],
        ignore_conflicts=True,
    )


# (response id, what, key) -> what a person said
Said = dict[tuple[int, str, str], str]


def _verdicts(response_ids: Sequence[int]) -> Said:
    rows = Verdict.objects.filter(response_id__in=response_ids)
    return {
        (pk, what, key): said
        for pk, what, key, said in rows.values_list("response_id", "what", "key", "said")
    }


def _reading(response: Response, found: CommentReading, reader: Reader, said: Said) -> Reading:
    return Reading(
        response_id=response.pk,
        version=reader.version,
        response_version=response.version,
        language=said.get((response.pk, Verdict.What.LANGUAGE, ""), found.language),
        sentiment=said.get((response.pk, Verdict.What.SENTIMENT, ""), found.sentiment),
        read_sentiment=found.sentiment,
        reason=found.reason,
        compound=found.compound,
        confidence=found.confidence,
        clauses=[[clause.start, clause.end, clause.sentiment] for clause in found.clauses],
        read_at=timezone.now(),
    )


def _mentions(
    response: Response, found: CommentReading, reader: Reader, said: Said
) -> Iterable[Mention]:
    for mention in found.mentions:
        if said.get((response.pk, Verdict.What.THEME, mention.theme)) != "no":
            yield Mention(
                response_id=response.pk,
                theme_id=reader.theme_ids[mention.theme],
                start=mention.start,
                end=mention.end,
                sentiment=mention.sentiment,
                compound=mention.compound,
            )
    read = {mention.theme for mention in found.mentions}
    for slug in _added(response, Verdict.What.THEME, said) - read:
        if slug in reader.theme_ids:  # a person's theme is about the whole comment
            yield Mention(
                response_id=response.pk,
                theme_id=reader.theme_ids[slug],
                start=0,
                end=len(response.comment),
                sentiment=found.sentiment,
                compound=found.compound,
            )


def _emotions(response: Response, found: CommentReading, said: Said) -> Iterable[Emotion]:
    denied = {
        key
        for (pk, what, key), word in said.items()
        if pk == response.pk and what == Verdict.What.EMOTION and word == "no"
    }
    names = (set(found.emotions) | _added(response, Verdict.What.EMOTION, said)) - denied
    return (Emotion(response_id=response.pk, name=name) for name in sorted(names))


def _added(response: Response, about: str, said: Said) -> set[str]:
    return {
        key
        for (pk, what, key), word in said.items()
        if pk == response.pk and what == about and word == "yes"
    }
