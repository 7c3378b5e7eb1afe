"""Signs and tasks over REST: listed, filtered, acted on, refused; within scopes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analytics.care.models import Task
from analytics.periods import today
from tests.analytics.care.making import a_sign, account
from tests.feedback.making import a_survey
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db


def test_a_sign_is_found_acted_on_and_counted(staff_user: Any) -> None:
    sign, api = a_sign(account()), caller()
    a_sign(account("other"), state="acted", ended_at=timezone.now())
    listed = api.get("signs?is_open=true&kind=health_fall&customer=acme").json()["results"]
    assert [row["id"] for row in listed] == [sign.pk]
    assert listed[0]["title"] == "Health fell from good to poor in a month"
    assert listed[0]["evidence"]["parts"] == [["usage", 80.0, 20.0]]
    assert api.get("signs?is_open=false").json()["results"][0]["customer"] == "other"
    told = api.patch(f"signs/{sign.pk}", {"state": "seen", "owner": "alice"}).json()
    assert (told["state"], told["owner"], told["seen_by"]) == ("seen", "alice", "API key test")
    assert [row["id"] for row in api.get("signs?owner=alice").json()["results"]] == [sign.pk]
    for body, field in (
        ({"state": "dismissed"}, "reason"),
        ({"reason": "so"}, "state"),
        ({"owner": "nobody-here"}, "owner"),
        ({"due_date": "20261131"}, "due_date"),
    ):
        refused = api.patch(f"signs/{sign.pk}", body)
        assert (refused.status_code, list(error_of(refused)["fields"])) == (422, [field])
    ended = api.patch(f"signs/{sign.pk}", {"state": "dismissed", "reason": "Their summer."})
    assert (ended.json()["state"], ended.json()["ended_by"]) == ("dismissed", "API key test")
    whole = api.get("signs/precision").json()["precision"][0]
    assert (whole["kind"], whole["result"]["value"], whole["pending"]) == ("", 0.5, 1)
    assert whole["result"]["interval"]["method"] == "wilson"


def test_tasks_are_made_changed_finished_and_deleted(staff_user: Any) -> None:
    acme, api = account(), caller()
    sign = a_sign(acme)
    due = (today() + timedelta(days=3)).isoformat()
    body = {"customer": "acme", "title": "Call", "owner": "alice", "due_date": due}
    made = api.post("tasks", body | {"sign": sign.pk})
    assert made.status_code == 201, made.json()
    found = made.json()
    assert (found["origin"], found["sign"], found["due_date"]) == ("sign", sign.pk, due)
    assert (found["created_by"], found["is_done"]) == ("API key test", False)
    key = found["id"]
    done = api.patch(f"tasks/{key}", {"is_done": True, "note": "Line\nby line"}).json()
    assert (done["is_done"], done["done_by"], done["note"]) == (
        True,
        "API key test",
        "Line\nby line",
    )
    assert api.get("tasks?is_done=false").json()["results"] == []
    api.patch(f"tasks/{key}", {"is_done": False, "owner": None})
    found = api.get(f"tasks?is_done=false&due_until={due}&customer=acme").json()["results"]
    assert [(row["id"], row["owner"]) for row in found] == [(key, None)]
    other = a_sign(account("other"))
    for wrong, field in (
        ({"customer": "nobody"}, "customer"),
        ({"title": ""}, "title"),
        ({"owner": "bob"}, "owner"),
        ({"sign": other.pk}, "sign"),
        ({"state": "new"}, "state"),
    ):
        refused = api.post("tasks", body | wrong)
        assert (refused.status_code, list(error_of(refused)["fields"])) == (422, [field])
    assert api.delete(f"tasks/{key}").status_code == 204
    assert not Task.objects.exists()


def test_a_key_that_reads_or_is_of_one_survey_changes_nothing() -> None:
    sign = a_sign(account())
    assert caller("read").patch(f"signs/{sign.pk}", {"state": "acted"}).status_code == 403
    assert caller("read").post("tasks", {"customer": "acme", "title": "x"}).status_code == 403
    limited = caller(survey=a_survey())
    assert [limited.get(name).status_code for name in ("signs", "tasks")] == [403, 403]
