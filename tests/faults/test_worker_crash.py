"""kill -9 to Celery workers: nothing lost, nothing sent twice, nothing waits for ever."""

from __future__ import annotations

import os
import signal
import time

import pytest

from outbox.models import Job
from tests.faults.conftest import wait_for_jobs
from tests.faults.sink import AT_MOST, FRAIL, effects
from tests.servers import wait_until, worker_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.only_on("postgresql")  # on SQLite the next one says it, too
def test_a_batch_whose_worker_is_killed_is_done_by_the_next_one(fault_env, sink_file, write_down):
    write_down(range(60), detail="sleep:0.05")
    with worker_process(fault_env) as first:
        wait_until(lambda: len(effects(sink_file)) > 5, seconds=30)
        first.kill()
    assert 5 < len(effects(sink_file)) < 60
    with worker_process(fault_env):
        wait_for_jobs("done", 60, seconds=40)
    assert set(effects(sink_file)) == set(range(60))
    assert max(effects(sink_file).values()) <= 2  # repeatable work may be repeated, once a crash


def test_many_kills_lose_nothing(fault_env, sink_file, write_down):
    write_down(range(900), detail="sleep:0.004")
    kills = 3
    for _ in range(kills):
        with worker_process(fault_env, concurrency=2) as worker:
            time.sleep(1.0)
            worker.kill()
    with worker_process(fault_env, concurrency=2):
        wait_for_jobs("done", 900, seconds=60)
    done = effects(sink_file)
    assert set(done) == set(range(900))
    repeated = sum(done.values()) - 900
    assert repeated <= kills * 2 * 50, "more repeats than two workers' batches per kill"


@pytest.mark.only_on("postgresql")  # Celery does not know which database there is
def test_a_pool_process_that_dies_is_replaced_and_its_work_done(fault_env, sink_file, write_down):
    write_down([1], detail="die-once")
    write_down(range(2, 30))
    with worker_process(fault_env) as worker:
        wait_for_jobs("done", 29, seconds=60)
        assert worker.program.returncode is None
    assert set(effects(sink_file)) == set(range(1, 30))


@pytest.mark.only_on("postgresql")  # Celery does not know which database there is
def test_work_that_kills_every_worker_is_given_up_and_takes_nobody_along(
    fault_env, sink_file, write_down
):
    write_down([0], detail="die", kind=FRAIL)
    write_down(range(1, 30), kind=FRAIL)
    with worker_process(fault_env):
        wait_for_jobs("done", 29, seconds=40)
        wait_for_jobs("dead", 1, seconds=60)
    killer = Job.objects.get(subject_id=0)
    assert (killer.state, killer.attempts) == ("dead", 3)
    assert "stopped before it could say" in killer.last_error
    assert set(effects(sink_file)) == set(range(1, 30))


def test_at_most_once_work_cut_off_after_its_effect_is_doubtful_and_not_repeated(
    fault_env, sink_file, write_down
):
    write_down([1], detail="die", kind=AT_MOST)
    write_down(range(2, 12), kind=AT_MOST)
    with worker_process(fault_env):
        wait_for_jobs("doubtful", 1, seconds=40)
        wait_for_jobs("done", 10, seconds=40)
    assert effects(sink_file, AT_MOST) == dict.fromkeys(range(1, 12), 1)
    assert Job.objects.get(subject_id=1).state == "doubtful"


@pytest.mark.only_on("postgresql")  # Celery does not know which database there is
def test_a_worker_asked_to_stop_ends_its_work_and_leaves_nothing_claimed(
    fault_env, sink_file, write_down
):
    write_down(range(40), detail="sleep:0.02")
    with worker_process(fault_env) as worker:
        wait_until(lambda: effects(sink_file), seconds=30)
        os.kill(worker.program.pid, signal.SIGTERM)
        assert worker.program.wait(seconds=30) == 0
    assert not Job.objects.filter(state__in=["claimed", "handed"]).exists()
    assert max(effects(sink_file).values()) == 1
