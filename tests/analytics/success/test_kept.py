"""Figures of a large workspace are kept: equal to computed ones, marked when old, never a guess."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from analytics.periods import month_of, today
from analytics.statistics.result import Interval, Result
from analytics.success import keeping
from analytics.success.catalogue import METRICS, MONTHS, facts_of_months, measure
from analytics.success.freezing import freeze, thaw, thaw_result
from analytics.success.intake import take_in
from analytics.success.keeping import FIGURES, Task, keep, plan
from analytics.success.kept import measured, spans_of
from analytics.success.kinds import KINDS
from analytics.success.metrics.periods import add_months
from analytics.success.midway import middle
from analytics.success.models import KeptFigure
from analytics.success.spans import last_month
from outbox.claims import claim, claimant, finish
from outbox.drain import drain, sweep
from outbox.models import Job
from outbox.registry import Onward, handler_of
from surveys.access import create_key
from surveys.models import Customer, Segment

Tell = Callable[..., object]


@pytest.fixture
def rest(db: None) -> APIClient:
    """Return a client of the whole API with a key that may read."""
    _key, text = create_key(name="facts", scopes=["read"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, customers: Callable[..., None]) -> None:
    """A workspace in which two rows of a kind are many, with three customers."""
    monkeypatch.setattr(keeping, "MANY", 1)
    customers("acme", "bolt", "cord")


def pay(tell: Tell, who: str, amount: int, day: date, **more: object) -> None:
    row = {"external_id": f"s-{who}", "customer": who, "at": f"{day}T10:00:00Z"}
    tell("subscriptions", row | {"status": "active", "amount": amount, "currency": "EUR"} | more)


@pytest.fixture
def paying(large: None, tell: Tell) -> None:
    start = add_months(last_month().start, -3)
    for who, amount in (("acme", 50), ("bolt", 20), ("cord", 30)):
        pay(tell, who, amount, start)
    pay(tell, "bolt", 90, last_month().start + timedelta(days=3))
    pay(tell, "cord", 0, last_month().start + timedelta(days=4), status="cancelled")


def compute() -> None:
    """Look over what is wanted and compute it, as the outbox does."""
    plan()
    drain(keeping.FIGURES)


def shown(client: Client, slug: str, **query: str) -> str:
    return client.get(reverse("staff:metric", args=[slug]), query).content.decode()


# ---- Text and back -------------------------------------------------------------------

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(plain)
def test_what_is_kept_comes_back_to_the_last_digit(value):
    again = thaw(freeze({"value": value}))["value"]
    assert again == value
    assert repr(again) == repr(value)


def test_a_result_comes_back_whole_and_what_would_not_is_refused():
    interval = Interval(Decimal("0.10"), 0.3, 0.95, "wilson")
    found = Result(Decimal("12.340"), "money", 3, interval=interval, parts={"a": [Decimal(1)]})
    assert thaw_result(freeze(found)) == found
    for value in ({1: "a"}, {"a": object()}, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            freeze(value)


# ---- What is kept --------------------------------------------------------------------


def test_a_metric_watches_every_kind_of_fact_it_reads(paying: None, tell: Tell) -> None:
    at = f"{last_month().start}T10:00:00Z"
    row = {"external_id": "1", "customer": "acme"}
    tell("usage-events", row | {"user": "u", "name": "saved", "at": at, "feature": "x"})
    tell("entitlements", row | {"first_date": at[:10], "feature": "x"})
    tell("tickets", row | {"opened_at": at})
    tables = {kind.model._meta.db_table: name for name, kind in KINDS.items()}
    for found in METRICS.values():
        facts = facts_of_months(last_month(), 2)
        with CaptureQueriesContext(connection) as queries:
            measure(found, facts, last_month())
        asked = " ".join(query["sql"] for query in queries)
        read = {name for table, name in tables.items() if f'"{table}"' in asked}
        assert read <= found.reads, found.slug


def test_a_small_workspace_keeps_nothing_and_is_always_new(
    customers: Callable[..., None], tell: Tell, staff_client: Client
) -> None:
    customers("acme")
    pay(tell, "acme", 50, last_month().start)
    assert plan() == []
    assert not KeptFigure.objects.exists()
    assert "€50" in shown(staff_client, "mrr")
    pay(tell, "acme", 70, last_month().start + timedelta(days=1))
    page = shown(staff_client, "mrr")
    assert "€70" in page
    assert "facts since then" not in page


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kept_equals_computed_whatever_changed_since(paying: None, tell: Tell, seed: int) -> None:
    compute()
    dice = random.Random(seed)
    for _ in range(8):
        day = last_month().start - timedelta(days=dice.randrange(300))
        status = dice.choice(["active", "paused", "cancelled"])
        pay(tell, dice.choice(["acme", "bolt", "cord"]), dice.randrange(90), day, status=status)
        row = {"external_id": str(dice.random()), "user": "u", "name": "saved"}
        tell("usage-events", row | {"customer": "acme", "at": f"{day}T11:00:00Z"})
    ask_for_all()
    facts = facts_of_months(last_month(), MONTHS)
    found = measured(list(METRICS.values()), facts, last_month(), MONTHS)
    assert {slug for slug, each in found.items() if each.is_kept} >= {"mrr", "nrr", "active-users"}
    for slug, each in found.items():
        assert each.age is None or each.age.since == 0
        for span, result in each.months:
            now = measure(METRICS[slug], facts, span).as_dict() | {"computed_at": ""}
            assert result.as_dict() | {"computed_at": ""} == now, (slug, span)


def ask_for_all() -> None:
    for group in keeping.GROUPS:
        keeping.ask(Task("", last_month(), group))
    compute()


def test_an_old_figure_says_how_old_it_is_and_what_came_in_since(
    paying: None, tell: Tell, staff_client: Client, rest: APIClient
) -> None:
    compute()
    KeptFigure.objects.update(computed_at=timezone.now() - timedelta(minutes=14))
    assert "Computed 14\xa0minutes ago, no facts since then." in shown(staff_client, "mrr")
    for amount in (60, 65, 70):
        pay(tell, "acme", amount, last_month().start + timedelta(days=amount - 55))
    page = shown(staff_client, "mrr")
    assert "Computed 14\xa0minutes ago, facts since then: 3." in page
    assert "€140" in page, "the figure is the one that was computed"
    overview = staff_client.get(reverse("staff:metrics")).content.decode()
    assert "Computed 14\xa0minutes ago, facts since then: 3." in overview
    told = rest.get("/api/v1/metrics/mrr").json()
    row = KeptFigure.objects.get(metric="mrr", first_date=last_month().start)
    assert (told["value"], told["facts_since"]) == (140, 3)
    assert told["computed_at"] == thaw_result(row.result).computed_at
    untouched = rest.get("/api/v1/metrics/time-on-platform").json()
    assert untouched["facts_since"] == 0, "subscriptions say nothing about usage"


def test_the_button_computes_at_once_and_everybody_sees_the_new_figure(
    paying: None, tell: Tell, staff_client: Client, rest: APIClient
) -> None:
    compute()
    pay(tell, "acme", 70, last_month().start + timedelta(days=9))
    assert plan() == [], "half a minute old is new enough to wait"
    said = staff_client.post(reverse("staff:metric-compute", args=["mrr"]))
    assert said.url.startswith(reverse("staff:metric", args=["mrr"]))
    assert "being computed" in shown(staff_client, "mrr")
    assert drain(keeping.FIGURES) == 1
    page = shown(staff_client, "mrr")
    assert "€160" in page
    assert "being computed" not in page
    points = rest.get("/api/v1/metrics/mrr/series").json()["points"]
    assert [p["value"] for p in points[-4:]] == [100, 100, 100, 160]
    value = rest.get("/api/v1/metrics/mrr").json()
    assert value == value | points[-1]


def test_old_figures_are_computed_anew_by_themselves(paying: None, tell: Tell) -> None:
    compute()
    pay(tell, "acme", 70, last_month().start + timedelta(days=9))
    assert plan() == []
    assert Job.objects.filter(kind="figures-plan", state="pending").exists(), "and looks again"
    later = timezone.now() + keeping.REST + timedelta(minutes=1)
    found = {task.group for task in plan(later)}
    assert found >= {"loyalty", "revenue"}
    assert "usage" not in found
    tomorrow = timezone.now() + timedelta(days=1)
    assert {task.group for task in plan(tomorrow)} >= {"loyalty", "revenue"}


def test_days_nobody_keeps_say_so_and_are_computed_when_asked_for(
    paying: None, staff_client: Client, rest: APIClient
) -> None:
    compute()
    month = add_months(last_month().start, -20)
    query = {"period": f"{month:%Y-%m}"}
    page = shown(staff_client, "customer-churn", **query)
    assert "Not computed yet: there are too many facts" in page
    assert rest.get("/api/v1/metrics/mrr", query).json()["value"] == 0, "the API computes it"
    address = reverse("staff:metric-compute", args=["customer-churn"])
    staff_client.post(f"{address}?period={month:%Y-%m}")
    drain(keeping.FIGURES)
    assert "Nobody to count" in shown(staff_client, "customer-churn", **query)
    plan()
    assert KeptFigure.objects.filter(first_date=month, is_page=True).count() == 1
    KeptFigure.objects.filter(first_date=month).update(asked_at=timezone.now() - timedelta(days=31))
    plan()
    assert not KeptFigure.objects.filter(first_date=month).exists()


def test_other_conventions_and_other_conditions_are_other_figures(
    paying: None, staff_client: Client
) -> None:
    segment = Segment.objects.create(slug="big", name="Big")
    condition = segment.conditions.create(property="size", operator="is", value="big")
    Customer.objects.filter(external_id="acme").update(properties={"size": "big"})
    compute()
    assert "€140" in shown(staff_client, "mrr")
    assert "€50" in shown(staff_client, "mrr", segment="big")
    condition.value = "small"
    condition.save()
    assert "Not computed yet" in shown(staff_client, "mrr", segment="big")
    assert "€140" in shown(staff_client, "mrr")
    address = reverse("admin:success_conventions_add")
    form = {"has_monthly_renewals": "on", "discount_rate": "0.1", "grace_days": 31}
    form |= dict.fromkeys(("trial_days", "contact_days", "adoption_days"), 7)
    form |= dict.fromkeys(("first_reply_hours", "resolution_hours"), 8)
    assert staff_client.post(address, form).status_code == 302
    assert "Not computed yet" in shown(staff_client, "mrr")
    while sweep():
        pass
    assert "€140" in shown(staff_client, "mrr")


def test_slices_add_up_to_the_whole(paying: None) -> None:
    task = Task("", last_month(), "mrr")
    count = 0
    while not keep(task, until=timezone.now()):
        count += 1
    assert count == MONTHS
    assert KeptFigure.objects.count() == MONTHS
    assert keep(task, until=timezone.now()), "nothing is left to do"


def test_the_next_slice_goes_on_with_the_facts_read_and_other_work_lets_them_go(
    paying: None,
) -> None:
    def states_read(task: Task) -> bool:
        with CaptureQueriesContext(connection) as queries:
            assert not keep(task, until=timezone.now())
        return any('"success_subscriptionstate"."monthly"' in query["sql"] for query in queries)

    task, other = Task("", last_month(), "mrr"), Task("", last_month(), "arr")
    assert [states_read(each) for each in (task, task, other, task)] == [True, False, True, True]
    while not keep(task, until=timezone.now()):
        pass
    assert middle.take(task.key) is None


def test_work_that_goes_on_keeps_its_place_before_others_of_its_kind(paying: None) -> None:
    plan()
    due = dict(
        Job.objects.filter(kind=FIGURES).order_by("due_at", "id").values_list("id", "due_at")
    )
    by = claimant()
    [work] = claim(handler_of(FIGURES), by=by)
    assert work.id == next(iter(due))
    assert finish([work], [Onward(work.id)], handler=handler_of(FIGURES), by=by) == 1
    job = Job.objects.get(pk=work.id)
    assert (job.state, job.due_at, job.attempts) == ("pending", due[work.id], 0)
    assert claim(handler_of(FIGURES), by=by)[0].id == work.id


def test_charts_and_rows_are_kept_without_names_and_in_the_readers_language(
    paying: None, staff_client: Client
) -> None:
    before = shown(staff_client, "mrr-movements").split("<main")[1]
    compute()
    kept = KeptFigure.objects.get(metric="mrr-movements", first_date=last_month().start)
    assert "Bolt" not in kept.drawn
    after = shown(staff_client, "mrr-movements").split("<main")[1]
    bridge, table = '<svg class="chart wide-chart"', "<tbody>"
    for begins, ends in ((bridge, "</svg>"), (table, "</table>")):
        first, second = (page.split(begins)[-1].split(ends)[0] for page in (before, after))
        assert first == second
    Customer.objects.filter(external_id="bolt").update(name="Bolt & Nut")
    assert "Bolt &amp; Nut" in shown(staff_client, "mrr-movements")
    Customer.objects.filter(external_id="bolt").delete()
    assert "Bolt" not in shown(staff_client, "mrr-movements")


def test_a_workspace_grown_small_again_keeps_nothing(
    paying: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute()
    assert KeptFigure.objects.exists()
    monkeypatch.setattr(keeping, "MANY", 1000)
    assert plan() == []
    assert not KeptFigure.objects.exists()


def test_facts_that_come_in_have_figures_looked_over_soon(paying: None) -> None:
    Job.objects.filter(kind="figures-plan").update(due_at=timezone.now())
    while sweep():
        pass
    slugs = set(KeptFigure.objects.filter(is_page=True).values_list("metric", flat=True))
    assert slugs >= {"mrr", "customer-churn"}
    spans = {(row.first_date, row.after_date) for row in KeptFigure.objects.all()}
    wanted = [*spans_of(last_month(), MONTHS), month_of(today())]
    assert spans == {(span.start, span.stop) for span in wanted}


def test_a_refused_or_repeated_row_makes_no_figure_old(paying: None, rest: APIClient) -> None:
    compute()
    state = {"external_id": "s-acme", "customer": "acme", "status": "active", "currency": "EUR"}
    again = state | {"at": f"{add_months(last_month().start, -3)}T10:00:00Z", "amount": 50}
    assert take_in(KINDS["subscriptions"], [again]).unchanged == 1
    assert take_in(KINDS["subscriptions"], [state]).refused == 1
    assert rest.get("/api/v1/metrics/mrr").json()["facts_since"] == 0
