"""Weights and curves set by staff: tried first, versioned, and old days keep theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.success.definition_forms import DefinitionForm, curve_text, read_curve
from analytics.success.health import health_facts, measure_all, take_snapshots
from analytics.success.health_definitions import (
    BadDefinition,
    Overtaken,
    definition_in_force,
    store,
)
from analytics.success.metrics.health_definition import (
    ALL,
    COMPONENTS,
    CURVES,
    WEIGHTS,
    Definition,
)
from analytics.success.models import HealthDefinition, HealthSnapshot
from surveys.models import Segment, SegmentCondition

ONLY_PAYMENT = dict.fromkeys(COMPONENTS, 0.0) | {"commercial": 100.0}


def ago(days: float) -> str:
    return (timezone.now() - timedelta(days=days)).isoformat()


@pytest.fixture
def two(customers, tell) -> None:
    """Old pays late, Plus (in the segment of that plan) pays well; nothing else is known."""
    customers("old")
    customers("plus", properties={"plan": "Plus"})
    row = {"currency": "EUR", "amount": 50, "at": ago(200)}
    tell(
        "subscriptions",
        row | {"external_id": "o", "customer": "old", "status": "past_due"},
        row | {"external_id": "p", "customer": "plus", "status": "active"},
    )
    segment = Segment.objects.create(slug="plus", name="On Plus")
    SegmentCondition.objects.create(segment=segment, property="plan", operator="is", value="Plus")


def by_name() -> dict[str, object]:
    facts = health_facts()
    return {facts.customers[h.customer][0]: h for h in measure_all(facts)}


def follow(weights, **more):
    row = store(Definition(2, weights, CURVES), follows=1, reason="To try", by="alice", **more)
    return row.version


def test_segments_have_weights_of_their_own(two):
    follow({ALL: dict(WEIGHTS), "plus": ONLY_PAYMENT})
    found = by_name()
    assert found["old"].score is None  # too little of the usual weights is known
    assert found["plus"].score == pytest.approx((100 + 100 * 0.2 / 0.3) / 2)
    assert (found["plus"].group, found["plus"].version) == ("plus", 2)


def test_a_new_version_leaves_stored_days_and_compares_with_none_of_them(two):
    month = health_facts(timezone.now() - timedelta(days=30))
    follow({ALL: ONLY_PAYMENT})
    take_snapshots(month.today, measure_all(month))
    assert by_name()["old"].change is not None
    store(Definition(3, {ALL: ONLY_PAYMENT}, CURVES), follows=2, reason="Again", by="bob")
    assert by_name()["old"].change is None
    assert by_name()["old"].is_redefined
    assert set(HealthSnapshot.objects.values_list("definition_version", flat=True)) == {2}


def test_a_dead_connector_is_not_a_silent_customer(two, tell):
    held = {"external_id": "e", "customer": "old", "first_date": ago(200)[:10], "seats": 2}
    tell("entitlements", held)
    event = {"user": "u", "customer": "plus", "name": "open"}
    tell("usage-events", *(event | {"external_id": f"{n}", "at": ago(n)} for n in range(1, 40)))
    usage = next(part for part in by_name()["old"].components if part.name == "usage")
    assert usage.score == 0  # others are seen, Old is not
    later = health_facts(timezone.now() + timedelta(days=20))
    [old] = [h for h in measure_all(later) if later.customers[h.customer][0] == "old"]
    assert old.components[0].score is None


def test_new_accounts_take_the_weights_of_new_ones(customers, tell):
    customers("fresh")
    row = {"external_id": "f", "customer": "fresh", "currency": "EUR", "status": "active"}
    tell("subscriptions", row | {"amount": 5, "at": ago(10)})
    assert by_name()["fresh"].group == "new:"


def test_nobody_is_overrun(two):
    follow({ALL: ONLY_PAYMENT})
    with pytest.raises(Overtaken):
        follow({ALL: dict(WEIGHTS)})
    with pytest.raises(BadDefinition, match="add up to 30"):
        store(
            Definition(3, {ALL: dict.fromkeys(COMPONENTS, 5.0)}, CURVES),
            follows=2, reason="x", by="a",
        )  # fmt: skip
    with pytest.raises(BadDefinition, match="Say why"):
        store(Definition(3, {ALL: ONLY_PAYMENT}, CURVES), follows=2, reason=" ", by="a")
    with pytest.raises(IntegrityError), transaction.atomic():
        HealthDefinition.objects.create(version=1, weights={}, curves={}, reason="x", by="a")
    assert definition_in_force().version == 2


def test_curves_are_written_as_people_read_them():
    for name, points in CURVES.items():
        read = read_curve(name, curve_text(name, points))
        assert [*sum(read, ())] == pytest.approx([*sum(points, ())])
    assert curve_text("usage", CURVES["usage"]) == "0 = 0, 80 = 100"
    for text in ("80", "a = 1", "1 = nan", "0 = 0, 1e400 = 3"):
        with pytest.raises(ValueError, match="80 = 100"):
            read_curve("usage", text)


# ---- Page ----------------------------------------------------------------------------


def sent(**changes: str) -> dict[str, object]:
    form = DefinitionForm(definition=definition_in_force(), groups={"": "All"})
    values = {name: field.initial for name, field in form.fields.items()}
    return {name: value for name, value in values.items() if value is not None} | changes


def test_the_page_tells_who_would_move_before_anything_is_stored(two, staff_client):
    address = reverse("staff:health-definition")
    assert "as the product ships it" in staff_client.get(address).content.decode()
    draft = {f"w--{name}": str(weight) for name, weight in ONLY_PAYMENT.items()}
    page = staff_client.post(address, sent(**draft, look="1")).content.decode()
    assert "2 of 2 accounts would change their band." in page
    assert "1 from no score to poor" in page
    assert not HealthDefinition.objects.exists()
    stored = staff_client.post(address, sent(**draft, reason="Only money counts"), follow=True)
    assert "Definition 2 is in force" in stored.content.decode()
    assert "Only money counts" in stored.content.decode()
    assert definition_in_force().weights[""]["commercial"] == 100


def test_the_page_says_what_is_wrong_and_where(two, staff_client):
    address = reverse("staff:health-definition")
    wrong = {"w--usage": "90", "c-usage": "0 = 0, 50 = 80, 80 = 60", "reason": "x"}
    said = staff_client.post(address, sent(**wrong))
    page = said.content.decode()
    assert said.status_code == 422
    assert "The weights add up to 160" in page
    assert "better must never score less" in page
    assert 'value="90"' in page
    assert not HealthDefinition.objects.exists()


# ---- API -----------------------------------------------------------------------------


def test_the_api_tries_and_sets_a_definition(two, api):
    address = "/api/v1/accounts/health/definition"
    now = api.get(address).json()
    assert (now["version"], now["weights"][""]["usage"]) == (1, 30)
    body = {"follows": 1, "weights": {"": ONLY_PAYMENT}, "reason": "Only money"}
    tried = api.post(f"{address}?dry_run=true", body).json()
    assert tried == {"accounts": 2, "moved": 2, "moves": {"none>red": 1, "none>green": 1}}
    made = api.post(address, body)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    assert api.post(address, body).status_code == 409
    for wrong, place in (
        ({"weights": {"": {"usage": 100}}}, "weights."),
        ({"weights": {"": ONLY_PAYMENT}, "curves": {"usage": [[0, 0]]}}, "curves.usage"),
        ({"weights": {"": ONLY_PAYMENT, "nobody": ONLY_PAYMENT}}, "weights.nobody"),
    ):
        said = api.post(address, body | {"follows": 2} | wrong)
        assert said.status_code == 422
        assert place in said.json()["error"]["fields"]
    assert api.post(address, body | {"weights": {"": {"usage": "100"}}}).status_code == 422
