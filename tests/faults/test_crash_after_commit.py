"""A process that dies between its commit and its bell leaves work that is found all the same."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import connection, transaction

from outbox.drain import sweep
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from tests.faults import sink
from tests.faults.sink import effects

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_fork_that_dies(commit_first: bool, subject: int) -> int:
    """Write work down in a fork and kill -9 it right after its commit, or right before."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        with transaction.atomic():
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
            enqueue([Wanted(sink.REPEATABLE, subject, f"crash:{subject}")])
            if not commit_first:
                os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0)  # not reached
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_forty_crashes_between_commit_and_bell_lose_no_work(sink_file):
    for subject in range(40):
        assert in_a_fork_that_dies(commit_first=True, subject=subject) == -signal.SIGKILL
    assert Job.objects.filter(state="pending").count() == 40
    sweep()
    assert effects(sink_file) == dict.fromkeys(range(40), 1)


def test_crashes_before_the_commit_leave_neither_fact_nor_work(sink_file):
    for subject in range(5):
        assert in_a_fork_that_dies(commit_first=False, subject=subject) == -signal.SIGKILL
    assert not Job.objects.exists()
