"""Who may do what over the API: keys, scopes, keys of one survey, staff."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from surveys.access import create_key
from surveys.models import ApiKey, Customer, Segment, Suppression
from tests.feedback.making import answer
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db

SURVEY = {"slug": "new-one", "name": "New", "kind": "nps"}
ASK = {"survey": "mine", "email": "eve@example.com"}
ANSWER = {"survey": "mine", "score": 9}
BULK = {"survey": "mine", "responses": [{"score": 9}]}

# method, path, body, scope it needs, does a key of the survey "mine" reach it?
CALLS: list[tuple[str, str, Any, str, bool]] = [
    ("GET", "surveys", None, "read", True),
    ("GET", "surveys/mine", None, "read", True),
    ("POST", "surveys", SURVEY, "write", False),
    ("PATCH", "surveys/mine", {"name": "Changed"}, "write", True),
    ("POST", "surveys/mine/go-live", None, "write", True),
    ("POST", "surveys/mine/close", None, "write", True),
    ("GET", "surveys/mine/score", None, "read", True),
    ("GET", "surveys/mine/trend", None, "read", True),
    ("GET", "surveys/mine/distribution", None, "read", True),
    ("GET", "surveys/mine/report", None, "read", True),
    ("GET", "contacts", None, "read", False),
    ("GET", "contacts/{contact}", None, "read", False),
    ("POST", "contacts", {"email": "eve@example.com"}, "write", False),
    ("POST", "contacts/bulk", {"contacts": [{"email": "eve@example.com"}]}, "write", False),
    ("PATCH", "contacts/{contact}", {"name": "Eve"}, "write", False),
    ("DELETE", "contacts/{contact}", None, "write", False),
    ("GET", "contacts/export.csv", None, "read", False),
    ("GET", "contacts/export.jsonl", None, "read", False),
    ("GET", "customers", None, "read", False),
    ("GET", "customers/{customer}", None, "read", False),
    ("GET", "segments", None, "read", False),
    ("GET", "segments/growth", None, "read", False),
    ("GET", "themes", None, "read", False),
    ("GET", "themes/support", None, "read", False),
    ("GET", "invitations", None, "read", True),
    ("GET", "invitations/{invitation}", None, "read", True),
    ("POST", "invitations", ASK, "invite", True),
    ("POST", "invitations/{waiting}/cancel", None, "invite", True),
    ("GET", "responses", None, "read", True),
    ("GET", "responses/{response}", None, "read", True),
    ("POST", "responses", ANSWER, "write", True),
    ("POST", "responses/bulk", BULK, "write", True),
    ("GET", "responses/export.csv", None, "read", True),
    ("GET", "responses/export.jsonl", None, "read", True),
    ("GET", "suppressions", None, "read", False),
    ("GET", "suppressions/{suppression}", None, "read", False),
    ("POST", "suppressions", {"email": "eve@example.com"}, "write", False),
    ("POST", "suppressions/{suppression}/lift", None, "write", False),
]
IDS = [f"{method} {path}" for method, path, *_ in CALLS]


@pytest.fixture
def places() -> dict[str, Any]:
    """Return the ids of one thing of every kind; all belong to the survey "mine"."""
    mine = survey("mine")
    ada = contact("ada")
    said = answer(mine, "Good support")
    return {
        "survey": mine,
        "contact": ada.pk,
        "customer": Customer.objects.create(external_id="acme", name="Acme").pk,
        "segment": Segment.objects.create(slug="growth", name="Growth").pk,
        "invitation": invitation(mine, ada).pk,
        "waiting": invitation(mine, contact("bob"), state="waiting").pk,
        "response": said.pk,
        "suppression": Suppression.objects.create(email="x@example.com", reason="bounced").pk,
    }


def call(api: Caller, method: str, path: str, body: Any, places: dict[str, Any]) -> Any:
    return api.call(method, path.format(**places), body)


@pytest.mark.parametrize(("method", "path", "body", "scope", "_reached"), CALLS, ids=IDS)
def test_each_call_needs_its_scope_and_no_other(
    method: str, path: str, body: Any, scope: str, _reached: bool, places: dict[str, Any]
) -> None:
    others = [other for other in ApiKey.Scope.values if other != scope]
    refused = call(caller(*others), method, path, body, places)
    assert refused.status_code == 403
    assert f"'{scope}'" in error_of(refused)["message"]
    assert call(caller(scope), method, path, body, places).status_code < 300


@pytest.mark.parametrize(("method", "path", "body", "_scope", "reached"), CALLS, ids=IDS)
def test_a_key_of_one_survey_reaches_that_survey_only(
    method: str, path: str, body: Any, _scope: str, reached: bool, places: dict[str, Any]
) -> None:
    own = call(caller(survey=places["survey"]), method, path, body, places)
    assert own.status_code < 300 if reached else own.status_code == 403


@pytest.mark.parametrize(("method", "path", "body", "_scope", "reached"), CALLS, ids=IDS)
def test_a_key_of_another_survey_reaches_nothing_here(
    method: str, path: str, body: Any, _scope: str, reached: bool, places: dict[str, Any]
) -> None:
    foreign = call(caller(survey=survey("theirs")), method, path, body, places)
    if path.startswith("responses/export"):
        assert b"".join(foreign.streaming_content).splitlines()[1:] == []
    elif method == "GET" and "/" not in path and reached:
        shown = [row.get("slug") for row in foreign.json()["results"]]
        assert shown == (["theirs"] if path == "surveys" else [])
    elif not reached:
        assert foreign.status_code == 403
    else:  # named in the address or in the body: either way it is not there
        assert foreign.status_code == (422 if "survey" in (body or {}) else 404)


@pytest.mark.parametrize(("method", "path", "body", "_scope", "_reached"), CALLS, ids=IDS)
def test_without_a_key_there_is_nothing(
    method: str, path: str, body: Any, _scope: str, _reached: bool, places: dict[str, Any]
) -> None:
    options = {} if body is None else {"data": "{}"}
    reply = Client().generic(
        method, f"/api/v1/{path.format(**places)}", content_type="application/json", **options
    )
    assert reply.status_code == 401
    assert reply["WWW-Authenticate"].startswith("Bearer")
    assert error_of(reply)["code"] == "not_authenticated"


# ---- Showing a key ---------------------------------------------------------------------


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def status_with(authorization: str) -> int:
    return Client().get("/api/v1/surveys", headers={"authorization": authorization}).status_code


def test_a_key_is_shown_as_bearer_or_as_user_name() -> None:
    _, key = create_key(name="shop", scopes=["read"])
    shown = [f"Bearer {key}", f"bearer  {key}", basic(key), basic(f"{key}:"), basic(f"{key}:-")]
    assert [status_with(header) for header in shown] == [200] * 5


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer", "Bearer ", "Bearer x", "Bearer vb__", "Bearer vb_00000000_nothing", "Basic",
        "Basic !!!", "Basic dmI=", "Bearer \u00ff\u00fe", "Bearer vb_%00_x", basic("vb_\u00e4_x"),
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused_with_401(authorization: str) -> None:
    assert status_with(authorization) == 401


def test_a_key_with_a_wrong_secret_is_refused() -> None:
    _, key = create_key(name="shop", scopes=["read"])
    assert status_with(f"Bearer {key[:-1]}{'A' if key[-1] != 'A' else 'B'}") == 401


def test_a_revoked_key_is_refused_at_once() -> None:
    stored, key = create_key(name="shop", scopes=["read"])
    assert status_with(f"Bearer {key}") == 200
    ApiKey.objects.filter(pk=stored.pk).update(revoked_at=timezone.now())
    assert status_with(f"Bearer {key}") == 401


def test_a_key_notes_when_it_was_used() -> None:
    stored, key = create_key(name="shop", scopes=["read"])
    assert stored.last_used_at is None
    status_with(f"Bearer {key}")
    stored.refresh_from_db()
    assert stored.last_used_at is not None


# ---- People of one survey --------------------------------------------------------------


def test_a_key_of_one_survey_cannot_ask_a_contact_it_does_not_know_by_id(
    places: dict[str, Any],
) -> None:
    secret = contact("secret")
    api = caller(survey=places["survey"])
    unknown = api.post("invitations", {"survey": "mine", "contact": secret.pk})
    assert unknown.status_code == 422
    assert "secret@example.com" not in unknown.content.decode()
    assert api.post("invitations", {"survey": "mine", "contact": places["contact"]}).json()["id"]
    answered = api.post("responses", {"survey": "mine", "score": 9, "contact": secret.pk})
    assert answered.status_code == 422


# ---- The rate --------------------------------------------------------------------------


def test_a_key_that_calls_too_often_waits_and_others_do_not(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 5
    busy, calm = caller("read"), caller("read")
    statuses = [busy.get("surveys").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refused = busy.get("surveys")
    assert error_of(refused)["code"] == "too_many_calls"
    assert 1 <= int(refused["Retry-After"]) <= 12
    assert calm.get("surveys").status_code == 200


def test_the_rate_fills_up_again_with_time(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 5
    api = caller("read")
    for _ in range(6):
        last = api.get("surveys")
    assert last.status_code == 429
    stored = ApiKey.objects.get()
    ApiKey.objects.update(paced_until=stored.paced_until - 12)  # as if 12 seconds had passed
    assert [api.get("surveys").status_code for _ in range(2)] == [200, 429]


# ---- Staff -----------------------------------------------------------------------------


def staff(*permissions: str, is_staff: bool = True) -> Client:
    user = get_user_model().objects.create_user("bob", "bob@example.com", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def test_staff_read_what_django_lets_them_see() -> None:
    client = staff("view_survey")
    assert client.get("/api/v1/surveys").status_code == 200
    assert client.get("/api/v1/responses").status_code == 403
    assert client.get("/api/v1/contacts/export.csv").status_code == 403


def test_a_login_that_is_no_staff_sees_nothing() -> None:
    client = staff("view_survey", is_staff=False)
    assert client.get("/api/v1/surveys").status_code == 403


def test_staff_in_a_browser_write_only_with_a_csrf_token() -> None:
    client = staff("add_contact")
    reply = client.post(
        "/api/v1/contacts", {"email": "eve@example.com"}, content_type="application/json"
    )
    assert reply.status_code == 403
    assert "CSRF" in error_of(reply)["message"]
