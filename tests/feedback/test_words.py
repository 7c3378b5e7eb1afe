"""Own words: seen before they count, applied on demand, taken back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from feedback import words
from feedback.models import OwnWord, Reading, Rereading, Verdict
from feedback.readers import current_reader
from feedback.reading import read_responses
from feedback.verdicts import digest_of
from outbox.models import Job
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    rows = answers(
        a_survey(),
        [
            "The new export was a showstopper for us last week.",
            "The export runs on Mondays.",
            "A SHOWSTOPPER again on Monday.",
        ],
    )
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    return rows


def test_a_waiting_word_changes_nothing_yet_but_shows_what_it_would(history):
    version = current_reader().version
    words.put("Showstopper", -3, by="alice")
    assert current_reader().version == version
    preview = words.preview()
    assert (preview.found, preview.is_cut) == (2, False)
    assert preview.changed == len(preview.changes) >= 1
    change = preview.changes[0]
    assert change.after == "negative" != change.before
    assert [piece.text.lower() for piece in change.pieces if piece.is_marked] == ["showstopper"]


def test_applying_reads_history_again(history, drain):
    words.put("showstopper", -3.5, by="alice")
    expected = words.preview().changed
    before = dict(Reading.objects.values_list("pk", "sentiment"))
    assert words.apply(by="alice").reason == "own words: showstopper"
    drain()
    after = dict(Reading.objects.values_list("pk", "sentiment"))
    assert sum(before[pk] != after[pk] for pk in before) == expected > 0
    row = Rereading.objects.get()
    assert (row.done, row.changed) == (3, expected)
    assert row.shares_before != row.shares_after


def test_nothing_waiting_means_nothing_to_apply(history):
    assert words.apply(by="alice") is None
    assert words.preview().found == 0


def test_a_new_weight_waits_while_the_old_one_stays_in_force(history):
    words.put("showstopper", -3, by="alice")
    words.apply(by="alice")
    version = current_reader().version
    words.put("showstopper", -1, by="bob")
    assert current_reader().version == version
    assert [word.text for word in words.waiting()] == ["showstopper"]
    words.apply(by="bob")
    assert current_reader().version != version


def test_a_word_taken_back_gives_the_old_reading(history, drain):
    before = dict(Reading.objects.values_list("pk", "sentiment"))
    word = words.put("showstopper", -3.5, by="alice")
    words.apply(by="alice")
    drain()
    word.refresh_from_db()
    assert words.preview_without(word).changed > 0
    assert words.remove(word, by="alice") is not None
    drain()
    assert dict(Reading.objects.values_list("pk", "sentiment")) == before


def test_taking_back_a_word_never_applied_reads_nothing_again(history):
    assert words.remove(words.put("showstopper", -3, by="alice"), by="alice") is None
    assert not Rereading.objects.exists()


def test_comments_with_a_verdict_keep_their_label_and_are_not_listed(history):
    words.put("showstopper", -3.5, by="alice")
    changed = words.preview().changed
    for row in history:
        Verdict.objects.create(
            response=row, what="sentiment", said="neutral", read="neutral", by="alice",
            comment_digest=digest_of(row.comment),
        )  # fmt: skip
    assert changed > 0 == words.preview().changed


def test_spacing_and_case_of_a_word_do_not_matter():
    words.put("  Show  Stopper ", -2, by="alice")
    words.put("show stopper", -3, by="bob")
    assert OwnWord.objects.get().text == "show stopper"
    assert OwnWord.objects.get().created_by == "alice"


@pytest.mark.parametrize("columns", [{"text": "Upper", "weight": 1}, {"text": "x", "weight": 4.5}])
def test_the_database_refuses_upper_case_and_weights_off_the_scale(columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnWord.objects.create(**columns)


def test_only_so_many_past_comments_are_looked_at(history, monkeypatch):
    monkeypatch.setattr(words, "MOST_LOOKED_AT", 1)
    words.put("showstopper", -3.5, by="alice")
    preview = words.preview()
    assert (preview.found, preview.is_cut) == (1, True)
