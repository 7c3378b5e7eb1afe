from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.success import intake
from analytics.success.intake import take_in
from analytics.success.kinds import KINDS
from analytics.success.models import SubscriptionState, Term, UsageEvent
from surveys.models import Customer

SUBSCRIPTION = {
    "external_id": "s1",
    "customer": "acme",
    "at": "2026-01-01T00:00:00Z",
    "status": "active",
    "amount": "1200.00",
    "currency": "EUR",
    "interval": "year",
}


def state(day: str, **changes: Any) -> dict[str, Any]:
    return SUBSCRIPTION | {"at": f"{day}T00:00:00Z"} | changes


def reasons(kind: str, *rows: Any) -> dict[str, str]:
    found = take_in(KINDS[kind], rows)
    return {f"{r.index}.{r.column}": r.reason for r in found.refusals}


def test_a_yearly_subscription_adds_a_twelfth_to_each_month(customers, tell):
    customers("acme")
    assert tell("subscriptions", SUBSCRIPTION).created == 1
    stored = SubscriptionState.objects.get()
    assert stored.monthly == Decimal(100)
    assert stored.at == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_same_rows_again_change_nothing(customers, tell):
    customers("acme")
    tell("subscriptions", SUBSCRIPTION, state("2026-03-01"))
    found = tell("subscriptions", SUBSCRIPTION, state("2026-03-01"))
    assert (found.created, found.updated, found.unchanged) == (0, 0, 2)


def test_a_corrected_row_replaces_itself(customers, tell):
    customers("acme")
    tell("subscriptions", SUBSCRIPTION)
    found = tell("subscriptions", SUBSCRIPTION | {"amount": 2400})
    assert (found.created, found.updated) == (0, 1)
    assert SubscriptionState.objects.get().monthly == Decimal(200)


def test_states_end_where_the_next_one_begins_whatever_order_they_came_in(customers, tell):
    customers("acme")
    tell("subscriptions", state("2026-05-01", status="cancelled"))
    tell("subscriptions", state("2026-01-01"))
    tell("subscriptions", state("2026-03-01", amount=2400))
    ends = list(SubscriptionState.objects.order_by("at").values_list("until", flat=True))
    assert [end and end.month for end in ends] == [3, 5, None]


@given(st.permutations(range(6)), st.integers(1, 6))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.django_db
def test_shuffled_and_repeated_imports_lead_to_the_same_facts(order, cut):
    rows = [state(f"2026-0{month + 1}-01", amount=100 * month) for month in range(6)]
    with transaction.atomic():
        Customer.objects.create(external_id="acme", name="Acme")
        take_in(KINDS["subscriptions"], [rows[i] for i in order[:cut]])
        take_in(KINDS["subscriptions"], [rows[i] for i in order])
        names = ("at", "until", "amount", "monthly")
        shuffled = list(SubscriptionState.objects.order_by("at").values_list(*names))
        SubscriptionState.objects.all().delete()
        take_in(KINDS["subscriptions"], rows)
        straight = list(SubscriptionState.objects.order_by("at").values_list(*names))
        transaction.set_rollback(True)
    assert shuffled == straight


def test_bad_rows_say_which_column_and_why_and_good_ones_are_kept(customers):
    customers("acme")
    rows = [
        SUBSCRIPTION,
        state("2026-02-01", quantity=-3),
        state("2026-02-01", currency="EUX"),
        state("2026-02-01", customer="nobody"),
        state("2026-02-01", colour="red"),
        SUBSCRIPTION,
        "no row",
        {"external_id": "s2", "customer": "acme"},
    ]
    said = reasons("subscriptions", *rows)
    assert "not between" in said["1.quantity"]
    assert "EUX is not a currency" in said["2.currency"]
    assert "no customer nobody" in said["3.customer"]
    assert "no column of this name" in said["4.colour"]
    assert "row 0 has the same external_id, at" in said["5.external_id"]
    assert "6." in said
    assert said["7.amount"] == "is missing"
    assert SubscriptionState.objects.count() == 1


def test_a_blank_id_is_no_id(customers):
    customers("acme")
    assert reasons("subscriptions", SUBSCRIPTION | {"external_id": "  "}) == {
        "0.external_id": "is missing"
    }


def test_what_ends_before_it_starts_is_refused(customers):
    customers("acme")
    ticket = {"external_id": "t", "opened_at": "2026-01-02T00:00:00Z"}
    solved = ticket | {"solved_at": "2026-01-01T00:00:00Z"}
    assert "lies before opened_at" in reasons("tickets", solved)["0.solved_at"]
    right = {"external_id": "e", "customer": "acme", "first_date": "2026-02-01"}
    ended = right | {"last_date": "2026-01-31"}
    assert "lies before first_date" in reasons("entitlements", ended)["0.last_date"]


def test_what_has_happened_cannot_lie_in_the_future(db):
    ahead = (timezone.now() + timedelta(days=2)).isoformat()
    event = {"external_id": "e", "user": "u", "name": "open", "at": ahead}
    assert "lies in the future" in reasons("usage-events", event)["0.at"]


def test_a_time_without_a_zone_is_refused(db):
    event = {"external_id": "e", "user": "u", "name": "open", "at": "2026-01-01T10:00:00"}
    assert "which zone" in reasons("usage-events", event)["0.at"]


def test_all_or_nothing_keeps_nothing_when_one_row_is_bad(customers):
    customers("acme")
    rows = [SUBSCRIPTION, state("2026-02-01", status="happy")]
    assert not take_in(KINDS["subscriptions"], rows, all_or_nothing=True).is_kept
    assert not SubscriptionState.objects.exists()


def test_a_dry_run_counts_and_stores_nothing(customers):
    customers("acme")
    found = take_in(KINDS["subscriptions"], [SUBSCRIPTION], is_dry=True)
    assert (found.created, found.is_kept) == (1, False)
    assert not SubscriptionState.objects.exists()


def test_an_event_falls_on_the_day_of_the_workspace(settings, tell):
    settings.TIME_ZONE = "America/New_York"
    tell(
        "usage-events",
        {"external_id": "e", "user": "u", "name": "open", "at": "2026-03-01T03:00:00Z"},
    )
    assert UsageEvent.objects.get().day.isoformat() == "2026-02-28"


def test_a_customer_keeps_what_a_row_does_not_mention(customers, tell):
    customers("acme", properties={"plan": "Growth"}, is_internal=True)
    tell("customers", {"external_id": "acme", "name": "Acme Ltd"})
    stored = Customer.objects.get()
    assert (stored.name, stored.properties, stored.is_internal) == (
        "Acme Ltd",
        {"plan": "Growth"},
        True,
    )


def test_thousands_of_rows_do_not_take_a_statement_each(customers, django_assert_max_num_queries):
    customers("acme")
    row = {"customer": "acme", "amount": 5, "currency": "EUR", "due_date": "2026-04-30"}
    rows = [{"external_id": f"t{number}", **row} for number in range(3000)]
    with django_assert_max_num_queries(52):
        take_in(KINDS["terms"], rows)
    assert Term.objects.count() == 3000


@pytest.mark.parametrize(
    "changes",
    [
        {"discount": Decimal(2)},
        {"tax": Decimal(9)},
        {"interval_count": 0},
        {"until": datetime(2025, 1, 1, tzinfo=UTC)},
    ],
)
def test_the_database_itself_refuses_impossible_states(customers, changes):
    customers("acme")
    row = {
        "external_id": "s",
        "customer": Customer.objects.get(),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "status": "active",
        "currency": "EUR",
        "amount": Decimal(1),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        SubscriptionState.objects.create(**row | changes)


def test_rows_somebody_else_stored_meanwhile_are_replaced_not_lost(customers, tell, monkeypatch):
    customers("acme")
    tell("subscriptions", SUBSCRIPTION)
    monkeypatch.setattr(intake, "_stored", lambda *_: {})  # as if they came in after the look
    tell("subscriptions", SUBSCRIPTION | {"amount": 2400}, state("2026-03-01"))
    assert sorted(SubscriptionState.objects.values_list("monthly", flat=True)) == [100, 200]
