"""One poisonous job harms nobody but itself; what may not happen twice does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.db.models.functions import Now

from outbox import drain as drains
from outbox.models import Job
from outbox.registry import Handler, Once
from tests.faults import sink
from tests.faults.sink import AT_MOST, effects

pytestmark = pytest.mark.django_db


def let_time_pass():
    Job.objects.filter(state="pending").update(due_at=Now() - timedelta(seconds=1))


def states(kind=sink.REPEATABLE):
    return dict(Job.objects.filter(kind=kind).values_list("subject_id", "state"))


def test_all_due_work_is_done(sink_file, write_down):
    write_down(range(120))
    assert drains.drain(sink.REPEATABLE) == 120
    assert effects(sink_file) == dict.fromkeys(range(120), 1)


def test_a_poisonous_job_is_tried_eight_times_and_given_up(sink_file, write_down):
    write_down([1], detail="raise")
    for _ in range(12):
        drains.drain(sink.REPEATABLE)
        let_time_pass()
    poison = Job.objects.get()
    assert (poison.state, poison.attempts) == ("dead", 8)
    assert "job 1 cannot be done" in poison.last_error


def test_a_poisonous_job_takes_nobody_along(sink_file, write_down):
    write_down(range(100))
    write_down([100], detail="raise")
    drains.drain(sink.REPEATABLE)
    assert set(effects(sink_file)) == set(range(100))
    assert states()[100] == "pending"
    assert list(states().values()).count("done") == 100


def test_a_poisonous_job_that_waits_holds_up_nobody(sink_file, write_down):
    write_down([0], detail="raise")
    drains.drain(sink.REPEATABLE)
    write_down(range(1, 60))
    drains.drain(sink.REPEATABLE)
    assert set(effects(sink_file)) == set(range(1, 60))


def test_a_handler_that_fails_for_everything_does_not_use_up_everybodys_attempts(
    sink_file, write_down
):
    write_down(range(50), detail="raise")
    drains.drain(sink.REPEATABLE)
    attempts = list(Job.objects.order_by("id").values_list("attempts", flat=True))
    assert attempts == [1] * drains.FEW + [0] * (50 - drains.FEW)
    assert set(states().values()) == {"pending"}


def test_poison_at_the_head_of_a_batch_is_no_fault_of_the_handler(sink_file, write_down):
    write_down(range(drains.FEW - 1), detail="raise")
    write_down(range(10, 40))
    drains.drain(sink.REPEATABLE)
    assert set(effects(sink_file)) == set(range(10, 40))


def test_an_exception_after_handing_over_leaves_doubt_and_no_second_try(sink_file, write_down):
    write_down([1], detail="raise", kind=AT_MOST)
    write_down([2], kind=AT_MOST)
    drains.drain(AT_MOST)
    let_time_pass()
    drains.drain(AT_MOST)
    assert states(AT_MOST)[1] == "doubtful"
    assert effects(sink_file, AT_MOST)[1] == 1
    assert states(AT_MOST)[2] == "done"


def test_the_owner_hears_of_doubt_after_an_exception(sink_file, write_down, monkeypatch):
    doubted = []
    handler = Handler(
        AT_MOST, sink.do_once, batch=10, once=Once.AT_MOST, when_doubtful=doubted.extend
    )
    monkeypatch.setitem(drains.handler_of.__globals__["_handlers"], AT_MOST, handler)
    write_down([1], detail="raise", kind=AT_MOST)
    drains.drain(AT_MOST)
    assert doubted == [1]


def test_a_statement_that_fails_is_the_jobs_fault_not_the_databases(monkeypatch, write_down):
    def refuse(work, by):
        raise OperationalError("too many terms")

    handler = Handler("bad-sql", refuse, batch=10, once=Once.REPEATABLE)
    monkeypatch.setattr("outbox.registry._handlers", {"bad-sql": handler})
    write_down([1], kind="bad-sql")
    drains.drain("bad-sql")
    assert Job.objects.get().state == "pending"
    assert "too many terms" in Job.objects.get().last_error


def test_work_that_gives_way_stops_for_other_work(sink_file, write_down, monkeypatch):
    slow = Handler("slow", sink.do, batch=1, once=Once.REPEATABLE, gives_way=True)
    monkeypatch.setitem(drains.handler_of.__globals__["_handlers"], "slow", slow)
    write_down(range(3), kind="slow")
    write_down([9])
    assert drains.drain("slow") == 1
    drains.drain(sink.REPEATABLE)
    assert drains.drain("slow") == 2


def test_a_slice_of_work_ends_and_rings_for_the_rest(sink_file, write_down, monkeypatch):
    rung = []
    monkeypatch.setattr("outbox.bell.ring", rung.append)
    write_down(range(40))
    assert drains.drain(sink.REPEATABLE, max_seconds=0) == 40
    assert rung == [sink.REPEATABLE]


def test_more_than_a_batch_calls_one_more_worker(sink_file, write_down, monkeypatch):
    rung = []
    monkeypatch.setattr("outbox.bell.ring", rung.append)
    write_down(range(49))
    drains.drain(sink.REPEATABLE)
    assert rung == []
    write_down(range(100, 220))
    drains.drain(sink.REPEATABLE)
    assert rung == [sink.REPEATABLE]


def test_a_sweep_frees_what_a_crash_held_and_does_it(sink_file, write_down):
    write_down([1])
    Job.objects.update(
        state="claimed", claimed_by="gone", lease_until=Now() - timedelta(seconds=1), attempts=1
    )
    assert drains.sweep() == 1
    assert effects(sink_file) == {1: 1}


def test_a_sweep_can_leave_queues_to_others(sink_file, write_down):
    write_down([1])
    write_down([2], kind=AT_MOST)
    drains.sweep(leave=["mail"])
    assert (states()[1], states(AT_MOST)[2]) == ("done", "pending")


def test_the_command_does_all_due_work_without_a_broker(sink_file, write_down, capsys):
    write_down(range(70))
    call_command("drain")
    assert len(effects(sink_file)) == 70
    assert "70 done" in capsys.readouterr().out


def test_an_unknown_kind_is_named_with_the_known_ones():
    with pytest.raises(LookupError, match=r"nobody handles 'dance'; known kinds: .*read"):
        drains.drain("dance")
