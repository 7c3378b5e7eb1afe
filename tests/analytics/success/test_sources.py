"""Do facts still come in? A dead connector is told; it is neither silent customers nor praise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.success.health_measures import health_facts, read_measures
from analytics.success.intake import take_in
from analytics.success.kinds import KINDS
from analytics.success.models import FactSource
from analytics.success.sources import (
    deliveries,
    has_stopped,
    note_received,
    patience_of,
    stopped,
)
from outbox.staff.attention import needs_of
from tests.surveys.calling import caller

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def delivered(*days: int, kind: str = "tickets") -> FactSource:
    """Note deliveries on these days, counted from a Monday."""
    for day in days:
        note_received(kind, NOON + timedelta(days=day))
    return FactSource.objects.get(kind=kind)


def day(n: int) -> Any:
    return (NOON + timedelta(days=n)).date()


def test_what_came_every_day_has_stopped_after_five_silent_days() -> None:
    row = delivered(*range(10))
    assert (row.days, row.pause, patience_of(row)) == (10, 1.0, 5)
    assert not has_stopped(row, day(9 + 5))
    assert has_stopped(row, day(9 + 6))


def test_weekends_and_weekly_deliveries_stop_nothing() -> None:
    workdays = [week * 7 + n for week in range(6) for n in range(5)]
    row = delivered(*workdays)
    assert not has_stopped(row, day(39 + 4))  # up to Tuesday after a long weekend
    weekly = delivered(*range(0, 70, 7), kind="orders")
    assert patience_of(weekly) == 35


def test_uploads_by_hand_have_no_rhythm_that_could_stop() -> None:
    row = delivered(0, 1, 2, 3)
    assert patience_of(row) is None
    assert not has_stopped(row, day(400))


def test_several_deliveries_a_day_are_one_day_and_a_long_silence_is_not_usual_at_once() -> None:
    delivered(*range(10))
    for minutes in (1, 2, 50):
        note_received("tickets", NOON + timedelta(days=9, minutes=minutes))
    row = delivered(39)
    assert row.days == 11
    assert row.pause == pytest.approx(0.8 * 1 + 0.2 * 5)


def test_a_delivery_that_changes_nothing_counts_and_a_trial_does_not(customers: Any) -> None:
    customers("acme")
    rows = [{"external_id": "t", "opened_at": "2026-03-01"}]
    take_in(KINDS["tickets"], rows, is_dry=True)
    take_in(KINDS["tickets"], [{"external_id": "t"}])
    assert not FactSource.objects.exists()
    take_in(KINDS["tickets"], rows)
    FactSource.objects.update(received_at=NOON)
    assert take_in(KINDS["tickets"], rows).unchanged == 1
    assert FactSource.objects.get().received_at > NOON


def _dead(kind: str) -> None:
    """Let a source that came daily be silent for ten days."""
    silent = timezone.now() - timedelta(days=10)
    FactSource.objects.update_or_create(
        kind=kind, defaults={"received_at": silent, "days": 30, "pause": 1}
    )


def _account(tell: Any) -> int:
    from surveys.models import Customer

    now = timezone.now()
    tell("customers", {"external_id": "acme", "name": "Acme"})
    common = {"customer": "acme", "currency": "EUR"}
    tell("subscriptions", common | {"external_id": "s", "at": "2026-01-01", "status": "active",
                                    "amount": 10})  # fmt: skip
    tell("tickets", {"external_id": "t", "customer": "acme", "solved_at": now.isoformat(),
                     "opened_at": (now - timedelta(days=2)).isoformat()})  # fmt: skip
    tell("entitlements", {"external_id": "e", "customer": "acme", "first_date": "2026-01-01",
                          "seats": 2})  # fmt: skip
    events = [
        {"external_id": f"u{n}", "user": "ada", "customer": "acme", "name": "open", "feature": "f",
         "at": (now - timedelta(days=n)).isoformat()} for n in range(30)
    ]  # fmt: skip
    tell("usage-events", *events)
    return Customer.objects.get().pk


def test_a_dead_source_makes_its_part_of_health_missing_not_perfect_and_not_zero(
    tell: Any,
) -> None:
    who = _account(tell)
    before = read_measures(health_facts()).of(who)
    assert (before["ticket_age"], before["reopened"]) == (0.0, 0.0)  # served, nothing open
    assert before["usage"] is not None
    _dead("tickets")
    _dead("usage-events")
    after = read_measures(health_facts()).of(who)
    names = ("ticket_age", "reopened", "first_contact", "usage", "usage_trend", "adoption")
    assert {after[name] for name in names} == {None}
    assert after["payment"] == before["payment"]


def test_the_page_says_what_came_in_and_what_stopped(staff_client: Any, tell: Any) -> None:
    _account(tell)
    _dead("tickets")
    page = staff_client.get(reverse("staff:fact-files")).content.decode()
    assert page.count('class="chip alert"') == 1
    assert "stale after 5 days of silence" in page
    assert f"{reverse('staff:exports')}?dataset=tickets" in page
    assert "?dataset=orders" not in page  # nothing to export
    by_kind = {source.kind: source for source in deliveries()}
    assert by_kind["usage-events"].rows == 30
    assert by_kind["usage-events"].newest == timezone.localdate()
    assert by_kind["subscriptions"].newest == datetime(2026, 1, 1, tzinfo=UTC).date()
    assert by_kind["orders"].received_at is None


def test_home_and_api_say_that_a_source_has_stopped(tell: Any, rf: Any, admin_user: Any) -> None:
    _account(tell)
    _dead("tickets")
    request = rf.get("/")
    request.user = admin_user
    [need] = dict(needs_of(request))["Facts"]
    told = ("Tickets have stopped coming in", "nothing for 10 days, usually every day")
    assert (need.title, need.note) == told
    kinds = {row["kind"]: row for row in caller().get("facts").json()}
    assert (kinds["tickets"]["is_stale"], kinds["tickets"]["stale_after_days"]) == (True, 5)
    assert (kinds["orders"]["is_stale"], kinds["orders"]["received_at"]) == (False, None)
    assert set(stopped(timezone.now())) == {"tickets"}
