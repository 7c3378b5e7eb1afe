"""A worker killed while it reads history again: nothing is lost, nothing is done twice."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, IntegerField, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from feedback import rereading
from feedback.models import Mention, Reading, Rereading, Theme
from feedback.reading import read_responses
from outbox.models import Job
from tests.feedback.making import a_survey, answers
from tests.servers import Worker, wait_until

COMMENTS = 6_000
# Counted in the statement that reads the progress: both belong to one moment.
MENTIONS = Coalesce(
    Subquery(
        Mention.objects.order_by().values(all=Value(1)).annotate(n=Count("pk")).values("n"),
        output_field=IntegerField(),
    ),
    0,
)


def settled(state: Any) -> Any:
    """Return the state once a commit that was on its way when the plug was pulled is in."""
    found = state()
    while True:
        time.sleep(1)
        later = state()
        if later.done == found.done:
            return later
        found = later


@pytest.mark.slow
def test_history_goes_on_where_a_killed_worker_stopped(worker: Worker) -> None:
    rows = answers(a_survey(), [f"The gizmo number {n} is great" for n in range(COMMENTS)])
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    Theme.objects.create(slug="gizmo", name="Gizmo", words=["gizmo"])
    started = rereading.start(reason="new theme", by="alice")

    def state() -> Any:
        return Rereading.objects.annotate(mentions=MENTIONS).get(pk=started.pk)

    wait_until(lambda: state().done > 0, seconds=60, what="a first batch read again")
    worker.kill()
    broken_off = settled(state)
    assert 0 < broken_off.done < COMMENTS, "killed too late to prove anything"
    # What was written and how far it came agree, whenever the plug is pulled.
    assert broken_off.mentions == broken_off.done == broken_off.changed

    Job.objects.filter(state="claimed").update(lease_until=timezone.now() - timedelta(minutes=1))
    worker.start()
    wait_until(lambda: state().finished_at, seconds=90, what="the rest read again")
    ended = state()
    assert (ended.done, ended.changed, ended.mentions) == (COMMENTS, COMMENTS, COMMENTS)
    assert Reading.objects.values("version").distinct().count() == 1
