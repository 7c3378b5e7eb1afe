from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from outbox.models import Job
from outbox.trouble import trouble

pytestmark = pytest.mark.django_db
LIST = "/admin/outbox/job/"


def job(state: str, **fields: object) -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind="read", subject_id=1, dedupe_key=f"{state}:{Job.objects.count()}", state=state,
        due_at=fields.pop("due_at", now), created_at=now, last_error="Timeout: <b>slow</b>",
        **fields,
    )  # fmt: skip


def test_trouble_counts_what_is_stuck_and_how_long_work_waits() -> None:
    job("dead")
    job("doubtful")
    job("pending", due_at=timezone.now() - timedelta(minutes=5))
    found = trouble()
    assert (found.dead, found.doubtful) == (1, 1)
    assert found.waited > timedelta(minutes=4)


def test_the_list_hides_finished_work_until_asked(staff_client: Client) -> None:
    job("done")
    dead = job("dead")
    assert [row.pk for row in staff_client.get(LIST).context["cl"].result_list] == [dead.pk]
    assert len(staff_client.get(f"{LIST}?state=any").context["cl"].result_list) == 2


def test_only_dead_work_can_be_tried_again(staff_client: Client) -> None:
    dead, doubtful = job("dead", attempts=8), job("doubtful")
    page = staff_client.post(
        LIST, {"action": "try_again", "_selected_action": [dead.pk, doubtful.pk]}, follow=True
    )
    dead.refresh_from_db()
    doubtful.refresh_from_db()
    assert (dead.state, dead.attempts, doubtful.state) == ("pending", 0, "doubtful")
    body = page.content.decode()
    assert "1 job is due again." in body and "1 job was left alone" in body


def test_a_row_can_be_read_and_not_changed(staff_client: Client) -> None:
    row = job("dead")
    body = staff_client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Timeout: &lt;b&gt;slow" in body and 'name="_save"' not in body
    assert staff_client.get(f"{LIST}add/").status_code == 403
    assert staff_client.post(f"{LIST}{row.pk}/delete/").status_code == 403
