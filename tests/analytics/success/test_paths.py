"""Paths as an integrator and a colleague meet them: events told, sticking points read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from analytics.success.models import Path

FUNNEL = {"name": "First steps", "steps": ["sign up", "invite", "send", "pay"], "window_days": 14}
MARCH = "period=2025-03"


@pytest.fixture
def told(customers, tell):
    """Of 60 who signed up in March, 56 invited, 16 sent, 14 paid; others are not on the path."""
    customers("acme")
    customers("own", is_internal=True)
    reached = [1] * 4 + [2] * 40 + [3] * 2 + [4] * 14
    rows = []
    for number, steps in enumerate(reached):
        for place, name in enumerate(FUNNEL["steps"][:steps]):
            day = date(2025, 3, 1 + number % 28) + timedelta(days=place)
            rows.append(event(f"u{number}", name, day, customer="acme" if number % 2 else None))
    rows += [event("late", "sign up", date(2025, 4, 2)), event("late", "invite", date(2025, 4, 3))]
    rows += [event("ours", "sign up", date(2025, 3, 5), customer="own")]
    tell("usage-events", *rows)
    Path.objects.create(slug="first-steps", **FUNNEL)


def event(user, name, day, customer=None):
    row = {"external_id": f"{user}-{name}", "user": user, "name": name, "at": f"{day}T12:00:00Z"}
    return row | {"customer": customer} if customer else row


def test_the_sticking_point_is_found_over_rest(api, told):
    found = api.get(f"/api/v1/paths/first-steps?{MARCH}").json()
    assert [point["reached"] for point in found["points"]] == [60, 56, 16, 14]
    assert [p["event"] for p in found["points"] if p["is_sticking"]] == ["invite"]
    assert (found["n"], found["value"], found["pending"]) == (60, 14 / 60, 0)
    assert found["points"][1]["value"] == 16 / 56
    assert found["points"][1]["median_seconds"] == 86400
    assert found["points"][3]["value"] is None


def test_who_stopped_is_told_the_newest_first(api, told):
    people = api.get(f"/api/v1/paths/first-steps/stopped?step=2&{MARCH}").json()
    assert people["total"] == len(people["people"]) == 40
    times = [person["reached_at"] for person in people["people"]]
    assert times == sorted(times, reverse=True)
    assert {person["customer"] for person in people["people"]} == {"acme", None}
    for step in ("0", "4", "x", ""):
        reply = api.get(f"/api/v1/paths/first-steps/stopped?step={step}")
        assert reply.status_code == 400


def test_as_of_a_day_the_young_are_pending(api, told):
    found = api.get(f"/api/v1/paths/first-steps?{MARCH}&as_of=2025-03-16").json()
    assert found["pending"] > 0
    assert found["n"] + found["pending"] < 60


def test_paths_are_listed_changed_and_left(api, told):
    assert [path["path"] for path in api.get("/api/v1/paths").json()] == ["first-steps"]
    changed = FUNNEL | {"name": "Onboarding", "steps": ["sign up", "pay"]}
    assert api.put("/api/v1/paths/first-steps", changed).json()["name"] == "Onboarding"
    assert api.delete("/api/v1/paths/first-steps").status_code == 204
    assert api.get("/api/v1/paths/first-steps").status_code == 404
    assert api.put("/api/v1/paths/first-steps", FUNNEL).status_code == 200
    assert api.delete("/api/v1/paths/first-steps").status_code == 204
    for body in (FUNNEL | {"steps": ["one"]}, FUNNEL | {"window_days": 0}, FUNNEL | {"x": 1}, []):
        assert api.put("/api/v1/paths/a", body).status_code == 422
    assert not Path.objects.exists()


def test_the_page_names_the_step_and_lists_who_stopped_there(told, staff_client):
    address = reverse("staff:path", args=["first-steps"])
    page = staff_client.get(f"{address}?{MARCH}").content.decode()
    assert "people get stuck after “invite”" in page
    assert "Stopped after “invite”" in page
    assert "40 stopped" in page
    other = staff_client.get(f"{address}?{MARCH}&step=1").content.decode()
    assert "Stopped after “sign up”" in other
    assert staff_client.get(f"{address}?{MARCH}&step=99&segment=nowhere").status_code == 200


def test_a_path_is_made_and_changed_on_the_page(db, staff_client):
    body = {"name": "First steps", "steps": "sign up\n\n pay ", "window_days": 7}
    made = staff_client.post(reverse("staff:paths"), body)
    assert made.status_code == 302
    assert Path.objects.get().steps == ["sign up", "pay"]
    refused = staff_client.post(reverse("staff:paths"), body | {"steps": "sign up"})
    assert refused.status_code == 422
    assert "Name 2 to 12 events" in refused.content.decode()
    change = reverse("staff:path-change", args=["first-steps"])
    staff_client.post(change, body | {"steps": "a\nb\nc"})
    assert Path.objects.get().steps == ["a", "b", "c"]
    page = staff_client.get(made["Location"]).content.decode()
    assert "Nobody to count in this time." in page
    staff_client.post(reverse("staff:path-delete", args=["first-steps"]))
    assert not Path.objects.exists()
