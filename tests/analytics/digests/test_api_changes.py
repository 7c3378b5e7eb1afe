"""Digests over the API, and changes of reports: only what is sent changes, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client

from analytics.digests.models import Digest, Report
from surveys.models import Survey
from tests.feedback.making import a_survey
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
WEEKLY = {"user": "alice", "rhythm": "weekly", "surveys": ["relation"]}
BOARD = {"name": "Board", "survey": "relation", "rhythm": "monthly", "recipients": ["a@b.example"]}


def test_a_digest_is_set_up_changed_sent_and_taken_away(
    survey: Survey, staff_user: User, drain: Callable[[], int]
) -> None:
    api = caller("read", "write")
    made = api.post("digests", {**WEEKLY, "filters": {"segment": "growth"}, "language": "de"})
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["user"], body["surveys"], body["all_surveys"]) == ("alice", ["relation"], False)
    assert (body["hour"], body["window"], body["language"]) == (8, "13w", "de")
    path = f"digests/{body['id']}"
    assert api.get(path).json() == body and api.get("digests").json()["results"] == [body]
    changed = api.patch(path, {"hour": 6, "surveys": []})
    assert changed.status_code == 200, changed.json()
    moved = {"hour": 6, "surveys": [], "all_surveys": True, "next_at": changed.json()["next_at"]}
    assert changed.json() == {**body, **moved}
    sent = api.post(f"{path}/issues", None)
    assert (sent.status_code, sent.json()["state"], sent.json()["asked"]) == (202, "waiting", True)
    drain()
    [issue] = api.get(f"{path}/issues").json()["results"]
    assert issue["state"] == "sent" and issue["subject"] == mail.outbox[0].subject
    assert mail.outbox[0].to == ["alice@example.com"]
    assert api.delete(path).status_code == 204 and not Digest.objects.exists()


@pytest.mark.parametrize("kind", ["digests", "reports"])
def test_rest_and_waking_are_changes_and_other_changes_wake_nothing(
    survey: Survey, staff_user: User, kind: str
) -> None:
    api = caller()
    path = f"{kind}/{api.post(kind, WEEKLY if kind == 'digests' else BOARD).json()['id']}"
    assert api.patch(path, {"paused": True}).json()["next_at"] is None
    still = api.patch(path, {"hour": 5}).json()
    assert (still["next_at"], still["hour"]) == (None, 5)
    assert api.patch(path, {"paused": False}).json()["next_at"]
    assert api.patch(path, {}).json()["hour"] == 5


def test_of_a_report_only_what_is_sent_changes(survey: Survey) -> None:
    api, other = caller(), a_survey("other")
    made = api.post("reports", {**BOARD, "filters": {"channel": "email"}, "language": "fr"}).json()
    path = f"reports/{made['id']}"
    renamed = api.patch(path, {"name": "Owners", "recipients": [], "survey": other.slug}).json()
    assert renamed == {**made, "name": "Owners", "recipients": [], "survey": "other"}
    assert Report.objects.get().created_by is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rhythm": "yearly"}, "rhythm"),
        ({"hour": 24}, "hour"),
        ({"filters": {"segment": "gone"}}, "filters.segment"),
        ({"surveys": ["relation", "gone"]}, "surveys"),
        ({"paused": "maybe"}, "paused"),
        ({"user": "bob"}, "user"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(
    survey: Survey, staff_user: User, change: dict[str, Any], field: str
) -> None:
    api = caller()
    made = api.post("digests", WEEKLY).json()
    reply = api.patch(f"digests/{made['id']}", change)
    assert reply.status_code == 422 and field in error_of(reply)["fields"], reply.json()
    assert api.get(f"digests/{made['id']}").json() == made


def test_a_digest_goes_to_a_colleague_it_can_reach(survey: Survey, staff_user: User) -> None:
    api = caller()
    mute = User.objects.create_user("mute", "", "x", is_staff=True)
    mute.user_permissions.add(Permission.objects.get(codename="view_survey"))
    User.objects.create_user("blind", "blind@example.com", "x", is_staff=True)
    for name, said in (
        ("", "Name the colleague"),
        ("nobody", "no colleague"),
        ("mute", "no e-mail address"),
        ("blind", "may not see surveys"),
    ):
        wish = {**WEEKLY, "user": name} if name else {"rhythm": "weekly"}
        reply = api.post("digests", wish)
        assert reply.status_code == 422 and said in str(error_of(reply)["fields"]["user"])
    assert not Digest.objects.exists()


def test_keys_need_the_scope_and_the_whole_workspace(survey: Survey, staff_user: User) -> None:
    made = caller().post("digests", WEEKLY).json()["id"]
    assert caller("read").patch(f"digests/{made}", {"hour": 3}).status_code == 403
    assert caller("read").post(f"digests/{made}/issues", None).status_code == 403
    limited = caller("read", "write", survey=survey)
    assert limited.get("digests").status_code == 403
    assert caller("read").patch("reports/1", {"name": "x"}).status_code == 403


def test_a_session_has_its_own_digests_only(
    survey: Survey, staff_user: User, staff_client: Client
) -> None:
    ours = caller().post("digests", WEEKLY).json()["id"]
    bob = User.objects.create_superuser("bob", "bob@example.com", "x")
    theirs = caller().post("digests", {**WEEKLY, "user": "bob"}).json()["id"]
    listed = staff_client.get("/api/v1/digests").json()["results"]
    assert [one["id"] for one in listed] == [ours]
    assert staff_client.get(f"/api/v1/digests/{theirs}/issues").status_code == 404
    mine = staff_client.post(
        "/api/v1/digests", {"rhythm": "daily"}, content_type="application/json"
    )
    assert mine.status_code == 201 and mine.json()["user"] == "alice"
    for_bob = staff_client.post(
        "/api/v1/digests",
        {"rhythm": "daily", "user": bob.username},
        content_type="application/json",
    )
    assert for_bob.status_code == 422


def test_the_same_idempotency_key_sets_up_one_digest(survey: Survey, staff_user: User) -> None:
    api = caller()
    first, second = (api.post("digests", WEEKLY, **{"Idempotency-Key": "a"}) for _ in "ab")
    assert first.json() == second.json() and Digest.objects.count() == 1
