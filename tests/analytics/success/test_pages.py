from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.demo.seed import seed
from analytics.periods import Period
from analytics.success.behind import rows_behind
from analytics.success.catalogue import METRICS, facts_for, facts_of_months, months_to, series
from analytics.success.conversations import open_alerts
from analytics.success.metrics.periods import add_months
from analytics.success.models import Conversation, SatisfactionModel
from analytics.success.spans import last_month


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo company, once for all tests of this file; nothing of it outlives them."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed()
        connection.check_constraints()  # or PostgreSQL checks all rows again after each test
        yield
        transaction.set_rollback(True)


def test_an_empty_installation_says_which_facts_to_send_where(staff_client):
    page = staff_client.get(reverse("staff:metrics")).content.decode()
    assert "POST /api/v1/facts/subscriptions" in page
    assert "No facts about customers yet" in page


def test_the_overview_states_the_finding_and_shows_every_metric(demo, staff_client):
    page = staff_client.get(reverse("staff:metrics")).content.decode()
    assert "Recurring revenue" in page
    for found in METRICS.values():
        assert str(found.name) in page


def test_the_overview_asks_a_fixed_number_of_questions(
    demo, staff_client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(75):
        staff_client.get(reverse("staff:metrics"))


@pytest.mark.parametrize("slug", METRICS)
def test_every_metric_has_a_page_with_formula_convention_and_months(demo, staff_client, slug):
    said = staff_client.get(reverse("staff:metric", args=[slug]))
    page = said.content.decode()
    assert said.status_code == 200
    assert "The last thirteen months" in page
    assert "style=" not in page.split("<main")[1], "the content policy forbids style attributes"


def test_the_demo_leaves_no_metric_empty(demo, db):
    period = last_month()
    facts = facts_of_months(period, 3)
    for found in METRICS.values():
        if found.needs:  # comments are read by the workers
            values = [result.value for _p, result in series(found, facts, months_to(period, 3))]
            assert any(value is not None for value in values), found.slug


def test_every_figure_has_the_rows_behind_it(demo, db):
    quarter = Period(add_months(last_month().stop, -3), last_month().stop)
    facts = facts_for(quarter)
    for found in METRICS.values():
        if found.needs:
            table = rows_behind(found.slug, facts, quarter)
            assert table is not None and table.rows, found.slug
            assert {len(row) for row in table.rows} == {len(table.heads)}


def test_a_change_that_may_be_chance_is_called_none(customers, tell, staff_client):
    names = [f"c{number}" for number in range(30)]
    customers(*names)
    row = {"status": "active", "amount": 5, "currency": "EUR", "at": "2024-01-01"}
    tell("subscriptions", *(row | {"external_id": n, "customer": n} for n in names))
    gone = {"amount": 5, "currency": "EUR", "status": "cancelled", "at": "2025-03-10"}
    tell("subscriptions", gone | {"external_id": "c1", "customer": "c1"})
    address = reverse("staff:metric", args=["customer-churn"]) + "?period=2025-03"
    said = "no clear change from 0.0\u00a0% the month before."
    assert said in staff_client.get(address).content.decode()
    tell("subscriptions", *(gone | {"external_id": n, "customer": n} for n in names[:20]))
    assert "after 0.0\u00a0% the month before." in staff_client.get(address).content.decode()


def test_conversations_open_on_the_tab_that_has_something(demo, staff_client):
    address = reverse("staff:conversations")
    # Whether the demo's model is good enough to predict hangs on the day; this test must not.
    SatisfactionModel.objects.update(disabled_at=timezone.now())
    first = Conversation.objects.order_by("pk")[:1].values("pk")
    Conversation.objects.filter(pk__in=first).update(alerted_at=timezone.now(), handled_at=None)
    page = staff_client.get(address).content.decode()
    assert 'href="?show=alerts" aria-current="page"' in page
    assert (
        'href="?show=all" aria-current' in staff_client.get(address + "?show=all").content.decode()
    )
    open_alerts().update(handled_at=timezone.now())
    assert 'href="?show=all" aria-current' in staff_client.get(address).content.decode()


def test_the_bridge_is_drawn_and_adds_up(demo, staff_client):
    page = staff_client.get(reverse("staff:metric", args=["mrr-movements"])).content.decode()
    assert "Adds to the cent" in page
    assert 'class="bridge end"' in page


def test_a_metric_there_is_not_and_a_strange_period(demo, staff_client):
    assert staff_client.get("/admin/metrics/wealth/").status_code == 404
    page = staff_client.get(reverse("staff:metrics") + "?period=2025-99").content.decode()
    assert "could not be understood" in page


def test_a_metric_is_shown_over_a_day_up_to_years_and_the_choice_is_kept(db, staff_client):
    address = reverse("staff:metric", args=["acquisition-cost"])
    for asked in ("13w", "12m"):  # 13 weeks are the usual time of surveys, not of metrics
        page = staff_client.get(f"{address}?period={asked}").content.decode()
        assert f'href="{address}?period={asked}" aria-current="true"' in page
    page = staff_client.get(f"{address}?from=2026-03-04&to=2026-03-04").content.decode()
    assert 'value="2026-03-04"' in page and "4 Mar" in page


def test_strangers_see_no_metrics(db, client):
    assert client.get(reverse("staff:metrics")).status_code == 302
