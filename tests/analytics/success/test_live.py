"""The last thirty minutes: who is there, what they do, where they struggle; by page and REST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.charts.minutes import Minute, draw_minutes
from analytics.success.live_reports import MOST_EVENTS, BadWish, Wish, live
from analytics.success.models import ProductUser, UsageEvent
from surveys.models import Segment, SegmentCondition

NOON = datetime(2025, 3, 5, 12, 0, 30, tzinfo=UTC)


def ago(minutes: float, user: str, *, now: datetime = NOON, **more: Any) -> dict[str, Any]:
    at = now - timedelta(minutes=minutes)
    key = f"{user}-{minutes}-{more.get('kind', '')}"
    return {"external_id": key, "user": user, "at": at.isoformat(), "name": "saved", **more}


def struggle(minutes: float, user: str, kind: str = "error", **more: Any) -> dict[str, Any]:
    return ago(minutes, user, kind=kind, **{"name": "TypeError app.js:12", **more})


@pytest.fixture
def busy(customers, tell):
    customers("acme")
    customers("zeta", properties={"plan": "Scale"})
    customers("ours", is_internal=True)
    ProductUser.objects.create(external_id="bot", is_internal=True)
    tell(
        "usage-events",
        ago(1, "ann", customer="acme", feature="reports"),
        ago(2, "bob", customer="acme", feature="reports"),
        ago(4, "ann", customer="acme", feature="payroll"),
        ago(20, "cid", customer="zeta", feature="reports"),
        ago(3, "dan", name="heartbeat", is_core=False),
        struggle(4, "ann", customer="acme", feature="payroll"),
        struggle(9, "eve", kind="rage-click", name="send", page="/invoices"),
        ago(29, "old"),
        ago(30.6, "gone"),  # before the first of the thirty minutes
        ago(-5, "early"),  # a clock that runs ahead
        ago(1, "mia", customer="ours"),
        ago(1, "bot"),
    )


def test_who_is_there_what_they_do_and_where_they_struggle(busy):
    found = live(now=NOON)
    assert (found.now.users, found.now.customers) == (3, 1)  # ann, bob, and dan's sign of life
    assert (found.window.users, found.window.customers) == (6, 2)
    assert (found.uses, found.rage_clicks, found.errors, found.total) == (5, 1, 1, 7)
    assert [(f.name, f.users, f.events, f.troubles) for f in found.features] == [
        ("reports", 3, 3, 0),
        ("payroll", 1, 2, 1),
    ]
    assert [(c.name, c.users, c.troubles) for c in found.customers] == [
        ("acme", 2, 1),
        ("zeta", 1, 0),
    ]
    assert [event.user for event in found.events][:3] == ["ann", "bob", "ann"]
    assert found.events[-1].user == "old"


def test_thirty_minutes_of_the_clock_are_there_quiet_or_not(busy):
    minutes = live(now=NOON).minutes
    assert len(minutes) == 30
    assert (minutes[0].at.hour, minutes[0].at.minute, minutes[0].uses) == (11, 31, 1)
    assert (minutes[-1].at.minute, minutes[-1].uses) == (0, 0)
    assert minutes[-5].errors == 1


@pytest.mark.parametrize(
    ("wish", "users"),
    [
        (Wish(customer="acme"), {"ann", "bob"}),
        (Wish(feature="reports"), {"ann", "bob", "cid"}),
        (Wish(kind="error"), {"ann"}),
        (Wish(kind="rage-click"), {"eve"}),
        (Wish(kind="use", customer="zeta"), {"cid"}),
        (Wish(feature="none such"), set()),
    ],
)
def test_filters_hold_for_all_of_it(busy, wish, users):
    found = live(wish, now=NOON)
    assert {event.user for event in found.events} == users
    assert sum(m.uses + m.rage_clicks + m.errors for m in found.minutes) == len(found.events)
    assert found.window.users == len(users)


def test_a_segment_holds_for_all_of_it_and_what_there_is_not_is_refused(busy):
    segment = Segment.objects.create(slug="z", name="Z")
    SegmentCondition.objects.create(segment=segment, property="plan", value="Scale")
    assert {event.user for event in live(segment="z", now=NOON).events} == {"cid"}
    with pytest.raises(LookupError):
        live(segment="nobody", now=NOON)
    with pytest.raises(BadWish):
        live(Wish(customer="nobody"), now=NOON)


def test_many_events_ask_no_more_and_only_the_newest_are_held(
    busy, tell, django_assert_num_queries
):
    with django_assert_num_queries(6):
        live(now=NOON)
    rows = [ago(n / 10, f"u{n}", customer=("acme", "zeta")[n % 2]) for n in range(150)]
    tell("usage-events", *rows)
    with django_assert_num_queries(6):
        found = live(now=NOON)
    assert (len(found.events), found.total) == (MOST_EVENTS, 157)


# ---- Page and REST -------------------------------------------------------------------


@pytest.fixture
def right_now(customers, tell):
    customers("acme")
    now = timezone.now()
    tell(
        "usage-events",
        ago(1, "ann", now=now, customer="acme", feature="reports"),
        struggle(2, "ann", now=now, customer="acme", feature="reports"),
        ago(3, "<b>bob", now=now, name="<script>"),
    )


def test_the_page_shows_it_and_keeps_its_filter_in_the_address(right_now, staff_client):
    page = staff_client.get(reverse("staff:live"))
    text = page.content.decode()
    assert "2 people are here right now" in text
    assert "TypeError app.js:12" in text
    assert "1 error" in text
    assert "&lt;script&gt;" in text
    assert "?feature=reports" in text
    assert "style=" not in text.split("<main")[1]
    only = staff_client.get(reverse("staff:live"), {"kind": "error", "customer": "acme"})
    assert "&lt;script&gt;" not in only.content.decode()
    assert "take this filter away" in only.content.decode()
    for strange in ({"kind": "odd"}, {"customer": "no\0one"}, {"customer": "nobody"}):
        said = staff_client.get(reverse("staff:live"), strange)
        assert said.status_code == 200
        assert "TypeError" in said.content.decode()


def test_an_empty_installation_says_how_events_come_here(db, staff_client):
    page = staff_client.get(reverse("staff:live")).content.decode()
    assert "/api/v1/facts/usage-events" in page


def test_who_may_not_see_usage_events_does_not(db):
    carol = get_user_model().objects.create_user("carol", is_staff=True)
    client = Client()
    client.force_login(carol)
    assert client.get(reverse("staff:live")).status_code == 403


def test_the_api_tells_the_same(right_now, api):
    found = api.get("/api/v1/live").json()
    assert (found["now"], found["total"]) == ({"users": 2, "customers": 1}, 3)
    assert len(found["minutes"]) == 30
    assert [(e["user"], e["customer"], e["kind"]) for e in found["events"]] == [
        ("ann", "acme", "use"),
        ("ann", "acme", "error"),
        ("<b>bob", None, "use"),
    ]
    assert found["features"] == [{"feature": "reports", "users": 1, "events": 2, "troubles": 1}]
    assert api.get("/api/v1/live?kind=error").json()["total"] == 1
    for wrong in ("kind=odd", "customer=nobody", "segment=nobody", "page=1"):
        assert api.get(f"/api/v1/live?{wrong}").status_code == 400
    assert UsageEvent.objects.count() == 3


# ---- The drawing ---------------------------------------------------------------------


def test_bars_stand_on_the_line_and_trouble_stands_on_top():
    drawing = draw_minutes(
        [Minute("a", "11:55", 8, 2), Minute("b", "", 0, 0), Minute("c", "", 0, 1)], width=340
    )
    first, quiet, bad = drawing.bars
    assert (quiet.calm, quiet.bad, bad.calm) == (None, None, None)
    top, height = map(float, first.calm)
    assert top + height == float(drawing.foot)
    assert sum(map(float, first.bad)) == top
    assert drawing.grid[0] == (drawing.foot, "0")
    assert float(first.bad[0]) >= float(drawing.grid[-1][0])
    assert drawing.labels[0][1] == "11:55"


def test_one_event_is_no_tower_and_no_minute_no_error():
    [bar] = draw_minutes([Minute("a", "", 1, 0)], width=340).bars
    assert float(bar.calm[1]) < 40
    assert draw_minutes([], width=340).bars == ()
