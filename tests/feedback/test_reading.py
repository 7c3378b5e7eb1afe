"""Reading in batches: what is written, what is repeatable, what poison cannot do."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback import reading
from feedback.judging import Opinion, judge, withdraw
from feedback.models import Emotion, Mention, Reading, Response, Theme, Verdict
from feedback.readers import current_reader
from feedback.reading import keep, look, read_batch, read_responses
from feedback.services import Submission, submit
from feedback.text.reading import CommentReader, CommentReading
from feedback.verdicts import digest_of
from outbox.models import Job
from outbox.registry import Work
from outbox.transactions import write
from tests.feedback.making import a_survey, answer, answers

pytestmark = pytest.mark.django_db


def texts_read() -> dict[str, str]:
    return dict(Reading.objects.values_list("response__comment", "sentiment"))


def tally_days() -> set[str]:
    return set(Job.objects.filter(kind="tally").values_list("detail", flat=True))


def test_every_response_gets_one_reading_with_its_mentions_and_emotions():
    rows = answers(a_survey(), ["Great app, but support is terrible.", "Thank you so much!"])
    assert read_responses([row.pk for row in rows]) == 2
    first, second = (Reading.objects.get(response=row) for row in rows)
    assert (first.language, second.sentiment) == ("en", "positive")
    assert first.version == current_reader().version
    assert first.clauses[0][2] == "positive" and first.clauses[1][2] == "negative"
    mentions = dict(rows[0].mentions.values_list("theme__slug", "sentiment"))
    assert mentions["mobile-app"] == "positive" and mentions["support"] == "negative"
    assert Emotion.objects.filter(response=rows[1], name="gratitude").exists()


def test_an_answer_without_words_is_read_as_empty():
    row = answer(a_survey(), "")
    read_responses([row.pk])
    found = Reading.objects.get(response=row)
    assert (found.sentiment, found.reason) == ("unscored", "empty")


def test_reading_again_changes_nothing_and_asks_for_no_recount():
    rows = answers(a_survey(), ["Great app, terrible support.", "Too expensive", "ok"])
    ids = [row.pk for row in rows]
    read_responses(ids)
    before = _everything()
    Job.objects.all().delete()
    with write():
        assert keep(look(ids)).changed == 0
    assert _everything() == before
    assert not Job.objects.filter(kind="tally").exists()


def _everything() -> list[object]:
    readings = Reading.objects.order_by("pk").values()
    return [
        *({**row, "read_at": None} for row in readings),
        *Mention.objects.order_by("response", "theme", "start").values_list(),
        *Emotion.objects.order_by("response", "name").values_list("response", "name"),
    ]


def test_the_day_of_the_answer_and_the_day_of_the_asking_are_recounted():
    noon = timezone.now().replace(hour=12)
    row = answer(a_survey(), "Great", at=noon, asked_before=timedelta(days=2))
    read_responses([row.pk])
    days = {row.submitted_date, row.submitted_date - timedelta(days=2)}
    assert tally_days() == {str(day) for day in days}


def test_a_batch_needs_a_fixed_number_of_statements():
    survey = a_survey()
    few = [row.pk for row in answers(survey, ["Great app, terrible support."] * 3)]
    many = [row.pk for row in answers(survey, ["Great app, terrible support."] * 300)]
    current_reader()
    with CaptureQueriesContext(
        connection,
    ) as small:
        read_responses(few)
    with CaptureQueriesContext(connection) as large:
        read_responses(many)
    assert len(small) == len(large) <= 10
    assert Reading.objects.count() == 303


class RaisesAtPoison(CommentReader):
    """A reader with a bug nobody has found yet."""

    def _read_all(self, comments: Any, **about: Any) -> list[CommentReading]:
        if any("poison" in text for text, _ in comments):
            raise RuntimeError("a bug nobody has found yet")
        return super()._read_all(comments, **about)


def test_a_comment_that_breaks_the_reader_stops_no_batch(monkeypatch, caplog):
    survey = a_survey()
    rows = answers(survey, ["Great app", "poison and more", "Terrible support"])
    broken = replace(current_reader(), reader=RaisesAtPoison())
    monkeypatch.setattr(reading, "current_reader", lambda: broken)
    work = [Work(number, row.pk, "", 1) for number, row in enumerate(rows)]
    with caplog.at_level(logging.CRITICAL):
        assert read_batch(work, "Alice") == ()
    poisoned = Reading.objects.get(response=rows[1])
    assert (poisoned.sentiment, poisoned.reason) == ("unscored", "unreadable")
    assert texts_read()["Great app"] == "positive"
    assert texts_read()["Terrible support"] == "negative"


def test_an_older_reading_never_replaces_that_of_a_newer_revision():
    row = answer(a_survey(), "Great app")
    stale = look([row.pk])
    Response.objects.filter(pk=row.pk).update(comment="Terrible support", version=2)
    read_responses([row.pk])
    with write():
        keep(stale)
    found = Reading.objects.get(response=row)
    assert (found.response_version, found.sentiment) == (2, "negative")
    assert [m.theme.slug for m in row.mentions.select_related("theme")] == ["support"]


def test_a_revision_is_read_anew_and_both_days_are_recounted():
    survey = a_survey()
    row = answer(survey, "Great app")
    read_responses([row.pk])
    Job.objects.all().delete()
    invitation = row.invitation
    invitation.survey = survey
    submit(invitation, Submission(score=2, comment="Terrible support"))
    read_responses([row.pk])
    assert Reading.objects.get(response=row).sentiment == "negative"
    assert len(tally_days()) == 2


def test_a_response_erased_while_it_is_read_leaves_nothing_behind():
    rows = answers(a_survey(), ["Great app", "Terrible support"])
    batch = look([row.pk for row in rows])
    rows[0].delete()
    with write():
        assert keep(batch).read == 1
    assert texts_read() == {"Terrible support": "negative"}


def test_a_theme_deleted_while_a_batch_is_read_takes_no_mentions():
    row = answer(a_survey(), "Terrible support")
    batch = look([row.pk])
    Theme.objects.filter(slug="support").delete()
    with write():
        keep(batch)
    assert not row.mentions.exists()


# ---- Verdicts -----------------------------------------------------------------------------------


def verdict(row: Response, what: str, said: str, *, key: str = "") -> Verdict:
    return Verdict.objects.create(
        response=row, what=what, key=key, said=said, read="", reader_version="",
        comment_digest=digest_of(row.comment), by="Alice",
    )  # fmt: skip


def test_verdicts_outlive_reading_again():
    row = answer(a_survey(), "Great app, but support is terrible. Thanks!")
    verdict(row, "sentiment", "negative")
    verdict(row, "theme", "no", key="mobile-app")
    verdict(row, "theme", "yes", key="price")
    verdict(row, "emotion", "no", key="gratitude")
    verdict(row, "emotion", "yes", key="anger")
    for _ in range(2):
        read_responses([row.pk])
        found = Reading.objects.get(response=row)
        assert found.sentiment == "negative" != found.read_sentiment
        themes = set(row.mentions.values_list("theme__slug", flat=True))
        assert "price" in themes and "mobile-app" not in themes
        names = set(row.emotions.values_list("name", flat=True))
        assert "anger" in names and "gratitude" not in names


def test_a_rewritten_comment_is_read_afresh_and_the_old_words_find_their_verdict_again():
    row = answer(a_survey(), "Great, another outage")
    verdict(row, "sentiment", "negative")
    Response.objects.filter(pk=row.pk).update(comment="I love the new reports", version=2)
    read_responses([row.pk])
    assert Reading.objects.get(response=row).sentiment == "positive"
    Response.objects.filter(pk=row.pk).update(comment="Great, another outage", version=3)
    read_responses([row.pk])
    assert Reading.objects.get(response=row).sentiment == "negative"


def test_a_comment_is_read_in_the_language_a_person_set():
    row = answer(a_survey(), "I love the new reports, they are great")
    verdict(row, "language", "es")
    read_responses([row.pk])
    found = Reading.objects.get(response=row)
    assert (found.language, found.sentiment) == ("es", "unscored")


def test_a_person_may_say_that_a_comment_is_english_after_all():
    row = answer(a_survey(), "Bugs. Lag. Crash!", language="de")
    read_responses([row.pk])
    assert Reading.objects.get(response=row).sentiment == "unscored"
    verdict(row, "language", "en")
    read_responses([row.pk])
    assert Reading.objects.get(response=row).sentiment == "negative"


def test_a_language_set_between_looking_and_writing_counts():
    row = answer(a_survey(), "fine dress")
    for _ in ("never read before", "read before"):
        batch = look([row.pk])
        judge(row, Opinion("language", "de"), by="alice")
        with write():
            keep(batch)
        found = Reading.objects.get(response=row)
        assert (found.language, found.sentiment) == ("de", "unscored")
        withdraw(row, what="language")


def test_the_page_language_is_evidence_and_the_survey_language_stands_in_for_it():
    survey = a_survey(language="de")
    rows = [
        answer(survey, "Super!"),
        answer(survey, "The new reports are great and support answered quickly."),
        answer(survey, "Great reports", language="en"),
    ]
    read_responses([row.pk for row in rows])
    found = [Reading.objects.get(response=row) for row in rows]
    assert found[0].sentiment == "unscored"
    assert found[1].language == "en" and found[1].sentiment == "positive"
    assert found[2].language == "en"
