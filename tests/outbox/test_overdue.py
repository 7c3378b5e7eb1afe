"""How long the oldest work waits: the figure behind the worker's health."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.overdue import oldest_due

pytestmark = pytest.mark.django_db


def want(**changes):
    enqueue([Wanted("read", 1, "read:1")])
    Job.objects.update(**changes)


def test_nothing_due_waits_for_no_time():
    want(due_at=Now() + timedelta(hours=1))
    assert oldest_due() == timedelta(0)


def test_due_work_waits_since_it_was_due():
    want(due_at=Now() - timedelta(minutes=5))
    assert timedelta(minutes=5) <= oldest_due() < timedelta(minutes=6)


def test_work_whose_worker_died_waits_since_its_lease_ended():
    want(
        state="claimed", due_at=Now() - timedelta(hours=1),
        lease_until=Now() - timedelta(minutes=3),
    )  # fmt: skip
    assert timedelta(minutes=3) <= oldest_due() < timedelta(minutes=4)


@pytest.mark.parametrize("state", ["done", "dead", "doubtful"])
def test_finished_work_waits_for_nothing(state):
    want(state=state, due_at=Now() - timedelta(hours=1))
    assert oldest_due() == timedelta(0)


def test_work_that_gives_way_may_wait_for_an_hour():
    want(kind="figures", due_at=Now() - timedelta(minutes=50))
    assert oldest_due() == timedelta(0)
    want(kind="figures", due_at=Now() - timedelta(minutes=70))
    assert timedelta(minutes=70) <= oldest_due() < timedelta(minutes=71)
