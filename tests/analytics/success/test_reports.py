"""Facts posted through REST, metrics read through REST, equal to the pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from analytics.periods import Period
from analytics.success.catalogue import METRICS, facts_of_months, months_to, series
from analytics.success.kept import value_of
from analytics.success.metrics.churn import churn
from analytics.success.metrics.facts import PaidSpell
from analytics.success.metrics.periods import Period as Instants
from surveys.models import Customer

MARCH = "from=2025-03-01&to=2025-03-31"
# customer, subscription, start, end, status: the paid, trial, free and paused spells of one March.
SPELLS = [
    ("c01", "s1", "2024-01-10", None, "active"),
    ("c02", "s1", "2024-05-01", "2025-03-15", "active"),
    ("c03", "s1", "2024-06-01", "2025-03-10", "active"),
    ("c03", "s2", "2025-03-20", None, "active"),
    ("c04", "s1", "2025-03-05", None, "active"),
    ("c05", "s1", "2025-03-06", "2025-03-25", "active"),
    ("c06", "s1", "2025-02-20", "2025-03-06", "trialing"),
    ("c06", "s2", "2025-03-06", None, "active"),
    ("c08", "s1", "2024-02-01", "2025-03-01", "active"),
    ("c09", "s1", "2024-02-01", "2025-04-01", "active"),
    ("c10", "s1", "2024-03-01", "2025-02-10", "active"),
    ("c10", "s2", "2025-03-12", None, "active"),
    ("c11", "sA", "2024-01-01", "2025-03-08", "active"),
    ("c11", "sB", "2024-01-01", None, "active"),
    ("c12", "s1", "2024-08-01", "2025-03-18", "active"),
]


def states() -> list[dict[str, Any]]:
    rows = []
    for who, name, start, end, status in SPELLS:
        row = {
            "external_id": f"{who}-{name}",
            "customer": who,
            "amount": "10",
            "currency": "EUR",
        }
        rows.append(row | {"at": start, "status": status})
        if end:
            rows.append(row | {"at": end, "status": "cancelled", "cause": "price"})
    return rows


def post(api, kind: str, *rows: dict[str, Any]) -> None:
    said = api.post(f"/api/v1/facts/{kind}?all_or_nothing=true", {"rows": list(rows)})
    assert said.status_code == 200, said.json()


def get(api, slug: str, query: str = "") -> dict[str, Any]:
    said = api.get(f"/api/v1/metrics/{slug}?{query}")
    assert said.status_code == 200, said.json()
    return said.json()


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def test_churn_through_rest_equals_the_pure_function(api):
    post(api, "customers", *({"external_id": f"c{n:02}", "name": f"C{n}"} for n in range(1, 13)))
    post(api, "subscriptions", *states())
    told = get(api, "customer-churn", MARCH)
    spells = [
        PaidSpell(who, at(start), at(end))
        for who, _name, start, end, status in SPELLS
        if status == "active"
    ]
    pure = churn(spells, Instants(at("2025-03-01"), at("2025-04-01")))
    assert told["value"] == pytest.approx(pure.value)
    for name in ("start", "retained", "churned", "new", "end", "churn_events", "reactivated"):
        assert told["parts"][name] == pure.parts[name], name
    assert told["interval"]["low"] == pytest.approx(pure.interval.low)
    kept = get(api, "customer-retention", MARCH)
    assert told["value"] + kept["value"] == pytest.approx(1)


def test_the_bridge_adds_up_to_the_cent_and_gross_is_not_above_net(api):
    post(api, "customers", *({"external_id": n, "name": n} for n in ("a", "b", "c", "d", "e")))
    row = {"currency": "EUR", "status": "active"}
    levels = [
        ("a", "2024-01-01", "100"), ("a", "2025-03-10", "159.99"),
        ("b", "2024-01-01", "80"), ("b", "2025-03-05", "50.01"),
        ("c", "2024-01-01", "33.33"), ("d", "2025-03-20", "70"),
        ("e", "2024-01-01", "20"), ("e", "2025-03-30", "25"),
    ]  # fmt: skip
    rows = [
        row | {"external_id": who, "customer": who, "at": day, "amount": amount}
        for who, day, amount in levels
    ]
    rows.append(rows[4] | {"at": "2025-03-15", "status": "cancelled"})
    rows.append(rows[6] | {"at": "2024-06-01", "status": "paused"})
    post(api, "subscriptions", *rows)
    told = get(api, "mrr-movements", MARCH)
    parts = {name: Decimal(str(part)) for name, part in told["parts"].items() if name in (
        "start", "end", "new", "reactivation", "expansion", "contraction", "churn")}  # fmt: skip
    assert parts == {
        "start": Decimal("213.33"), "end": Decimal("305.0"), "new": Decimal("70.0"),
        "reactivation": Decimal("25.0"), "expansion": Decimal("59.99"),
        "contraction": Decimal("29.99"), "churn": Decimal("33.33"),
    }  # fmt: skip
    assert told["value"] == pytest.approx(91.67)
    net, gross = get(api, "nrr", MARCH), get(api, "grr", MARCH)
    assert gross["parts"]["of_period"] == pytest.approx((100 + 50.01) / 213.33)
    assert net["parts"]["of_period"] == pytest.approx((159.99 + 50.01) / 213.33)
    assert get(api, "mrr", MARCH)["value"] == pytest.approx(305)
    assert get(api, "arpa", MARCH)["value"] == pytest.approx(305 / 4)


def test_another_currency_needs_a_rate(api, customers):
    customers("a", "b")
    row = {"status": "active", "at": "2024-01-01", "amount": "100"}
    post(
        api,
        "subscriptions",
        row | {"external_id": "1", "customer": "a", "currency": "EUR"},
        row | {"external_id": "2", "customer": "a", "currency": "EUR"},
        row | {"external_id": "3", "customer": "b", "currency": "USD"},
    )
    for slug in ("mrr", "mrr-movements", "nrr"):
        told = get(api, slug, MARCH)
        assert (told["value"], told["reason"]) == (None, "currency_rate_missing")
        assert told["parts"]["missing_rates"] == ["USD"]
    rate = {"day": "2025-01-01", "currency": "USD", "to_currency": "EUR", "rate": "0.9"}
    post(api, "exchange-rates", rate)
    assert get(api, "mrr", MARCH)["value"] == pytest.approx(290)
    post(api, "exchange-rates", rate | {"day": "2025-03-20", "rate": "0.8"})
    moved = get(api, "mrr-movements", MARCH)
    assert (moved["value"], moved["parts"]["fx"]) == (0, pytest.approx(-10))


def test_renewals_look_at_mature_terms_only(api, customers, monkeypatch):
    customers("a")
    row = {"customer": "a", "due_date": "2025-04-10", "amount": 100, "currency": "EUR"}
    post(
        api,
        "terms",
        row | {"external_id": "1", "renewed_date": "2025-04-01", "amount_renewed": 120},
        row | {"external_id": "2"},
        row | {"external_id": "3", "due_date": "2025-04-30", "renewed_date": "2025-04-20"},
    )
    april = Period(date(2025, 4, 1), date(2025, 5, 1))
    early = value_of("renewal", april, as_of=datetime(2025, 5, 12, tzinfo=UTC))
    assert (early.value, early.pending, early.n) == (0.5, 1, 2)
    assert early.parts["revenue_renewal_rate"] == 0.5
    late = value_of("renewal", april, as_of=datetime(2025, 6, 12, tzinfo=UTC))
    assert late.value == pytest.approx(2 / 3)


def test_active_users_count_people_once_and_leave_insiders_out(api, customers):
    customers("acme")
    Customer.objects.create(external_id="own", name="Own", is_internal=True)
    row = {"name": "saved", "customer": "acme"}
    times = ["2025-02-03T10:00:00Z", "2025-02-03T11:00:00Z", "2025-02-10T10:00:00Z"]
    rows = [row | {"external_id": f"u1-{i}", "user": "u1", "at": t} for i, t in enumerate(times)]
    rows += [
        row | {"external_id": "u2", "user": "u2", "at": "2025-02-03T10:00:00Z"},
        row | {"external_id": "v", "user": "v", "at": "2025-02-03T10:00:00Z", "is_core": False},
        row | {"external_id": "i", "user": "i", "at": "2025-02-03T10:00:00Z", "is_internal": True},
        row | {"external_id": "o", "user": "o", "at": "2025-02-03T10:00:00Z", "customer": "own"},
    ]
    post(api, "usage-events", *rows)
    told = get(api, "active-users", "period=2025-02")
    assert (told["value"], told["parts"]["by_day"]["2025-02-03"]) == (2, 2)
    assert get(api, "stickiness", "period=2025-02")["value"] == pytest.approx(3 / 28 / 2)
    time = get(api, "time-on-platform", "period=2025-02")
    assert time["parts"]["sessions"] == 5


def test_support_metrics_read_tickets_and_legs(api, customers):
    customers("acme")
    row = {"customer": "acme", "opened_at": "2025-05-05T09:00:00Z"}
    post(
        api,
        "tickets",
        row | {"external_id": "1", "issue": "a", "first_reply_at": "2025-05-05T10:00:00Z",
               "solved_at": "2025-05-05T12:00:00Z"},
        row | {"external_id": "2", "issue": "b", "reopened": 1,
               "solved_at": "2025-05-06T09:00:00Z"},
        row | {"external_id": "3", "issue": "c", "flag": "spam",
               "solved_at": "2025-05-06T09:00:00Z"},
    )  # fmt: skip
    leg = {"contact": "k", "ended_at": "2025-05-05T10:00:00Z", "talk_seconds": 100}
    post(api, "contact-legs", leg | {"external_id": "x"}, leg | {"external_id": "y"})
    may = "period=2025-05"
    solved = get(api, "first-contact-resolution", may)
    assert (solved["value"], solved["parts"]["failures"]) == (0.5, {"reopened": 1})
    assert get(api, "handle-time", may)["value"] == 200
    assert get(api, "first-reply-time", may)["value"] == 3600
    assert get(api, "resolution-time", may)["value"] == pytest.approx((3 + 24) / 2 * 3600)
    hours = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
    post(api, "opening-hours", *hours)
    assert get(api, "resolution-time", may)["value"] == pytest.approx((3 + 8) / 2 * 3600)


def test_usage_and_adoption_need_entitlements(api, customers):
    customers("acme")
    post(
        api,
        "entitlements",
        {"external_id": "p", "customer": "acme", "first_date": "2025-01-01", "seats": 2},
        {"external_id": "f", "customer": "acme", "first_date": "2025-03-03", "feature": "reports"},
    )
    days = ("2025-03-03", "2025-03-03", "2025-03-04")
    rows = [
        {"external_id": f"e{i}", "user": "u", "customer": "acme", "name": "open",
         "feature": "reports", "at": f"{day}T10:00:00Z"}
        for i, day in enumerate(days)
    ]  # fmt: skip
    post(api, "usage-events", *rows)
    used = get(api, "usage-rate", "period=2025-03")
    assert used["parts"]["customer_weeks"] == 4
    assert used["value"] == 0.25
    adopted = get(api, "adoption", "period=2025-03")
    assert (adopted["value"], adopted["parts"]["by_feature"]) == (1, {"reports": 1})


def test_every_metric_without_facts_is_null_with_a_reason_or_a_true_zero(api):
    for slug, found in METRICS.items():
        told = get(api, slug, MARCH)
        if told["value"] is None:
            assert told["reason"], slug
        else:
            assert slug in ("mrr", "arr", "mrr-movements"), slug
            assert told["value"] == 0
        assert told["unit"] == found.unit, slug


def test_a_segment_narrows_the_base_and_an_unknown_one_is_refused(api, customers):
    from surveys.models import Segment, SegmentCondition

    customers("a", properties={"plan": "Scale"})
    customers("b", properties={"plan": "Starter"})
    scale = Segment.objects.create(slug="scale", name="Scale")
    SegmentCondition.objects.create(segment=scale, property="plan", value="Scale")
    row = {"status": "active", "at": "2024-01-01", "amount": "100", "currency": "EUR"}
    post(
        api,
        "subscriptions",
        row | {"external_id": "1", "customer": "a"},
        row | {"external_id": "2", "customer": "b"},
    )
    assert get(api, "mrr", MARCH)["value"] == 200
    assert get(api, "mrr", MARCH + "&segment=scale")["value"] == 100
    assert api.get("/api/v1/metrics/mrr?segment=nowhere").status_code == 400


def test_the_series_has_one_point_a_month_and_few_statements(
    api, customers, django_assert_max_num_queries
):
    customers("a")
    row = {"external_id": "1", "customer": "a", "status": "active", "currency": "EUR"}
    post(api, "subscriptions", row | {"at": "2024-12-15", "amount": 7})
    with django_assert_max_num_queries(12):
        told = api.get("/api/v1/metrics/mrr/series?period=2025-03&months=4").json()
    assert [point["value"] for point in told["points"]] == [7, 7, 7, 7]
    assert told["points"][0]["period"] == "2024-12-01/2024-12-31"


def test_all_metrics_of_a_year_take_a_fixed_number_of_statements(
    customers, tell, django_assert_max_num_queries
):
    customers("a")
    row = {"external_id": "1", "customer": "a", "status": "active", "currency": "EUR"}
    tell("subscriptions", row | {"at": "2024-12-15", "amount": 7})
    march = Period(date(2025, 3, 1), date(2025, 4, 1))
    with django_assert_max_num_queries(55):
        facts = facts_of_months(march, 13)
        for found in METRICS.values():
            assert len(series(found, facts, months_to(march, 13))) == 13


def test_bad_periods_say_what_is_wrong(api):
    for query in ("period=2025-13", "period=soon", "from=2025-02-30"):
        assert api.get(f"/api/v1/metrics/mrr?{query}").status_code == 400
    assert api.get("/api/v1/metrics/wealth").status_code == 404


def test_a_term_that_ends_at_the_workspaces_midnight_is_lost_by_one_month(
    settings, customers, tell
):
    settings.TIME_ZONE = "America/New_York"
    customers("a")
    row = {"external_id": "1", "customer": "a", "amount": 7, "currency": "EUR"}
    tell(
        "subscriptions",
        row | {"at": "2024-01-01", "status": "active"},
        row | {"at": "2025-04-01", "status": "cancelled"},  # its local midnight, 04:00 UTC
    )
    march, april = (Period(date(2025, m, 1), date(2025, m + 1, 1)) for m in (3, 4))
    assert value_of("customer-churn", march).value == 1
    assert value_of("customer-churn", april).reason == "no_population"
