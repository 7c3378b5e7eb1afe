"""Health set by hand: beside the score, with an end, never forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.success.health import health_facts, measure_all
from analytics.success.models import HealthOverride
from analytics.success.overrides import BadOverride, end_override, set_override
from surveys.models import Customer


def soon(**ahead: float):
    return timezone.now() + timedelta(**(ahead or {"days": 10}))


@pytest.fixture
def acme(customers, tell) -> Customer:
    """Acme pays and everything known of it is bad."""
    customers("acme")
    at = (timezone.now() - timedelta(days=200)).isoformat()
    row = {"external_id": "s", "customer": "acme", "currency": "EUR", "status": "past_due"}
    tell("subscriptions", row | {"at": at, "amount": 100})
    return Customer.objects.get()


def health():
    [found] = measure_all(health_facts())
    return found


def test_a_word_stands_beside_the_score_and_changes_nothing_in_it(acme):
    before = health()
    set_override(
        acme, band="green", reason="They  renew\nnext week.", expires_at=soon(), by="alice"
    )
    after = health()
    assert (after.result, after.band) == (before.result, before.band)
    assert (after.shown, after.override.author) == ("green", "alice")
    assert after.override.note == "They renew next week."


def test_it_ends_by_itself(acme):
    row = set_override(acme, band="green", reason="Soon.", expires_at=soon(), by="alice")
    passed = timezone.now() - timedelta(hours=1)
    HealthOverride.objects.filter(pk=row.pk).update(
        created_at=passed - timedelta(days=1), expires_at=passed
    )
    assert health().override is None


def test_the_newest_word_ends_the_one_before_and_both_are_kept(acme):
    set_override(acme, band="green", reason="All is well.", expires_at=soon(), by="alice")
    set_override(acme, band="red", reason="They told me.", expires_at=soon(), by="bob")
    assert health().shown == "red"
    new, old = HealthOverride.objects.all()
    assert (old.by, old.ended_by, new.ended_at) == ("alice", "bob", None)
    assert end_override(acme, by="carol")
    assert not end_override(acme, by="carol")
    assert health().override is None
    assert HealthOverride.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("reason", {"reason": "  "}),
        ("reason", {"reason": "x" * 501}),
        ("expires_at", {"expires_at": timezone.now() - timedelta(days=1)}),
        ("expires_at", {"expires_at": timezone.now() + timedelta(days=400)}),
        ("band", {"band": "blue"}),
    ],
)
def test_what_cannot_be_says_where_and_why(acme, field, said):
    usual = {"band": "green", "reason": "Yes.", "expires_at": soon(), "by": "alice"}
    with pytest.raises(BadOverride) as refused:
        set_override(acme, **usual | said)
    assert refused.value.field == field
    assert not HealthOverride.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": timezone.now() - timedelta(days=9)},
        {"reason": ""},
        {"ended_at": timezone.now() - timedelta(days=9)},
    ],
)
def test_the_database_holds_the_same(acme, wrong):
    now = timezone.now()
    usual = {"band": "red", "reason": "x", "by": "a", "created_at": now, "expires_at": soon()}
    with pytest.raises(IntegrityError), transaction.atomic():
        HealthOverride.objects.create(customer=acme, **usual | wrong)


# ---- Pages ---------------------------------------------------------------------------


def test_staff_set_it_on_the_account_and_everybody_sees_it_beside_the_score(acme, staff_client):
    address = reverse("staff:account-health", args=[acme.pk])
    last = (timezone.localdate() + timedelta(days=5)).isoformat()
    said = {"band": "red", "reason": "Asked <i>twice</i>", "last_date": last}
    page = staff_client.post(address, said, follow=True).content.decode()
    assert "says alice" in page
    assert "Asked &lt;i&gt;twice&lt;/i&gt;" in page
    assert "then it ends by itself" in page
    listed = staff_client.get(reverse("staff:accounts")).content.decode()
    assert "poor, says alice" in listed
    ended = staff_client.post(reverse("staff:account-health-end", args=[acme.pk]), follow=True)
    page = ended.content.decode()
    assert "says alice" not in page
    assert "alice ended the health set by hand" in page


def test_a_refused_word_is_shown_again_with_its_reason(acme, staff_client):
    address = reverse("staff:account-health", args=[acme.pk])
    past = (timezone.localdate() - timedelta(days=1)).isoformat()
    said = staff_client.post(address, {"band": "red", "reason": "Why not", "last_date": past})
    assert said.status_code == 422
    assert "This has passed already" in said.content.decode()
    assert "Why not" in said.content.decode()


# ---- API -----------------------------------------------------------------------------


def test_the_api_sets_shows_and_ends_it(acme, api):
    body = {"band": "yellow", "reason": "Waits for us", "expires_at": soon().isoformat()}
    made = api.post("/api/v1/accounts/acme/overrides", body)
    assert made.status_code == 201, made.json()
    assert (made.json()["by"], made.json()["is_in_force"]) == ("API key facts", True)
    [account] = api.get("/api/v1/accounts?band=yellow").json()["results"]
    assert (account["band"], account["shown_band"]) == (None, "yellow")
    assert account["override"]["reason"] == "Waits for us"
    told = api.get("/api/v1/accounts/acme/health").json()
    assert {part["name"] for part in told["components"]} >= {"usage", "support"}
    assert told["reason"] == "insufficient_data"
    [ended] = api.delete("/api/v1/accounts/acme/overrides").json()
    assert (ended["is_in_force"], ended["ended_by"]) == (False, "API key facts")
    assert api.get("/api/v1/accounts?band=yellow").json()["count"] == 0


def test_the_api_refuses_with_places(acme, api):
    body = {"band": "yellow", "reason": "x", "expires_at": "2020-01-01T00:00:00Z"}
    said = api.post("/api/v1/accounts/acme/overrides", body)
    assert (said.status_code, list(said.json()["error"]["fields"])) == (422, ["expires_at"])
    assert api.get("/api/v1/accounts/nobody/health").status_code == 404
    assert api.get("/api/v1/accounts?band=blue").status_code == 400
    assert api.get("/api/v1/accounts?limit=0").status_code == 400
