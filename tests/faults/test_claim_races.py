"""Several real processes at one queue: every job is done, and done by one of them."""

from __future__ import annotations

import sys

import pytest

from outbox.models import Job
from tests.faults.sink import AT_MOST, REPEATABLE, effects
from tests.servers import Program, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_processes_do_every_job_exactly_once(fault_env, sink_file, write_down, tmp_path):
    # Each takes a moment, or the first through the gate has done all before the second is there.
    for kind in (REPEATABLE, AT_MOST):
        write_down(range(600), kind=kind, detail="sleep:0.003")
    gate = tmp_path / "gate"
    env = {**fault_env, "START_GATE": str(gate)}
    drainers = [
        Program([sys.executable, "manage.py", "drain"], env=env, log=tmp_path / str(number))
        for number in range(4)
    ]
    wait_until(lambda: len(list(tmp_path.glob("gate.*"))) == 4, seconds=120, what="four processes")
    gate.touch()
    for drainer in drainers:
        assert drainer.wait(seconds=60) == 0, drainer.output()
    for kind in (REPEATABLE, AT_MOST):
        assert effects(sink_file, kind) == dict.fromkeys(range(600), 1)
    assert Job.objects.filter(state="done").count() == 1200
    assert _who_did_something(drainers) > 1, "one process did everything: this proved nothing"


def _who_did_something(drainers: list[Program]) -> int:
    return sum("\n0 done" not in "\n" + drainer.output() for drainer in drainers)
