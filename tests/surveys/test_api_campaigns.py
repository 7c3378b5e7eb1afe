"""Campaigns over the API: made once, everybody accounted for, paused, resumed, cancelled."""

import pytest

from surveys.models import Campaign, Invitation, Segment
from surveys.services import suppress
from tests.surveys import worlds
from tests.surveys.calling import caller

pytestmark = pytest.mark.django_db
MADE = {"survey": "relationship", "name": "November", "everyone": True}


@pytest.fixture
def survey():
    for name in ("ada", "bob", "cara"):
        worlds.contact(name)
    suppress("cara@example.com", reason="unsubscribed", source="test")
    return worlds.survey()


def test_a_campaign_accounts_for_everybody(survey):
    made = caller("read", "invite").post("campaigns", MADE)
    assert made.status_code == 201
    body = caller("read").get(f"campaigns/{made.json()['id']}").json()
    assert body["audience"] == sum(body["states"].values()) + body["unprepared"] == 3
    assert (body["states"]["waiting"], body["states"]["suppressed"]) == (2, 1)


def test_the_same_key_makes_one_campaign(survey):
    call = caller("read", "invite")
    answers = [call.post("campaigns", MADE, **{"Idempotency-Key": "x"}).json() for _ in range(2)]
    assert answers[0]["id"] == answers[1]["id"]
    assert Campaign.objects.count() == 1 and Invitation.objects.count() == 3


def test_it_is_paused_resumed_and_cancelled(survey):
    call = caller("read", "invite")
    address = f"campaigns/{call.post('campaigns', MADE).json()['id']}"
    assert call.post(f"{address}/pause").json()["is_paused"] is True
    assert call.post(f"{address}/resume").json()["is_paused"] is False
    assert call.post(f"{address}/cancel").json()["states"]["cancelled"] == 2
    assert call.post(f"{address}/pause").status_code == 409


def test_waves_and_reminders_are_kept_as_asked(survey):
    Segment.objects.create(slug="all", name="All")
    body = {"survey": "relationship", "name": "Pulse", "segment": "all", "every_days": 90,
            "weekday_mornings": True, "reminder_days": [3, 7]}  # fmt: skip
    made = caller("read", "invite").post("campaigns", body).json()
    assert (made["every_days"], made["spread_days"], made["reminder_days"]) == (90, 90, [3, 7])
    assert made["means"] == "segment" and made["waves"] == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"every_days": 5}, "every_days"),
        ({"reminder_days": [7, 3]}, "reminder_days"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"everyone": False}, "segment"),
        ({"segment": "x"}, "segment"),
        ({"everyone": False, "segment": "x"}, "segment"),
        ({"everyone": False, "upload": 7}, "upload"),
        ({"survey": "nowhere"}, "survey"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(survey, change, part):
    answer = caller("read", "invite").post("campaigns", MADE | change)
    assert answer.status_code == 422
    assert part in answer.json()["error"]["fields"]
    assert Campaign.objects.count() == 0
