"""History read again: all of it, once, behind new responses, through crashes, with progress."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from feedback import rereading, walking
from feedback.models import Mention, Reading, Rereading, Response, Theme
from feedback.reading import read_responses
from feedback.rereading import REREAD, progress_of, reread_batch, start
from outbox import drain as drains
from outbox.claims import claim, claimant, reclaim
from outbox.models import Job
from outbox.registry import Later, Work, handler_of
from tests.feedback.making import a_survey, answer, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    """Ten comments about parcels, read before anybody thought of a theme for them."""
    rows = answers(a_survey(), ["The gizmo is great"] * 10)
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    return rows


def gizmo() -> Theme:
    return Theme.objects.create(slug="gizmo", name="Gizmo", words=["gizmo"])


def reread(row: Rereading) -> Rereading:
    for _ in range(20):
        if not reread_batch([Work(1, row.pk, "", 1)], "Alice"):
            break
    row.refresh_from_db()
    return row


def test_every_comment_is_read_with_the_new_theme(history):
    gizmo()
    row = reread(start(reason="new theme: Gizmo", by="alice"))
    assert Mention.objects.filter(theme__slug="gizmo").count() == 10
    assert (row.total, row.done, row.changed) == (10, 10, 10)
    assert row.shares_before == row.shares_after == {"positive": 10}
    assert row.finished_at and not row.is_overtaken


def test_only_days_whose_numbers_move_are_recounted(history):
    yesterday = timezone.now() - timedelta(days=1)
    other = answer(history[0].survey, "All is well", at=yesterday)
    read_responses([other.pk])
    Job.objects.all().delete()
    gizmo()
    reread(start(reason="new theme", by="alice"))
    days = set(Job.objects.filter(kind="tally").values_list("detail", flat=True))
    assert days == {str(history[0].submitted_date)}


def test_comments_the_reader_has_read_are_passed_over(history):
    row = reread(start(reason="nothing changed", by="alice"))
    assert (row.total, row.done) == (0, 0)
    assert row.finished_at


def test_answers_without_words_are_not_history(history):
    answer(history[0].survey, "")
    gizmo()
    assert reread(start(reason="new theme", by="alice")).total == 10


def test_a_later_rereading_overtakes_an_earlier_one(history):
    gizmo()
    first, second = start(reason="one", by="alice"), start(reason="two", by="alice")
    first, second = reread(first), reread(second)
    assert first.is_overtaken and first.done == 0
    assert second.done == 10


def test_a_crash_after_a_batch_loses_and_repeats_nothing(history, monkeypatch):
    """What a batch wrote and how far it came are one transaction."""
    monkeypatch.setattr(rereading, "BATCH", 4)
    gizmo()
    row = start(reason="new theme", by="alice")
    handler = handler_of(REREAD)
    work = claim(handler, by=claimant())
    rereading._begin(Rereading.objects.get(pk=row.pk))
    rereading._one_batch(Rereading.objects.get(pk=row.pk))
    # kill -9: nobody finishes the job, its lease runs out
    Job.objects.filter(pk=work[0].id).update(lease_until=timezone.now() - timedelta(minutes=2))
    assert reclaim().pending == 1
    assert Rereading.objects.get(pk=row.pk).done == 4
    drains.drain(REREAD)
    drains.drain(REREAD)
    row.refresh_from_db()
    assert (row.done, row.changed) == (10, 10)
    assert row.finished_at


def test_a_batch_that_fails_half_way_leaves_neither_readings_nor_progress(history, monkeypatch):
    gizmo()
    row = start(reason="new theme", by="alice")
    rereading._begin(Rereading.objects.get(pk=row.pk))

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr("feedback.reading.enqueue", breaks)
        with pytest.raises(RuntimeError):
            rereading._one_batch(Rereading.objects.get(pk=row.pk))
    assert not Mention.objects.filter(theme__slug="gizmo").exists()
    assert reread(row).changed == 10


def test_a_new_response_is_read_before_the_rest_of_history(history, monkeypatch):
    monkeypatch.setattr(rereading, "BATCH", 4)
    monkeypatch.setattr(walking, "SLICE_SECONDS", 0)
    gizmo()
    row = start(reason="new theme", by="alice")
    new = answer(history[0].survey, "A gizmo of my own")
    drains.drain(REREAD)  # a worker on the history queue gives way after one slice
    row.refresh_from_db()
    assert row.finished_at is None
    assert drains.due_kinds()[-1] == REREAD
    drains.sweep()
    assert Reading.objects.filter(response=new).exists()


def test_a_sweep_does_new_responses_before_history(history, monkeypatch):
    order: list[str] = []
    real = drains.drain
    monkeypatch.setattr(
        drains, "drain", lambda kind, **how: order.append(kind) or real(kind, **how)
    )
    gizmo()
    start(reason="new theme", by="alice")
    answer(history[0].survey, "new")
    drains.sweep()
    assert order.index("read") < order.index(REREAD)


def test_a_slice_ends_with_more_to_come(history, monkeypatch):
    monkeypatch.setattr(walking, "SLICE_SECONDS", 0)
    row = start(reason="new theme", by="alice")
    [setback] = reread_batch([Work(7, row.pk, "", 1)], "Alice")
    assert setback == Later(7, 0, "continues", counts=False)


def test_progress_says_rate_and_time_left(history):
    row = Rereading(total=1000, done=250)
    assert progress_of(row).rate is None and progress_of(row).percent == 25
    row.started_at = timezone.now()
    row.progressed_at = row.started_at + timedelta(seconds=5)
    progress = progress_of(row)
    assert (progress.rate, progress.left) == (50.0, timedelta(seconds=15))


def test_a_rereading_whose_work_was_given_up_says_why(history):
    row = start(reason="new theme", by="alice")
    Job.objects.filter(kind=REREAD).update(state=Job.State.DEAD, last_error="DiskFull: no room")
    assert rereading.running().trouble == "DiskFull: no room"
    assert progress_of(row).trouble == "DiskFull: no room"


def test_shares_count_comments_only(history):
    read_responses([answer(history[0].survey, "").pk])
    read_responses([answer(history[0].survey, "Support is terrible").pk])
    assert rereading.shares() == {"negative": 1, "positive": 10}
    assert Response.objects.count() == 12


# ---- manage.py reread ---------------------------------------------------------------------------


def command(*options: str) -> str:
    said = StringIO()
    call_command("reread", *options, stdout=said)
    return said.getvalue()


def test_the_command_reads_what_older_readers_read(history):
    assert "every comment is read" in command()
    gizmo()
    assert "10 comments are read again in the background" in command()
    assert Job.objects.filter(kind=REREAD).count() == 1


def test_the_command_waits_on_request(history):
    gizmo()
    assert "10 comments read again, 10 read otherwise" in command("--wait")


def test_the_command_reads_everything_on_request(history):
    assert "10 comments read again, 0 read otherwise" in command("--all", "--wait")
