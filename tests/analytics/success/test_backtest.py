"""Does health predict churn: judged by stored scores and who left later, one entry an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.success.backtest import backtest
from analytics.success.health import health_facts
from analytics.success.models import HealthSnapshot
from surveys.models import Customer

ADDRESS = "/api/v1/accounts/health/validation"


@pytest.fixture
def story(customers, tell):
    """Return a function: accounts that leave 40 days ago or stay, with a score from 90 days ago."""

    def make(left: int, stayed: int, *, left_at: float = 30, stayed_at: float = 80) -> None:
        names = [f"l{n}" for n in range(left)] + [f"s{n}" for n in range(stayed)]
        customers(*names)
        row = {"currency": "EUR", "amount": 9}
        then, gone = (timezone.now() - timedelta(days=days) for days in (400, 40))
        rows = [
            row | {"external_id": n, "customer": n, "at": then.isoformat(), "status": "active"}
            for n in names
        ]
        rows += [
            row | {"external_id": n, "customer": n, "at": gone.isoformat(), "status": "cancelled"}
            for n in names[:left]
        ]
        tell("subscriptions", *rows)
        day = health_facts().today - timedelta(days=90)
        HealthSnapshot.objects.bulk_create(
            HealthSnapshot(
                customer=customer,
                day=day - timedelta(days=customer.pk % 5),
                score=(left_at if customer.external_id[0] == "l" else stayed_at) + customer.pk % 9,
                coverage=1,
                usage=50 + customer.pk % 7,
            )
            for customer in Customer.objects.all()
        )

    return make


def test_a_score_that_ranks_leavers_lower_is_said_to_see_churn(story, api):
    story(32, 40)
    told = api.get(ADDRESS).json()
    assert (told["verdict"], told["churned"], told["kept"]) == ("predictive", 32, 40)
    assert told["auc"] == 1
    assert 0.8 < told["interval"]["low"] < 1
    bands = {band["band"]: (band["churned"], band["accounts"]) for band in told["bands"]}
    assert bands == {"red": (32, 32), "yellow": (0, 0), "green": (0, 40)}


def test_a_score_that_tells_nobody_apart_says_so(story, staff_client):
    story(32, 40, left_at=60, stayed_at=60)
    page = staff_client.get(reverse("staff:health-validation")).content.decode()
    assert "The health score does not see churn coming." in page
    assert "not to forecast" in page


def test_too_few_leavers_are_counted_and_no_figure_is_shown(story, staff_client):
    story(3, 40)
    page = staff_client.get(reverse("staff:health-validation")).content.decode()
    assert "is not known yet" in page
    assert "3 accounts with a score left" in page
    assert backtest(health_facts()).validation.auc is None


def test_an_account_counts_once_with_the_last_that_is_known_of_it(story):
    story(0, 1)
    [customer] = Customer.objects.all()
    HealthSnapshot.objects.create(
        customer=customer, day=health_facts().today - timedelta(days=270), score=10, coverage=1
    )
    told = backtest(health_facts()).validation
    assert (told.churned, told.kept) == (0, 1)
    assert told.churn_by_band["red"].n == 0


def test_other_definitions_are_judged_apart(story, staff_client):
    story(1, 1)
    HealthSnapshot.objects.filter(customer__external_id="s0").update(definition_version=7)
    found = backtest(health_facts())
    assert (found.version, found.versions, found.validation.kept) == (1, (1, 7), 0)
    assert backtest(health_facts(), version=7).validation.kept == 1


def test_nothing_stored_yet(db, staff_client):
    address = reverse("staff:health-validation")
    assert "not known yet" in staff_client.get(address).content.decode()
    assert staff_client.get(f"{address}?days=17").status_code == 404


def test_the_api_says_so_too_and_names_the_spans_on_offer(api):
    assert api.get(ADDRESS).json()["verdict"] == "too_little_history"
    said = api.get(f"{ADDRESS}?days=17")
    assert (said.status_code, "30, 60, 90, 180" in said.content.decode()) == (400, True)
