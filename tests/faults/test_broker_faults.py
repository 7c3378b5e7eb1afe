"""The broker is only a bell: refused, frozen, emptied or wiped, it costs time and nothing else."""

from __future__ import annotations

import sys
import time

import pytest

from outbox.models import Job
from tests.faults.conftest import wait_for_jobs
from tests.faults.sink import AT_MOST, effects
from tests.servers import Program, worker_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_bells_that_are_deleted_lose_no_work(fault_env, sink_file, write_down, own_valkey):
    with worker_process(fault_env):
        for part in range(10):
            write_down(range(part * 40, part * 40 + 40), detail="sleep:0.002")
            own_valkey.flush()
            time.sleep(0.2)
        wait_for_jobs("done", 400, seconds=40)
    assert effects(sink_file) == dict.fromkeys(range(400), 1)


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_a_broker_that_dies_and_forgets_everything_is_only_missed(
    fault_env, sink_file, write_down, own_valkey
):
    with worker_process(fault_env) as worker:
        for part in range(3):
            own_valkey.kill_and_wipe()
            write_down(range(part * 50, part * 50 + 50))
            time.sleep(1.5)
            own_valkey.start()
            wait_for_jobs("done", part * 50 + 50, seconds=40)
        assert worker.program.returncode is None
    assert effects(sink_file) == dict.fromkeys(range(150), 1)


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_a_broker_that_freezes_and_wakes_is_only_missed(
    fault_env, sink_file, write_down, own_valkey
):
    with worker_process(fault_env):
        own_valkey.freeze()
        write_down(range(50))
        time.sleep(8)  # longer than the socket's time-out
        own_valkey.wake()
        wait_for_jobs("done", 50, seconds=40)
    assert effects(sink_file) == dict.fromkeys(range(50), 1)


def test_without_any_broker_the_drain_loop_does_all_work(
    fault_env, sink_file, write_down, own_valkey, tmp_path
):
    own_valkey.kill()
    command = [sys.executable, "manage.py", "drain", "--loop", "--interval", "0.3"]
    loop = Program(command, env=fault_env, log=tmp_path / "loop")
    try:
        write_down(range(100))
        write_down(range(100), kind=AT_MOST)
        wait_for_jobs("done", 200, seconds=40)
        loop.signal(15)
        assert loop.wait(seconds=20) == 0
    finally:
        loop.kill()
    assert effects(sink_file) == effects(sink_file, AT_MOST) == dict.fromkeys(range(100), 1)


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_no_scheduler_and_three_schedulers_make_no_difference(
    fault_env, sink_file, write_down, own_valkey
):
    write_down(range(100), kind=AT_MOST)
    with worker_process(fault_env), worker_process(fault_env), worker_process(fault_env):
        wait_for_jobs("done", 100, seconds=40)
    assert effects(sink_file, AT_MOST) == dict.fromkeys(range(100), 1)


def test_the_broker_holds_kinds_and_nothing_about_people(
    fault_env, write_down, own_valkey, tmp_path
):
    """Whoever reads or empties the broker learns and breaks nothing."""
    ring = (
        "import django; django.setup(); from outbox.tasks import drain_kind;"
        "[drain_kind.publish(kind) for kind in ('sink', 'sink-once', 'read')]"
    )
    program = Program([sys.executable, "-c", ring], env=fault_env, log=tmp_path / "ring")
    assert program.wait() == 0, program.output()
    with own_valkey.client() as client:
        assert client.llen("verbatim:work") == 2
        assert client.llen("verbatim:mail") == 1
    assert not Job.objects.exists()
