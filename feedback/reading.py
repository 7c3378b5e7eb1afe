"""Read comments in batches: fetch, read, write, and ask for what follows.

Repeatable: the result is a pure function of the comment and the reader's
version. A person's correction outlives every re-reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils import timezone

from feedback.models import Emotion, Mention, Reading, Response, Theme
from feedback.text.reading import CommentReader, CommentReading, ThemeRule
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write

TALLY = "tally"


@dataclass(frozen=True, slots=True)
class Reader:
    """The comment reader in force, with the database ids of its themes."""

    reader: CommentReader
    theme_ids: dict[str, int]


def current_reader() -> Reader:
    """Return the reader for the themes now in force; built once per process and theme set."""
    rules = tuple(
        (
            theme.pk,
            theme.slug,
            *map(tuple, (theme.words, theme.stems, theme.phrases, theme.exclusions)),
        )
        for theme in Theme.objects.filter(is_active=True).order_by("slug")
    )
    return _reader(rules)


@lru_cache(maxsize=2)
def _reader(rules: tuple[tuple, ...]) -> Reader:  # type: ignore[type-arg]
    themes = [ThemeRule(slug, *lists) for _, slug, *lists in rules]
    return Reader(CommentReader(themes=themes), {slug: pk for pk, slug, *_ in rules})


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
    readings = reader.reader.read_many(
        [(response.comment, response.language or None) for response in responses]
    )
    with write():
        fresh = _still_current(responses)
        pairs = [
            (r, reading) for r, reading in zip(responses, readings, strict=True) if r.pk in fresh
        ]
        _store(pairs, reader)
        enqueue(tally_wanted(_touched(response for response, _ in pairs)))
    return len(pairs)


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
    corrected = dict(
        Reading.objects.filter(response_id__in=ids, corrected_at__isnull=False).values_list(
            "response_id", "sentiment"
        )
    )
    now = timezone.now()
    Mention.objects.filter(response_id__in=ids).delete()
    Emotion.objects.filter(response_id__in=ids).delete()
    Reading.objects.bulk_create(
        [
            Reading(
                response_id=response.pk,
                version=reader.reader.version,
                response_version=response.version,
                language=found.language,
                sentiment=corrected.get(response.pk, found.sentiment),
                read_sentiment=found.sentiment,
                reason=found.reason,
                compound=found.compound,
                confidence=found.confidence,
                clauses=[[c.start, c.end, c.sentiment] for c in found.clauses],
                read_at=now,
            )
            for response, found in pairs
        ],
        update_conflicts=True,
        unique_fields=["response"],
        update_fields=[
            "version", "response_version", "language", "sentiment", "read_sentiment",
            "reason", "compound", "confidence", "clauses", "read_at",
        ],
    )  # fmt: skip
    Mention.objects.bulk_create(
        [
            Mention(
                response_id=response.pk,
                theme_id=reader.theme_ids[mention.theme],
                start=mention.start,
                end=mention.end,
                sentiment=mention.sentiment,
                compound=mention.compound,
            )
            for response, found in pairs
            for mention in found.mentions
        ],
        ignore_conflicts=True,
    )
    Emotion.objects.bulk_create(
        [
            Emotion(response_id=response.pk, name=name)
            for response, found in pairs
            for name in found.emotions
        ],
        ignore_conflicts=True,
    )
