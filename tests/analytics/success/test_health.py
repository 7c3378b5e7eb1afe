from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.success.health import PREDICTED, health_facts, measure_all, take_snapshots
from analytics.success.health_definitions import store
from analytics.success.metrics.health_definition import ALL, CURVES, OPTIONAL, WEIGHTS, Definition
from analytics.success.models import (
    AccountNote,
    Conversation,
    HealthSnapshot,
    SatisfactionModel,
)
from analytics.success.timeline import timeline
from analytics.success.work import measure_health
from outbox.models import Job
from surveys.models import Customer


def ago(days: float) -> str:
    return (timezone.now() - timedelta(days=days)).isoformat()


@pytest.fixture
def acme(customers, tell) -> Customer:
    """Acme pays, has two seats one of which is used, and one solved ticket."""
    customers("acme")
    row = {"external_id": "s", "customer": "acme", "currency": "EUR", "status": "active"}
    tell("subscriptions", row | {"at": ago(200), "amount": 100})
    first = timezone.now() - timedelta(days=200)
    held = {"customer": "acme", "first_date": first.date().isoformat()}
    tell(
        "entitlements",
        held | {"external_id": "p", "seats": 2},
        held | {"external_id": "f", "feature": "reports"},
    )
    event = {"user": "u", "customer": "acme", "name": "open", "feature": "reports"}
    tell("usage-events", *(event | {"external_id": f"e{n}", "at": ago(n)} for n in range(60)))
    tell(
        "tickets",
        {"external_id": "t", "customer": "acme", "opened_at": ago(9), "solved_at": ago(8)},
    )
    return Customer.objects.get()


def parts(health) -> dict[str, float | None]:
    return {part.name: part.score for part in health.components}


def test_components_come_from_the_facts_and_missing_ones_stay_missing(acme):
    [health] = measure_all(health_facts())
    found = parts(health)
    steady = 100  # as many as four weeks ago
    assert found["usage"] == pytest.approx((62.5 + steady) / 2)  # half of the seats; full at 80 %
    assert (found["support"], found["adoption"]) == (100, 100)
    assert found["commercial"] == pytest.approx((100 + 100 * 0.2 / 0.3) / 2)
    assert (found["feedback"], found["relationship"]) == (None, 100)  # they wrote nine days ago
    assert health.result.parts["coverage"] == pytest.approx(0.8)
    lost = sum(points for _name, points in health.lost)
    assert health.score + lost == pytest.approx(100)


def test_too_little_known_is_no_score_rather_than_a_bad_one(customers, tell):
    customers("quiet")
    row = {"external_id": "s", "customer": "quiet", "currency": "EUR", "status": "active"}
    tell("subscriptions", row | {"at": ago(20), "amount": 9})
    [health] = measure_all(health_facts())
    assert (health.score, health.result.reason) == (None, "insufficient_data")


def test_who_does_not_pay_has_no_health(customers, tell, acme):
    customers("gone", "own", is_internal=True)
    row = {"currency": "EUR", "amount": 9, "status": "active", "at": ago(20)}
    tell("subscriptions", row | {"external_id": "own", "customer": "own"})
    assert [health.customer for health in measure_all(health_facts())] == [acme.pk]


def test_a_prediction_is_part_of_support_and_labelled_and_no_rating_is(acme, staff_client):
    def talks(model, *rated):
        Conversation.objects.all().delete()
        for number, is_satisfied in enumerate(rated):
            Conversation.objects.create(
                ticket=f"T{number}", customer=acme, last_at=timezone.now(), model=model,
                probability=0.5, is_satisfied=is_satisfied,
            )  # fmt: skip
        [health] = measure_all(health_facts())
        return health

    model = SatisfactionModel.objects.create(rated=400, rarer=80)
    without = talks(None, None)
    assert without.predicted is None
    found = talks(model, None, None, True)
    assert found.predicted == pytest.approx(0.5)
    known = parts(found)["support"]
    assert known == pytest.approx((2 * parts(without)["support"] + 20) / 3)
    assert talks(model, False, True).predicted is None, "ratings are no predictions"
    page = staff_client.get(reverse("staff:account", args=[acme.pk])).content.decode()
    assert "Support holds a prediction" not in page
    talks(model, None)
    page = staff_client.get(reverse("staff:account", args=[acme.pk])).content.decode()
    assert "Support holds a prediction" in page
    curves = {name: points for name, points in CURVES.items() if name != PREDICTED}
    store(Definition(2, {ALL: WEIGHTS}, curves), follows=1, reason="no guesses", by="alice")
    assert talks(model, None).predicted is None
    assert parts(talks(model, None))["support"] == parts(without)["support"]


def test_solved_at_first_contact_counts_in_support_once_there_are_a_few(acme, tell):
    def solved(key, *, days=40.0, reopened=0, issue=""):
        row = {"external_id": key, "customer": "acme", "issue": issue or key}
        row |= {"opened_at": ago(days), "solved_at": ago(days - 1), "inbound_contacts": 1}
        tell("tickets", row | {"reopened": reopened})
        return parts(measure_all(health_facts())[0])["support"]

    assert solved("a") == 100, "two issues are too few, with the one of the fixture"
    with_three = solved("b", reopened=1)  # two of three at first contact, one of three reopened
    by_hand = [100, 100 * (1 - (1 / 3) / 0.5), 100 * (2 / 3 - 0.4) / 0.5]
    assert with_three == pytest.approx(sum(by_hand) / 3)
    curves = {name: points for name, points in CURVES.items() if name != "first_contact"}
    store(Definition(2, {ALL: WEIGHTS}, curves), follows=1, reason="another desk", by="alice")
    without = parts(measure_all(health_facts())[0])["support"]
    assert without == pytest.approx(sum(by_hand[:2]) / 2)


def test_a_pulse_counts_until_it_is_stale(acme):
    note = AccountNote.objects.create(customer=acme, pulse="poor", text="Unhappy.")
    spoken = 100  # a note is a contact, too
    assert parts(measure_all(health_facts())[0])["relationship"] == pytest.approx((0 + spoken) / 2)
    old = timezone.now() - timedelta(days=92)
    AccountNote.objects.filter(pk=note.pk).update(created_at=old)
    assert (
        parts(measure_all(health_facts())[0])["relationship"] == spoken
    )  # the ticket of last week


def test_the_longer_nobody_spoke_with_an_account_the_less_its_relationship(acme, tell):
    row = {"external_id": "t", "customer": "acme", "opened_at": ago(75), "solved_at": ago(74)}
    tell("tickets", row)
    relationship = parts(measure_all(health_facts())[0])["relationship"]
    assert relationship == pytest.approx(100 * (120 - 75) / 90)
    leg = {"external_id": "l", "customer": "acme", "contact": "c", "ended_at": ago(1)}
    tell("contact-legs", leg | {"talk_seconds": 60, "is_bot": True})
    assert parts(measure_all(health_facts())[0])["relationship"] == relationship, "a machine's"
    tell("contact-legs", leg | {"talk_seconds": 60, "is_bot": False})
    assert parts(measure_all(health_facts())[0])["relationship"] == 100
    assert parts(measure_all(health_facts(timezone.now() - timedelta(days=60)))[0])[
        "relationship"
    ] == pytest.approx(100), "as it stood then: asked for help two weeks before"


def test_a_term_that_ends_soon_counts_until_it_is_renewed(acme, tell):
    def commercial(days_ago=0):
        as_of = timezone.now() - timedelta(days=days_ago)
        return parts(measure_all(health_facts(as_of))[0])["commercial"]

    trend = 100 * 0.2 / 0.3
    due = (timezone.now() + timedelta(days=45)).date()
    row = {"external_id": "term", "customer": "acme", "currency": "EUR", "amount": 900}
    tell("terms", row | {"due_date": due.isoformat()})
    assert commercial() == pytest.approx((100 + trend + 75) / 3)
    renewed = (timezone.now() - timedelta(days=2)).date().isoformat()
    tell("terms", row | {"due_date": due.isoformat(), "renewed_date": renewed})
    assert commercial() == pytest.approx((100 + trend) / 2)
    assert commercial(days_ago=5) == pytest.approx((100 + trend + 50 + 50 * 50 / 90) / 3)


def test_fewer_active_seats_than_four_weeks_ago_cost_points(acme, tell):
    event = {"user": "v", "customer": "acme", "name": "open"}
    tell("usage-events", *(event | {"external_id": f"v{n}", "at": ago(n)} for n in range(27, 60)))
    assert parts(measure_all(health_facts())[0])["usage"] == pytest.approx((62.5 + 0) / 2)
    curves = {name: points for name, points in CURVES.items() if name != "usage_trend"}
    store(Definition(2, {ALL: WEIGHTS}, curves), follows=1, reason="seasonal", by="alice")
    assert parts(measure_all(health_facts())[0])["usage"] == pytest.approx(62.5)


def test_a_change_is_explained_by_parts_that_add_up(acme):
    month_ago = timezone.now() - timedelta(days=30)
    HealthSnapshot.objects.create(
        customer=acme, day=month_ago.date(), score=90, band="green", coverage=0.75, usage=100,
        support=80, adoption=100, commercial=80,
    )  # fmt: skip
    [health] = measure_all(health_facts())
    assert health.change is not None
    told = sum(sum(pair) for pair in health.change.by_component.values())
    assert told == pytest.approx(health.change.after - health.change.before)
    assert health.change.by_component["usage"][0] < 0


def test_the_band_does_not_flicker_at_its_edge(acme):
    AccountNote.objects.create(customer=acme, pulse="poor", text="Unhappy.")
    curves = {name: points for name, points in CURVES.items() if name not in OPTIONAL}
    store(Definition(2, {ALL: WEIGHTS}, curves), follows=1, reason="near an edge", by="alice")
    facts = health_facts()
    [health] = measure_all(facts)
    assert 75 < health.score < 77
    assert health.band == "green"
    take_snapshots(facts.today, [health])
    HealthSnapshot.objects.update(band="yellow")
    assert measure_all(health_facts())[0].band == "yellow"


def test_a_day_is_stored_once_however_often_it_is_measured(acme):
    for _ in range(2):
        assert measure_health([], "me") == ()
    row = HealthSnapshot.objects.get()
    assert (row.customer, row.band) == (acme, "green")
    assert row.usage == pytest.approx(81.25)
    assert (
        Job.objects.filter(kind="health", due_at__gt=timezone.now() + timedelta(minutes=20)).count()
        == 1
    )


def test_facts_ask_for_one_measurement_a_day(acme):
    assert Job.objects.filter(kind="health").count() == 1


def test_health_asks_a_fixed_number_of_questions(
    acme, customers, tell, django_assert_max_num_queries
):
    names = [f"c{number}" for number in range(40)]
    customers(*names)
    row = {"currency": "EUR", "amount": 9, "status": "active", "at": ago(20)}
    tell("subscriptions", *(row | {"external_id": name, "customer": name} for name in names))
    with django_assert_max_num_queries(27):
        assert len(measure_all(health_facts())) == 41


def test_weights_add_up_to_a_hundred():
    assert sum(WEIGHTS.values()) == 100


# ---- Pages ---------------------------------------------------------------------------


def test_accounts_at_risk_are_sorted_by_money_or_by_due_date(customers, tell, staff_client):
    customers("big", "small", "tiny")
    row = {"currency": "EUR", "status": "active", "at": ago(20)}
    amounts = {"big": 900, "small": 50, "tiny": 5}
    tell(
        "subscriptions",
        *(row | {"external_id": n, "customer": n, "amount": a} for n, a in amounts.items()),
    )
    today = timezone.now().date()
    tell(
        "terms",
        *(
            {"external_id": n, "customer": n, "amount": 1, "currency": "EUR",
             "due_date": (today + timedelta(days=days)).isoformat()}
            for n, days in {"big": 40, "small": 5, "tiny": 300}.items()
        ),
    )  # fmt: skip
    page = staff_client.get(reverse("staff:accounts")).content.decode()
    assert "2 accounts are at risk: €950 a month." in page
    assert page.index("Big</a>") < page.index("Small</a>")
    assert "Tiny</a>" not in page
    page = staff_client.get(reverse("staff:accounts") + "?sort=due&show=all").content.decode()
    assert page.index("Small</a>") < page.index("Big</a>") < page.index("Tiny</a>")


def test_an_account_shows_what_happened_and_takes_notes(acme, staff_client):
    address = reverse("staff:account", args=[acme.pk])
    page = staff_client.get(address).content.decode()
    assert "Asked for help" in page
    assert "Subscription active" in page
    note = {"text": "Wants <b>more</b> seats", "pulse": "good"}
    said = staff_client.post(reverse("staff:account-note", args=[acme.pk]), note, follow=True)
    page = said.content.decode()
    assert "Wants &lt;b&gt;more&lt;/b&gt; seats" in page
    assert AccountNote.objects.get().author.username == "alice"
    refused = staff_client.post(reverse("staff:account-note", args=[acme.pk]), {"text": ""})
    assert refused.status_code == 422


def test_the_timeline_tells_who_came_and_when_health_turned(acme, tell):
    month = timezone.now().replace(day=1, hour=12) - timedelta(days=1)
    event = {"customer": "acme", "name": "open"}
    for user in ("v", "w"):
        row = event | {"external_id": user, "user": user, "feature": "payroll"}
        tell("usage-events", row | {"at": (month - timedelta(days=40)).isoformat()})
    for days, band, score in ((3, "green", 80), (2, "green", 79), (1, "red", 40)):
        day = (timezone.now() - timedelta(days=days)).date()
        HealthSnapshot.objects.create(
            customer=acme, day=day, band=band, score=score, coverage=1, definition_version=1
        )
    moments = {moment.title: moment for moment in timeline(acme)}
    assert "First use of payroll" in moments
    fell = moments["Health fell from good to poor"]
    assert (fell.tone, fell.note) == ("negative", "40 of 100 points")
    people = [title for title in moments if "used the product" in title]
    assert any(title.startswith(("2 people", "3 people")) for title in people)
    assert len([title for title in moments if title.startswith("Health ")]) == 1


def test_an_empty_installation_says_what_accounts_need(staff_client):
    page = staff_client.get(reverse("staff:accounts")).content.decode()
    assert "POST /api/v1/facts/subscriptions" in page
