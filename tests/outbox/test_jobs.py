"""Work is written down once per key, and what is wanted again is done again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from outbox import claims, jobs
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Handler, Once

pytestmark = pytest.mark.django_db
RECOUNT = Handler("recount", lambda work, by: (), batch=10, once=Once.REPEATABLE)


@pytest.fixture(autouse=True)
def _known_kinds(monkeypatch):
    monkeypatch.setattr("outbox.registry._handlers", {"recount": RECOUNT})


def again(subject=1):
    return Wanted("recount", subject, f"recount:{subject}", repeats=True)


def do_all():
    by = claims.claimant()
    work = claims.claim(RECOUNT, by=by)
    return claims.finish(work, (), handler=RECOUNT, by=by)


def test_the_same_key_is_one_row():
    enqueue([Wanted("recount", 1, "once")])
    enqueue([Wanted("recount", 1, "once")])
    assert Job.objects.count() == 1


@pytest.mark.parametrize("repeats", [False, True])
def test_the_same_key_twice_in_one_call_is_one_row(repeats):
    enqueue([Wanted("recount", 1, "once", repeats=repeats)] * 2)
    assert Job.objects.count() == 1


def test_many_rows_are_written_in_one_call():
    enqueue(again(subject) for subject in range(500))
    assert Job.objects.filter(state="pending").count() == 500


def test_done_once_is_done_for_ever():
    enqueue([Wanted("recount", 1, "once")])
    do_all()
    enqueue([Wanted("recount", 1, "once")])
    assert Job.objects.get().state == "done"


def test_repeated_work_is_opened_again():
    enqueue([again()])
    do_all()
    enqueue([again()])
    assert Job.objects.get().state == "pending"
    assert do_all() == 1


def test_work_wanted_again_while_it_is_done_is_done_once_more():
    enqueue([again()])
    by = claims.claimant()
    work = claims.claim(RECOUNT, by=by)
    enqueue([again()])
    claims.finish(work, (), handler=RECOUNT, by=by)
    assert Job.objects.get().state == "pending"
    assert do_all() == 1
    assert Job.objects.get().state == "done"


def test_a_dead_recount_comes_to_life_with_fresh_attempts():
    enqueue([again()])
    Job.objects.update(state="dead", attempts=8)
    enqueue([again()])
    assert (Job.objects.get().state, Job.objects.get().attempts) == ("pending", 0)


def test_a_waiting_recount_keeps_its_place():
    enqueue([again()])
    Job.objects.update(due_at=Now() - timedelta(hours=1))
    before = Job.objects.get().due_at
    enqueue([again()])
    assert Job.objects.get().due_at == before


def test_rolled_back_facts_leave_no_work():
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue([again()])
        raise RuntimeError
    assert not Job.objects.exists()


def test_the_bell_rings_after_the_commit_only(monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("outbox.bell.ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue([again()])
        assert rung == []
    assert rung == ["recount"]


def test_dead_work_can_be_tried_again():
    enqueue([again(1), again(2)])
    Job.objects.filter(subject_id=1).update(state="dead", attempts=8, last_error="no")
    Job.objects.filter(subject_id=2).update(state="doubtful")
    assert jobs.retry(Job.objects.values_list("pk", flat=True)) == 1
    assert Job.objects.get(subject_id=1).state == "pending"
    assert Job.objects.get(subject_id=2).state == "doubtful"


def test_finished_work_is_forgotten_after_a_week_and_nothing_else():
    enqueue(again(subject) for subject in range(5))
    do_all()
    old = Job.objects.filter(subject_id__in=[0, 1, 2])
    old.update(done_at=Now() - timedelta(days=8))
    Job.objects.filter(subject_id=2).update(state="dead")
    assert jobs.forget(batch=1) == 2
    assert sorted(Job.objects.values_list("subject_id", flat=True)) == [2, 3, 4]
