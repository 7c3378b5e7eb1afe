"""Rage clicks and errors as facts: in no figure of use, in one of their own, on the timeline."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse

from analytics.periods import Period, today
from analytics.success.catalogue import METRICS, facts_for
from analytics.success.intake import take_in
from analytics.success.kept import value_of
from analytics.success.kinds import KINDS
from analytics.success.models import ProductUser, UsageEvent
from analytics.success.moments import friction_moments, usage_moments
from surveys.models import Customer
from tests.analytics.success.test_rules import APRIL, MARCH


def event(key: str, user: str, at: str, **more: Any) -> dict[str, Any]:
    return {"external_id": key, "user": user, "at": f"2025-{at}Z", "name": "saved", **more}


def error(key: str, user: str, at: str, **more: Any) -> dict[str, Any]:
    return event(key, user, at) | {"kind": "error", "name": "TypeError app.js:12", **more}


def click(key: str, user: str, at: str, **more: Any) -> dict[str, Any]:
    return event(key, user, at) | {"kind": "rage-click", "name": "send", **more}


USE = [
    event("1", "ann", "03-04T09:00:00", customer="acme", feature="reports"),
    event("2", "ann", "03-05T09:00:00", customer="acme", feature="reports"),
    event("3", "ann", "03-05T09:20:00", customer="acme", feature="reports"),
    event("4", "bob", "03-06T09:00:00", customer="acme"),
    event("5", "cid", "04-07T09:00:00"),
]
TROUBLE = [
    # in a sitting, prolonging one, of somebody new, of a feature nobody used, on another day
    click("f1", "ann", "03-05T09:10:00", customer="acme", feature="reports"),
    error("f2", "bob", "03-06T09:25:00", customer="acme", page="/invoices"),
    error("f3", "eve", "03-09T09:00:00", customer="acme"),
    click("f4", "bob", "03-01T09:00:00", customer="acme", feature="payroll"),
    error("f5", "ann", "04-02T09:00:00", customer="acme", is_core=True),
]


@pytest.fixture
def used(customers, tell):
    customers("acme")
    days = {"first_date": "2025-02-01", "customer": "acme"}
    tell("entitlements", days | {"external_id": "all", "seats": 2})
    for name in ("reports", "payroll"):
        tell("entitlements", days | {"external_id": name, "feature": name})
    tell("usage-events", *USE)


@pytest.mark.parametrize("is_held", [True, False])
def test_rage_clicks_and_errors_move_no_other_figure(used, tell, monkeypatch, is_held):
    if not is_held:
        monkeypatch.setattr("analytics.success.usage_facts.MOST_HELD", 1)
    others = [slug for slug in METRICS if slug != "friction"]

    def figures() -> dict[str, Any]:
        found = {}
        for period in (MARCH, APRIL):
            facts = facts_for(period)
            for slug in others:
                found[slug, str(period)] = METRICS[slug].compute(facts, period)
            found["freshness", str(period)] = facts.tracked_until, facts.features_used()
        return found

    before = figures()
    assert before["active-users", str(MARCH)].value == 2
    assert before["time-on-platform", str(MARCH)].parts["sessions"] == 3
    tell("usage-events", *TROUBLE)
    assert figures() == before
    assert value_of("friction", MARCH).value == 1


@pytest.mark.parametrize("is_held", [True, False])
def test_friction_counts_active_people_since_the_first_watched_day(
    used, tell, monkeypatch, is_held
):
    if not is_held:
        monkeypatch.setattr("analytics.success.usage_facts.MOST_HELD", 1)
    assert value_of("friction", MARCH).reason == "not_configured"
    tell("usage-events", TROUBLE[0], *TROUBLE[2:3])
    ProductUser.objects.create(external_id="own", is_internal=True)
    tell("usage-events", error("f9", "own", "01-01T00:00:00"))
    found = value_of("friction", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)  # ann of ann and bob; eve did nothing
    assert found.parts["only_struggled"] == 1
    assert found.parts["part_day"] == "2025-03-05"
    assert value_of("friction", APRIL).value == 0
    february = Period(MARCH.start.replace(month=2), MARCH.start)
    assert value_of("friction", february).reason == "insufficient_history"


def test_an_event_of_trouble_is_never_a_core_event(customers, tell):
    customers("acme")
    tell("usage-events", TROUBLE[-1])
    assert not UsageEvent.objects.get().is_core
    with pytest.raises(IntegrityError):
        UsageEvent.objects.update(is_core=True)


def test_an_unknown_kind_is_refused_with_its_name(db):
    [refusal] = take_in(
        KINDS["usage-events"], [error("1", "a", "03-01T00:00:00", kind="odd")]
    ).refusals
    assert refusal.column == "kind"


def test_the_page_names_what_people_struggled_with_and_the_api_tells_the_same(
    used, tell, api, staff_client, settings
):
    tell("usage-events", *TROUBLE)
    rows = api.get("/api/v1/metrics/friction/places?period=2025-03").json()["places"]
    assert [(r["place"], r["kind"], r["times"], r["people"]) for r in rows] == [
        ("/invoices", "error", 1, 1),
        ("payroll", "rage-click", 1, 1),
        ("reports", "rage-click", 1, 1),
        ("", "error", 1, 0),
    ]
    assert rows[0]["value"] == 0.5
    assert rows[0]["before"] is None  # nobody watched in February
    settings.ROOT_URLCONF = "config.urls"
    page = staff_client.get(reverse("staff:metric", args=["friction"]) + "?period=2025-03")
    text = page.content.decode()
    assert "TypeError app.js:12" in text
    assert "/invoices" in text


def test_the_timeline_tells_the_days_on_which_people_struggled(used, tell):
    tell("usage-events", *(e | {"at": f"{today()}T00:00:01Z"} for e in (TROUBLE[0], TROUBLE[2])))
    acme = Customer.objects.get()
    [moment] = friction_moments(acme)
    assert (moment.title, moment.note, moment.tone) == (
        "2 people struggled", "1 rage click, 1 error", "negative"
    )  # fmt: skip
    assert not any("payroll" in m.title for m in usage_moments(acme))
