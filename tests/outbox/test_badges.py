"""Counts beside the sidebar's entries: right, only for whom they are, in one query."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from outbox.models import Job
from outbox.staff.badges import Badge, Counted, badges
from outbox.staff.shell import sidebar
from surveys.models import Outage, SendingStop
from surveys.outages import NO_SERVER
from surveys.services import DELIVER
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db


def job(state: str, *, kind: str = DELIVER, last_error: str = "") -> Job:
    now = timezone.now()
    number = Job.objects.count()
    return Job.objects.create(
        kind=kind, subject_id=number, dedupe_key=f"badge {number}", state=state, due_at=now,
        created_at=now, last_error=last_error,
    )  # fmt: skip


def beside(user: object) -> dict[str, Badge]:
    """Return the badge of each entry by its label, as `user` sees them."""
    request = RequestFactory().get("/admin/")
    request.user = user  # type: ignore[assignment]
    shown = [entry for _title, entries in sidebar(request) for entry in entries]
    return {entry.label: entry.badge for entry in shown if entry.badge}


def test_what_waits_for_a_person_is_counted_beside_its_entry(
    staff_user: object, drain: object
) -> None:
    assert beside(staff_user) == {}
    answers(a_survey(), ["The support was terrible."] * 3 + ["Wonderful"], score=1)
    drain()  # type: ignore[operator]
    job("doubtful")
    job("dead")
    found = beside(staff_user)
    assert found["Responses"] == Badge("3 waiting")
    assert found["Campaigns"] == Badge("1", is_hot=True)
    assert found["Background work"] == Badge("2", is_hot=True)


def test_mail_that_waits_is_said_after_a_while_and_a_stop_before_it(staff_user: object) -> None:
    now = timezone.now()
    job("pending", last_error=f"{NO_SERVER}refused")
    outage = Outage.objects.create(service="mail_server", error="refused", since=now, seen_at=now)
    assert "Mail" not in beside(staff_user)
    Outage.objects.filter(pk=outage.pk).update(since=now - timedelta(hours=1))
    assert beside(staff_user)["Mail"] == Badge("waits", is_hot=True)
    SendingStop.objects.create(scope="everything", cause="bounces", mailed=9, bad=3)
    assert beside(staff_user)["Mail"] == Badge("1", is_hot=True)


def test_who_may_see_nothing_has_nothing_counted() -> None:
    nobody = get_user_model().objects.create_user("nobody", is_staff=True)
    job("doubtful")
    with CaptureQueriesContext(connection) as queries:
        assert beside(nobody) == {}
    assert not [query for query in queries if "counted" in query["sql"]]


def test_all_are_counted_in_one_query(staff_user: object) -> None:
    beside(staff_user)
    with CaptureQueriesContext(connection) as queries:
        beside(staff_user)
    assert len([query for query in queries if "count(*)" in query["sql"].lower()]) == 1


def test_rows_may_be_distinct_cut_off_or_impossible() -> None:
    for at in range(4):
        job("dead", kind="deliver" if at else "read")

    def said(*numbers: int) -> Badge:
        return Badge(" ".join(map(str, numbers)))

    rows = Counted(
        lambda: [
            Job.objects.all()[:2],
            Job.objects.order_by().values("kind").distinct(),
            Job.objects.filter(pk__in=[]),
            Job.objects.filter(kind="it's 100 % odd"),
        ],
        said,
    )
    assert badges([rows]) == {rows: Badge("2 2 0 0")}
