"""Usage events from a browser: only from the key's websites, only added, within rates."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.success.models import ProductUser, TrackingKey, UsageEvent
from analytics.success.tracking import page_of
from analytics.success.tracking_views import script_text
from surveys.models import Customer

SITE = "https://app.example.com"


@pytest.fixture
def key(db: None) -> TrackingKey:
    return TrackingKey.objects.create(name="App", origins=[SITE])


def send(key: TrackingKey, body: Any, origin: str = SITE) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        f"/u/{key.key}", data, content_type="text/plain", headers={"Origin": origin}
    )


def visit(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"user": "ann", "events": list(events), **more}


SAVED = {"id": "1", "name": "Report saved", "feature": "reports", "age": 90}


def test_an_event_is_added_with_the_servers_time_and_the_known_customer(key):
    Customer.objects.create(external_id="acme", name="Acme")
    said = send(key, visit(SAVED, customer="acme", traits={"role": "admin", "language": "en"}))
    assert (said.status_code, said.json()) == (200, {"stored": 1, "errors": []})
    assert said["Access-Control-Allow-Origin"] == SITE
    assert not said.cookies
    event = UsageEvent.objects.get()
    assert (event.user, event.customer.external_id, event.name) == ("ann", "acme", "Report saved")
    assert timedelta(seconds=85) < timezone.now() - event.at < timedelta(seconds=120)
    assert ProductUser.objects.get().role == "admin"


def test_sending_again_adds_nothing_and_changes_nothing(key):
    ProductUser.objects.create(external_id="ann", role="owner", is_internal=True)
    send(key, visit(SAVED))
    forged = SAVED | {"name": "Something else"}
    again = send(key, visit(forged, traits={"role": "admin"}))
    assert again.json()["stored"] == 0
    assert UsageEvent.objects.get().name == "Report saved"
    ann = ProductUser.objects.get()
    assert (ann.role, ann.is_internal) == ("owner", True)


def test_other_websites_keys_and_methods_are_refused(key):
    assert send(key, visit(SAVED), "https://evil.example").status_code == 403
    assert send(key, visit(SAVED), "").status_code == 403
    assert Client().get(f"/u/{key.key}", headers={"Origin": SITE}).status_code == 405
    TrackingKey.objects.update(is_active=False)
    assert send(key, visit(SAVED)).status_code == 404
    assert not UsageEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 5000, 400),
        (b"\xff", 400),
        (b"x" * 40_000, 413),
        ([1], 422),
        ({"events": []}, 422),
        ({"user": "a", "events": [SAVED] * 51}, 422),
        ({"user": "a", "events": [], "traits": 3}, 422),
        ({"user": "a\u0000b", "events": []}, 422),
    ],
)
def test_what_is_no_visit_gets_a_clear_error(key, body, status):
    said = send(key, body)
    assert said.status_code == status
    assert said.json()["error"]["message"]


def test_bad_events_are_named_and_good_ones_kept(key):
    bad = [{"id": "2"}, 7, {"id": "3", "name": "x" * 99}, {"name": "no id"}]
    said = send(key, visit(SAVED, *bad, {"id": "4", "name": "open", "age": 10**400})).json()
    assert said["stored"] == 2
    assert {error["field"] for error in said["errors"]} == {"name", "", "external_id"}


def test_an_unknown_customer_does_not_lose_the_event(key):
    assert send(key, visit(SAVED, customer="nobody")).json()["stored"] == 1
    assert UsageEvent.objects.get().customer is None


def test_a_network_has_its_rate(key, settings):
    settings.TRACK_CALLS_PER_MINUTE_OF_NETWORK = 2
    codes = [send(key, visit(SAVED)).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_the_script_is_small_and_knows_no_cookies(client):
    said = client.get("/u/track.js")
    assert said["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(said.content) < 6000
    for word in ("cookie", "innerText", "textContent", "innerHTML", "keydown", ".value", "href ="):
        assert word not in script_text()
    assert script_text().count("location") == script_text().count("location.pathname.split") == 1


# ---- Rage clicks and errors ------------------------------------------------------------


def test_trouble_is_no_core_event_whatever_the_browser_says(key):
    error = {"id": "9", "name": "TypeError app.js:12", "kind": "error", "is_core": True}
    said = send(key, visit(error | {"page": "/teams/anna@example.com/42?mail=a@b.example"}))
    assert said.json() == {"stored": 1, "errors": []}
    event = UsageEvent.objects.get()
    assert (event.kind, event.is_core, event.page) == ("error", False, "/teams/…/…")
    odd = send(
        key, visit({"id": "10", "name": "x", "kind": "odd"}, {"id": "11", "name": "y", "page": 7})
    )
    assert {error["field"] for error in odd.json()["errors"]} == {"kind"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/reports/monthly", "/reports/monthly"),
        ("/invoices/2041/edit.html#top", "/invoices/…/edit.html"),
        ("/u/3f9a-bc/", "/u/…/"),
        ("/a?token=secret", "/a"),
        ("https://app.example.com/a", "…//…/a"),
        ("/%C3%84rger/anna.may", "/…/…"),
        ("Invoices 2026", "Invoices 2026"),  # a name its developer gave
        ("", ""),
        (None, None),
    ],
)
def test_a_page_holds_no_query_and_nothing_that_may_be_an_id(sent, kept):
    assert page_of(sent) == kept


# ---- Its page ------------------------------------------------------------------------


def test_staff_make_a_key_paste_its_lines_and_turn_it_off(staff_client):
    page = reverse("staff:tracking")
    made = {"name": "App", "websites": "app.example.com\n", "needs_consent": "on"}
    assert staff_client.post(page, made).status_code == 302
    key = TrackingKey.objects.get()
    assert (key.origins, key.needs_consent) == ([SITE], True)
    assert key.key in staff_client.get(page).content.decode()
    assert staff_client.post(page, {"name": "x", "websites": "ftp://x.example"}).status_code == 422
    staff_client.post(reverse("staff:tracking-switch", args=[key.pk]))
    key.refresh_from_db()
    assert not key.is_active
