"""Claim, hand over, finish, reclaim: what one worker does never undoes what another did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from outbox import claims
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Doubtful, Failed, Handler, Later, Once

pytestmark = pytest.mark.django_db
DOUBTED: list[int] = []
GIVEN_UP: list[int] = []
PLAIN = Handler("plain", lambda work, by: (), batch=3, once=Once.REPEATABLE, max_attempts=3)
MAIL = Handler(
    "mail", lambda work, by: (), batch=3, once=Once.AT_MOST, max_attempts=3,
    when_doubtful=DOUBTED.extend, when_dead=GIVEN_UP.extend,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _known_kinds(monkeypatch):
    monkeypatch.setattr("outbox.registry._handlers", {"plain": PLAIN, "mail": MAIL})
    DOUBTED.clear()
    GIVEN_UP.clear()


def want(*subjects, kind="plain", **more):
    enqueue([Wanted(kind, subject, f"{kind}:{subject}", **more) for subject in subjects])


def job(subject):
    return Job.objects.get(subject_id=subject)


def let_leases_end():
    Job.objects.filter(lease_until__isnull=False).update(lease_until=Now() - timedelta(seconds=1))


def let_time_pass():
    Job.objects.update(due_at=Now() - timedelta(seconds=1))


def test_oldest_due_work_is_claimed_first_and_at_most_a_batch():
    want(1, 2, 3, 4)
    first = claims.claim(PLAIN, by="ann")
    assert [work.subject_id for work in first] == [1, 2, 3]
    assert [work.subject_id for work in claims.claim(PLAIN, by="bob")] == [4]


def test_claimed_work_is_claimed_by_nobody_else():
    want(1)
    claims.claim(PLAIN, by="ann")
    assert claims.claim(PLAIN, by="bob") == []


def test_work_due_later_waits():
    enqueue([Wanted("plain", 1, "plain:1", due_at=_in(hours=1))])
    assert claims.claim(PLAIN, by="ann") == []


def test_work_due_in_the_past_is_claimed():
    enqueue([Wanted("plain", 1, "plain:1", due_at=_in(hours=-1))])
    assert len(claims.claim(PLAIN, by="ann")) == 1


def _in(**delta):
    from django.utils import timezone

    return timezone.now() + timedelta(**delta)


def test_work_that_failed_before_is_claimed_alone():
    want(1, 2, 3)
    work = claims.claim(PLAIN, by="ann")
    claims.finish(work, [Later(work[0].id, 0, "no")], handler=PLAIN, by="ann")
    want(4, 5)
    let_time_pass()
    assert [len(claims.claim(PLAIN, by=name)) for name in ("bob", "cem")] in ([1, 2], [2, 1])


def test_finished_work_is_done_and_keeps_no_lease():
    want(1)
    work = claims.claim(PLAIN, by="ann")
    assert claims.finish(work, (), handler=PLAIN, by="ann") == 1
    assert (job(1).state, job(1).lease_until) == ("done", None)
    assert job(1).done_at is not None


def test_a_worker_that_lost_its_lease_cannot_finish():
    want(1)
    lost = claims.claim(PLAIN, by="ann")
    let_leases_end()
    assert claims.reclaim().pending == 1
    claims.claim(PLAIN, by="bob")
    assert claims.finish(lost, (), handler=PLAIN, by="ann") == 0
    assert (job(1).state, job(1).claimed_by) == ("claimed", "bob")


def test_a_worker_that_lost_its_lease_cannot_set_back_either():
    want(1)
    lost = claims.claim(PLAIN, by="ann")
    let_leases_end()
    claims.reclaim()
    claims.claim(PLAIN, by="bob")
    claims.finish(lost, [Failed(lost[0].id, "too late")], handler=PLAIN, by="ann")
    assert job(1).state == "claimed"


def test_a_running_lease_is_not_reclaimed():
    want(1)
    claims.claim(PLAIN, by="ann")
    assert claims.reclaim() == claims.Reclaimed(0, 0, 0)


def test_set_back_work_comes_again_until_its_attempts_are_used_up():
    want(1, kind="mail")
    for _ in range(2):
        work = claims.claim(MAIL, by="ann")
        claims.finish(work, [Later(work[0].id, 60, "451")], handler=MAIL, by="ann")
        assert job(1).state == "pending"
        let_time_pass()
    work = claims.claim(MAIL, by="ann")
    claims.finish(work, [Later(work[0].id, 60, "451")], handler=MAIL, by="ann")
    assert (job(1).state, job(1).last_error, job(1).attempts) == ("dead", "451", 3)
    assert GIVEN_UP == [1]


def test_a_forgiven_attempt_does_not_count():
    want(1)
    for _ in range(9):
        work = claims.claim(PLAIN, by="ann")
        later = Later(work[0].id, 0, "nobody there", counts=False)
        claims.finish(work, [later], handler=PLAIN, by="ann")
        let_time_pass()
    assert (job(1).state, job(1).attempts) == ("pending", 0)


def test_failed_work_is_dead_at_once():
    want(1)
    work = claims.claim(PLAIN, by="ann")
    claims.finish(work, [Failed(work[0].id, "550 " + "x" * 900)], handler=PLAIN, by="ann")
    assert job(1).state == "dead"
    assert len(job(1).last_error) == 500


def test_handed_work_whose_worker_crashed_is_doubtful_and_never_pending_again():
    want(1, 2, kind="mail")
    work = claims.claim(MAIL, by="ann")
    assert claims.hand_over([work[0].id], by="ann") == {work[0].id}
    let_leases_end()
    assert claims.reclaim() == claims.Reclaimed(pending=1, doubtful=1, dead=0)
    assert (job(1).state, job(2).state) == ("doubtful", "pending")
    assert DOUBTED == [1]


def test_nobody_hands_over_what_is_not_theirs_any_more():
    want(1, kind="mail")
    lost = claims.claim(MAIL, by="ann")
    let_leases_end()
    claims.reclaim()
    claims.claim(MAIL, by="bob")
    assert claims.hand_over([lost[0].id], by="ann") == set()


def test_of_a_batch_that_broke_off_what_had_left_is_doubtful_and_the_rest_is_not():
    want(1, 2, kind="mail")
    work = claims.claim(MAIL, by="ann")
    claims.hand_over([work[1].id], by="ann")
    left = claims.break_off(work, handler=MAIL, by="ann", error="KeyError: 1")
    assert left == {work[1].id}
    assert (job(1).state, job(2).state, job(2).last_error) == ("claimed", "doubtful", "KeyError: 1")
    assert DOUBTED == [2]


def test_what_its_owner_knows_never_left_is_tried_again_but_not_at_once():
    def knows_better(subjects):
        Job.objects.filter(subject_id__in=subjects).update(state="pending", due_at=Now())

    handler = replace(MAIL, when_doubtful=knows_better)
    want(1, kind="mail")
    work = claims.claim(handler, by="ann")
    claims.hand_over([work[0].id], by="ann")
    claims.break_off(work, handler=handler, by="ann", error="KeyError: 1")
    assert job(1).state == "pending"
    assert claims.claim(handler, by="bob") == []


def test_doubtful_is_what_the_handler_says():
    want(1, kind="mail")
    work = claims.claim(MAIL, by="ann")
    claims.hand_over([work[0].id], by="ann")
    claims.finish(work, [Doubtful(work[0].id, "no answer")], handler=MAIL, by="ann")
    assert job(1).state == "doubtful"


def test_work_whose_workers_always_crash_is_given_up():
    want(1, kind="mail")
    for _ in range(3):
        claims.claim(MAIL, by="ann")
        let_leases_end()
        reclaimed = claims.reclaim()
        let_time_pass()
    assert reclaimed == claims.Reclaimed(0, 0, dead=1)
    assert (job(1).state, GIVEN_UP) == ("dead", [1])


def test_waiting_grows_with_attempts():
    waits = [claims.backoff(attempts) for attempts in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (5, 21600)


def test_a_claim_without_a_lease_cannot_be_stored():
    want(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state="claimed", lease_until=None)


def test_an_unknown_state_cannot_be_stored():
    want(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state="lost")
