"""The accounts of a large workspace are listed from what is kept; each row is judged when shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.success import keeping, work
from analytics.success.health import health_facts, measure_all
from analytics.success.listing import by_health, by_money, health_of
from analytics.success.models import Conversation, HealthSnapshot, KeptAccount, SatisfactionModel
from outbox.drain import sweep
from outbox.models import Job
from surveys.access import create_key
from surveys.models import Customer

NAMES = [f"c{n}" for n in range(9)]


@pytest.fixture
def accounts(customers: Callable[..., None], tell: Callable[..., Any]) -> None:
    """Nine paying accounts that differ in everything health is made of."""
    customers(*NAMES)
    dice, now = random.Random(7), timezone.now()
    for number, name in enumerate(NAMES):
        row = {"external_id": name, "customer": name}
        begun = (now - timedelta(days=dice.randrange(100, 400))).isoformat()
        paid = {"status": dice.choice(["active", "past_due"]), "currency": "EUR"}
        tell("subscriptions", row | paid | {"at": begun, "amount": dice.randrange(1, 9) * 10})
        tell("entitlements", row | {"first_date": "2020-01-01", "seats": 2})
        held = {"external_id": f"f{name}", "first_date": "2020-01-01", "feature": "reports"}
        tell("entitlements", row | held)
        for event in range(dice.randrange(4)):
            at = (now - timedelta(days=dice.randrange(20), hours=1)).isoformat()
            used = {"external_id": f"{name}{event}", "user": f"{name}-u", "name": "saved"}
            feature = dice.choice(["", "reports"])
            tell("usage-events", used | {"customer": name, "at": at, "feature": feature})
        if number % 3 == 0:
            opened = (now - timedelta(days=dice.randrange(60))).isoformat()
            tell("tickets", row | {"opened_at": opened})
        if number % 2:
            due = (now + timedelta(days=dice.randrange(5, 200))).date().isoformat()
            tell("terms", row | {"due_date": due, "amount": 900, "currency": "EUR"})


@pytest.fixture
def large(accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MANY", 1)
    monkeypatch.setattr(work, "_PART", 4)
    judge()


def judge() -> None:
    Job.objects.filter(kind="health").update(due_at=timezone.now())
    while sweep():
        pass


def test_an_account_alone_is_judged_as_among_all(accounts: None) -> None:
    model = SatisfactionModel.objects.create(rated=90, rarer=30)
    for number, customer in enumerate(Customer.objects.all()[:5]):
        Conversation.objects.create(
            ticket=str(number), customer=customer, model=model, last_at=timezone.now(),
            probability=number / 5,
        )  # fmt: skip
    now = timezone.now()
    everybody = measure_all(health_facts(now))
    assert len({health.score for health in everybody}) > 3
    for health in everybody:
        assert measure_all(health_facts(now, only=[health.customer])) == [health]
    assert health_of(0)[1] is None


def test_the_kept_order_is_the_judged_one(accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [(at_risk, by_due) for at_risk in (True, False) for by_due in (True, False)]

    def listed() -> list[Any]:
        lists = [by_money(only_at_risk=a, by_due=b, most=5) for a, b in wanted]
        lists += [by_health(band=band, offset=1, limit=3) for band in ("", "red", "none")]
        return [([h.customer for h in x.healths], x.total, x.at_risk, x.money) for x in lists]

    judged = listed()
    monkeypatch.setattr(keeping, "MANY", 1)
    monkeypatch.setattr(work, "_PART", 4)
    judge()
    assert KeptAccount.objects.count() == HealthSnapshot.objects.count() == len(NAMES)
    assert listed() == judged


def test_the_list_says_how_old_it_is_and_is_judged_anew_at_a_press(
    large: None, staff_client: Client, tell: Callable[..., Any]
) -> None:
    KeptAccount.objects.update(computed_at=timezone.now() - timedelta(minutes=14))
    address = reverse("staff:accounts")
    assert (
        "Computed 14\xa0minutes ago, no facts since then."
        in staff_client.get(address).content.decode()
    )
    state = {"external_id": "c0", "customer": "c0", "at": timezone.now().isoformat()}
    tell("subscriptions", state | {"status": "cancelled", "amount": 0, "currency": "EUR"})
    assert "facts since then: 1." in staff_client.get(address).content.decode()
    assert staff_client.post(reverse("staff:accounts-judge")).status_code == 302
    assert "being computed" in staff_client.get(address).content.decode()
    while sweep():
        pass
    page = staff_client.get(address + "?show=all").content.decode()
    assert "no facts since then" in page
    assert ">C0<" not in page


def test_a_persons_word_counts_in_the_list_at_once(large: None, staff_client: Client) -> None:
    [calm] = by_health(band="", offset=len(NAMES) - 1, limit=1).healths
    before = by_money(only_at_risk=True, by_due=False, most=9)
    last = (timezone.now() + timedelta(days=9)).date().isoformat()
    said = {"band": "red", "reason": "They told me.", "last_date": last}
    address = reverse("staff:account-health", args=[calm.customer])
    assert staff_client.post(address, said).status_code == 302
    risky = by_money(only_at_risk=True, by_due=False, most=9)
    assert calm.customer in [health.customer for health in risky.healths]
    assert risky.total >= before.total
    staff_client.post(reverse("staff:account-health-end", args=[calm.customer]))
    assert by_money(only_at_risk=True, by_due=False, most=9).total == before.total


def test_the_api_pages_through_kept_accounts(large: None) -> None:
    _key, text = create_key(name="facts", scopes=["read"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    pages = [client.get(f"/api/v1/accounts?limit=4&offset={n}").json() for n in (0, 4, 8)]
    names = [row["customer"] for page in pages for row in page["results"]]
    assert sorted(names) == sorted(NAMES)
    assert {(page["count"], page["facts_since"]) for page in pages} == {(9, 0)}


def test_who_is_erased_leaves_the_list_and_a_small_workspace_keeps_none(
    large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Customer.objects.filter(external_id="c3").delete()
    assert KeptAccount.objects.count() == len(NAMES) - 1
    monkeypatch.setattr(keeping, "MANY", 1000)
    judge()
    assert not KeptAccount.objects.exists()
