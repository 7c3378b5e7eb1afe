"""Edges of the metrics' rules, as an integrator meets them: facts told, metrics asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from analytics.periods import Period
from analytics.success.intake import take_in
from analytics.success.kept import value_of
from analytics.success.kinds import KINDS
from analytics.success.models import Conventions, Cost, ProductUser, SubscriptionState, Term
from surveys.models import Segment, SegmentCondition

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
APRIL = Period(date(2025, 4, 1), date(2025, 5, 1))


@pytest.fixture
def acme(customers):
    customers("acme")


def test_repeat_purchase_and_renewal_need_no_exchange_rate(acme, tell):
    Conventions.objects.create(base_currency="EUR")
    order = {"customer": "acme", "currency": "USD", "amount": 5, "placed_at": "2025-03-04"}
    tell("orders", *(order | {"external_id": n, "checkout": n} for n in ("a", "b")))
    assert value_of("repeat-purchase", MARCH).value == 1
    term = {"external_id": "t", "customer": "acme", "due_date": "2025-03-10", "currency": "USD"}
    tell("terms", term | {"amount": 100, "renewed_date": "2025-03-09"})
    found = value_of("renewal", MARCH)
    assert (found.value, found.parts["revenue_renewal_rate"]) == (1, None)
    assert found.parts["missing_rates"] == ["USD"]


def test_a_renewal_without_an_amount_is_one_at_the_amount_due(acme, tell):
    term = {"external_id": "t", "customer": "acme", "due_date": "2025-03-10", "currency": "EUR"}
    tell("terms", term | {"amount": 100, "renewed_date": "2025-03-09"})
    assert value_of("renewal", MARCH).parts["revenue_renewal_rate"] == 1


def test_terms_that_renew_every_month_can_be_left_out(acme, tell):
    Conventions.objects.create(has_monthly_renewals=False)
    term = {"external_id": "t", "customer": "acme", "due_date": "2025-03-10", "currency": "EUR"}
    tell("terms", term | {"amount": 100, "is_monthly": True})
    assert value_of("renewal", MARCH).reason == "no_population"


def test_a_follow_up_after_the_months_end_undoes_a_first_contact_resolution(acme, tell):
    ticket = {"customer": "acme", "issue": "login"}
    solved = {"opened_at": "2025-03-31T09:00:00Z", "solved_at": "2025-03-31T10:00:00Z"}
    again = {"opened_at": "2025-04-03T09:00:00Z", "solved_at": "2025-04-03T10:00:00Z"}
    tell("tickets", ticket | solved | {"external_id": "1"})
    assert value_of("first-contact-resolution", MARCH).value == 1
    tell("tickets", ticket | again | {"external_id": "2"})
    found = value_of("first-contact-resolution", MARCH)
    assert (found.value, found.parts["failures"]) == (0, {"repeat": 1})


def test_first_contact_resolution_follows_its_conventions(acme, tell):
    row = {"customer": "acme", "opened_at": "2025-03-03T09:00:00Z", "channel": "email"}
    tell("tickets", row | {"external_id": "1", "solved_at": "2025-03-03T11:00:00Z"})
    assert value_of("first-contact-resolution", MARCH).value == 1
    Conventions.objects.create(is_mail_hour=True)
    found = value_of("first-contact-resolution", MARCH)
    assert (found.value, found.parts["failures"]) == (0, {"slow_mail": 1})


def test_a_visit_over_the_months_last_midnight_is_one_visit_of_the_day_it_began(tell):
    event = {"user": "u", "name": "open"}
    times = ("2025-03-31T23:50:00Z", "2025-04-01T00:10:00Z")
    tell("usage-events", *(event | {"external_id": at, "at": at} for at in times))
    found = value_of("time-on-platform", MARCH)
    assert (found.value, found.parts["sessions"]) == (1200, 1)
    assert value_of("time-on-platform", APRIL).reason == "no_population"


def test_an_hour_two_shifts_share_is_one_hour(tell):
    tell(
        "opening-hours",
        {"weekday": 0, "opens": "09:00", "closes": "13:00"},
        {"weekday": 0, "opens": "12:00", "closes": "17:00"},
    )
    day = "2025-03-03"  # a Monday
    tell(
        "tickets",
        {
            "external_id": "1",
            "opened_at": f"{day}T08:00:00Z",
            "solved_at": f"{day}T18:00:00Z",
        },
    )
    assert value_of("resolution-time", MARCH).value == 8 * 3600


def test_a_month_nobody_told_costs_of_has_none_to_show(acme, tell):
    state = {"external_id": "s", "customer": "acme", "at": "2025-01-01", "status": "active"}
    tell("subscriptions", state | {"amount": 10, "currency": "EUR"})
    cost = {"external_id": "k", "category": "tools", "currency": "EUR"}
    tell("costs", cost | {"amount": 0, "first_date": "2025-03-01", "last_date": "2025-03-31"})
    assert value_of("retention-cost", MARCH).value == 0
    assert value_of("retention-cost", APRIL).reason == "not_configured"


def test_what_winning_customers_costs_is_told_by_its_share_and_for_the_whole_company(acme, tell):
    paid = {"customer": "acme", "status": "active", "amount": 10, "currency": "EUR"}
    tell("subscriptions", paid | {"external_id": "s", "at": "2025-03-05"})
    days = {"first_date": "2025-03-01", "last_date": "2025-03-31"}
    cost = {"external_id": "k", "category": "ads", "currency": "EUR", "amount": 400} | days
    (flaw,) = take_in(KINDS["costs"], [cost | {"acquisition_share": 0.5}]).refusals
    assert flaw.column == "acquisition_share" and "retention_share is 1" in flaw.reason
    assert value_of("acquisition-cost", MARCH).reason == "not_configured"
    tell("costs", cost | {"acquisition_share": 0.5, "retention_share": 0.5})
    found = value_of("acquisition-cost", MARCH)
    assert (found.value, found.denominator) == (200, 1)
    assert found.parts["lifetime_to_cost"] is None  # no margin: revenue over cost would flatter
    assert value_of("acquisition-cost", APRIL).reason == "not_configured"
    segment = Segment.objects.create(slug="growth", name="Growth")
    SegmentCondition.objects.create(segment=segment, property="plan", value="Growth")
    for slug in ("acquisition-cost", "retention-cost"):
        assert value_of(slug, MARCH, segment="growth").reason == "not_by_segment"
    with pytest.raises(IntegrityError), transaction.atomic():
        Cost.objects.update(acquisition_share=1)  # more than all of it was spent


def test_lifetime_value_stands_over_what_winning_cost_once_there_is_a_margin(customers, tell):
    Conventions.objects.create(gross_margin=Decimal("0.5"))
    customers("a", "b", "c")
    paid = {"status": "active", "amount": 100, "currency": "EUR"}
    for name, at in (("a", "2025-02-01"), ("b", "2025-02-01"), ("c", "2025-03-02")):
        tell("subscriptions", paid | {"external_id": name, "customer": name, "at": at})
    gone = paid | {"external_id": "a", "customer": "a", "at": "2025-03-20", "status": "cancelled"}
    tell("subscriptions", gone)
    days = {"first_date": "2025-03-01", "last_date": "2025-03-31"}
    shares = {"retention_share": 0, "acquisition_share": 1}
    ads = {"external_id": "k", "category": "ads", "currency": "EUR", "amount": 50}
    tell("costs", ads | days | shares)
    found, worth = value_of("acquisition-cost", MARCH), value_of("lifetime-value", MARCH)
    assert found.value == 50 and worth.value
    assert found.parts["lifetime_to_cost"] == pytest.approx(float(worth.value) / 50)


def test_a_trial_has_its_own_length_and_two_weeks_to_convert(acme, tell):
    trial = {"external_id": "t", "customer": "acme", "started_at": "2025-03-01", "amount": 9}
    tell("trials", trial | {"ends_at": "2025-03-31", "first_paid_at": "2025-04-12"})
    early = value_of("trial-conversion", MARCH, as_of=datetime(2025, 4, 13, tzinfo=UTC))
    assert (early.value, early.reason, early.pending) == (None, "immature_cohort", 1)
    late = value_of("trial-conversion", MARCH, as_of=datetime(2025, 4, 14, tzinfo=UTC))
    assert late.value == 1


def test_terms_of_a_subscription_do_not_overlap(acme, tell):
    term = {"customer": "acme", "subscription": "s", "amount": 1, "currency": "EUR"}
    first = term | {"external_id": "1", "first_date": "2025-01-01", "due_date": "2025-12-31"}
    tell("terms", first)
    rows = [
        first | {"due_date": "2025-06-30"},
        term | {"external_id": "2", "first_date": "2025-06-30", "due_date": "2026-06-29"},
        term | {"external_id": "3", "first_date": "2025-07-01", "due_date": "2026-06-30"},
        term | {"external_id": "4", "first_date": "2026-07-01", "due_date": "2026-06-30"},
    ]
    found = take_in(KINDS["terms"], rows)
    said = {refusal.index: (refusal.column, refusal.reason) for refusal in found.refusals}
    assert set(said) == {1, 3}
    assert said[1] == ("first_date", "overlaps with 1, which covers 2025-01-01 to 2025-06-30")
    assert "lies before first_date" in said[3][1]
    assert Term.objects.count() == 2


def test_a_discount_for_good_may_be_an_amount(acme, tell):
    row = {"customer": "acme", "at": "2025-01-01", "status": "active", "currency": "EUR"}
    row |= {"amount": 100, "quantity": 2, "discount_amount": 50}
    tell(
        "subscriptions",
        row | {"external_id": "once"},
        row | {"external_id": "good", "is_forever": True},
        row | {"external_id": "all", "is_forever": True, "discount_amount": 500},
    )
    amounts = dict(SubscriptionState.objects.values_list("external_id", "monthly"))
    assert amounts == {"once": Decimal(200), "good": Decimal(150), "all": Decimal(0)}
    both = row | {"external_id": "x", "discount": "0.1"}
    [refusal] = take_in(KINDS["subscriptions"], [both]).refusals
    assert (refusal.column, "not both" in refusal.reason) == ("discount_amount", True)


def test_a_customer_can_be_lost_when_they_ask_to_cancel(acme, tell):
    row = {"external_id": "s", "customer": "acme", "amount": 10, "currency": "EUR"}
    tell(
        "subscriptions",
        row | {"at": "2024-01-01", "status": "active"},
        row | {"at": "2025-04-20", "status": "cancelled", "cancel_requested_at": "2025-03-05"},
    )
    assert [value_of("customer-churn", m).value for m in (MARCH, APRIL)] == [0, 1]
    Conventions.objects.create(is_churn_at_request=True)
    assert value_of("customer-churn", MARCH).value == 1
    assert value_of("customer-churn", APRIL).reason == "no_population"


def test_the_events_of_an_internal_user_stay_out(acme, tell):
    event = {"name": "open", "at": "2025-03-05T10:00:00Z"}
    tell("usage-events", *(event | {"external_id": n, "user": n} for n in ("ann", "bot")))
    tell("users", {"external_id": "bot", "is_internal": True, "customer": "acme"})
    assert value_of("active-users", MARCH).value == 1
    tell("users", {"external_id": "bot", "role": "robot"})  # what is left out stays known
    bot = ProductUser.objects.get()
    assert (bot.is_internal, bot.role, bot.customer.external_id) == (True, "robot", "acme")


def test_somebody_back_after_a_year_is_not_new(acme, tell):
    event = {"user": "ann", "name": "open"}
    days = ("2024-02-01", "2025-03-05")
    tell("usage-events", *(event | {"external_id": d, "at": f"{d}T10:00:00Z"} for d in days))
    parts = value_of("active-users", MARCH).parts
    assert (parts["new"], parts["resurrected"]) == (0, 1)


def test_lifetime_value_has_four_names_and_says_revenue_without_a_margin(customers, tell):
    customers("a", "b")
    row = {"amount": 100, "currency": "EUR", "at": "2024-01-01", "status": "active"}
    tell("subscriptions", *(row | {"external_id": n, "customer": n} for n in ("a", "b")))
    tell("subscriptions", row | {"external_id": "a", "customer": "a", "at": "2025-03-09",
                                 "status": "cancelled"})  # fmt: skip
    order = {"customer": "b", "currency": "EUR", "amount": 60}
    for at in ("2024-04-01", "2024-12-01"):
        tell("orders", order | {"external_id": at, "checkout": at, "placed_at": at})
    assert value_of("lifetime-value", MARCH).value == 200
    simple = value_of("lifetime-simple", MARCH)
    assert simple.value == Decimal(60) * 2 / 12 * 2
    assert simple.convention.endswith("revenue")
    discounted = value_of("lifetime-discounted", MARCH)
    d = 1.1 ** (1 / 12) - 1
    assert float(discounted.value) == pytest.approx(100 * 0.5 / (1 + d - 0.5))
    assert float(value_of("lifetime-discounted", APRIL).value) == pytest.approx(100 / d)
    Conventions.objects.create(gross_margin=Decimal("0.5"), lifespan_months=10)
    assert value_of("lifetime-simple", MARCH).value == Decimal(60) * 2 / 12 * 10 / 2
    assert value_of("lifetime-historic", MARCH).parts["revenue"] == 120


def test_a_refunded_order_is_a_purchase_only_where_the_conventions_say_so(acme, tell):
    Conventions.objects.create(base_currency="EUR")
    order = {"customer": "acme", "currency": "EUR", "amount": 60, "placed_at": "2025-03-04"}
    tell(
        "orders",
        order | {"external_id": "a", "checkout": "a"},
        order | {"external_id": "b", "checkout": "b", "refund": 60},
    )
    found = value_of("repeat-purchase", MARCH)
    assert (found.value, "refunded ones are out" in found.convention) == (0, True)
    assert value_of("lifetime-historic", MARCH).value == 60
    Conventions.objects.update(is_refunded_purchase=True)
    found = value_of("repeat-purchase", MARCH)
    assert (found.value, "refunded ones count" in found.convention) == (1, True)
    worth = value_of("lifetime-historic", MARCH)
    assert (worth.value, "less refunds" in worth.convention) == (60, True)


# ---- Over REST -----------------------------------------------------------------------


def test_a_metric_is_told_for_all_customers_and_each_segment(api, customers, tell):
    customers("a", properties={"plan": "Scale"})
    customers("b", properties={"plan": "Starter"})
    for name in ("Scale", "Starter"):
        segment = Segment.objects.create(slug=name.lower(), name=name)
        SegmentCondition.objects.create(segment=segment, property="plan", value=name)
    row = {"at": "2024-01-01", "status": "active", "currency": "EUR"}
    tell("subscriptions", row | {"external_id": "1", "customer": "a", "amount": 70})
    tell("subscriptions", row | {"external_id": "2", "customer": "b", "amount": 30})
    told = api.get("/api/v1/metrics/mrr/segments?period=2025-03").json()
    assert [(v["segment"], v["value"]) for v in told["values"]] == [
        ("", 100), ("scale", 70), ("starter", 30)
    ]  # fmt: skip


def test_a_metric_can_be_read_as_of_a_day(api, acme, tell):
    term = {"external_id": "t", "customer": "acme", "due_date": "2025-03-10", "currency": "EUR"}
    tell("terms", term | {"amount": 100, "renewed_date": "2025-03-20"})
    early = api.get("/api/v1/metrics/renewal?period=2025-03&as_of=2025-03-15").json()
    assert (early["value"], early["reason"], early["pending"]) == (None, "immature_cohort", 1)
    assert api.get("/api/v1/metrics/renewal?period=2025-03").json()["value"] == 1
    assert api.get("/api/v1/metrics/renewal?as_of=soon").status_code == 400


def test_cohorts_by_month_of_first_payment_who_stays_and_who_is_back(api, customers, tell):
    customers("a", "b", "c", is_internal=False)
    row = {"status": "active", "amount": 5, "currency": "EUR"}
    for who, start, stop, again in (
        ("a", "2025-01-10", None, None),
        ("b", "2025-01-20", "2025-02-15", "2025-03-20"),
        ("c", "2025-03-01", None, None),
    ):
        days = [(start, "active"), (stop, "cancelled"), (again, "active")]
        one = row | {"external_id": who, "customer": who}
        tell("subscriptions", *(one | {"at": at, "status": said} for at, said in days if at))
    told = api.get("/api/v1/metrics/cohorts?period=2025-03&months=3").json()
    counts = [(c["month"], c["size"], [k["count"] for k in c["kept"]]) for c in told["cohorts"]]
    assert counts == [("2025-01", 2, [2, 1, 2]), ("2025-02", 0, [0, 0]), ("2025-03", 1, [1])]
    january, february, _march = told["cohorts"]
    assert january["kept"][1]["value"] == 0.5
    assert january["kept"][1]["interval"]["low"] < 0.5 < january["kept"][1]["interval"]["high"]
    assert february["kept"][0]["value"] is None
    early = api.get("/api/v1/metrics/cohorts?period=2025-03&months=3&as_of=2025-03-15").json()
    assert [c["month"] for c in early["cohorts"]] == ["2025-01", "2025-02"]
    assert api.get("/api/v1/metrics/cohorts?months=99").status_code == 400


def test_conventions_are_read_and_changed(api):
    assert api.get("/api/v1/metrics/conventions").json()["grace_days"] == 30
    changed = api.patch("/api/v1/metrics/conventions", {"grace_days": 14, "base_currency": "EUR"})
    assert (changed.status_code, changed.json()["base_currency"]) == (200, "EUR")
    assert Conventions.objects.get().grace_days == 14
    for body in ({"grace": 3}, {"gross_margin": 2}, {"base_currency": "XXX"}, [1]):
        said = api.patch("/api/v1/metrics/conventions", body)
        assert said.status_code == 422, said.json()
