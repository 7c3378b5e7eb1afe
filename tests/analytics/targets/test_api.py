"""Targets over the API: set, changed, judged, closed, looked after; within scopes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from analytics.periods import today
from analytics.targets.models import Alarm, Target, TargetClose
from surveys.models import Survey
from tests.analytics.scores.making import tallied
from tests.analytics.targets.making import nps
from tests.feedback.making import a_survey
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
BAD = {10: 20, 8: 20, 2: 60}


@pytest.fixture
def survey() -> Survey:
    return a_survey()


def body(**changed: Any) -> dict[str, Any]:
    return {
        "metric": "score", "survey": "relation", "direction": "at_least", "goal": 45,
        "period": "30d", **changed,
    }  # fmt: skip


def test_a_target_is_set_changed_listed_and_deleted(survey: Survey, staff_user: Any) -> None:
    api = caller()
    made = api.post("targets", body(owner="alice"))
    assert made.status_code == 201, made.json()
    found = made.json()
    assert found["name"] == "Relation, NPS: at least +45"
    assert (found["goal"], found["unit"], found["owner"]) == (45.0, "points", "alice")
    assert (found["filters"], found["quiet_days"], found["open_alarms"]) == ({}, 14, [])
    changed = api.patch(f"targets/{found['id']}", {"goal": 50.5, "owner": None})
    assert (changed.json()["goal"], changed.json()["owner"]) == (50.5, None)
    assert changed.json()["period"] == "30d"
    listed = api.get("targets?survey=relation&metric=score").json()
    assert [row["id"] for row in listed["results"]] == [found["id"]]
    assert api.get("targets?owner=alice").json()["results"] == []
    assert api.delete(f"targets/{found['id']}").status_code == 204
    assert api.get(f"targets/{found['id']}").status_code == 404


def test_the_state_is_that_of_the_score(survey: Survey) -> None:
    target = nps(survey)
    tallied(survey, BAD, day=today())
    api = caller("read")
    said = api.get(f"targets/{target.pk}/state").json()
    score = api.get("surveys/relation/score?period=30d").json()["score"]
    assert said["result"] == score
    assert (said["state"], said["gap"]) == ("missed", -85.0)
    assert said["running"]["result"]["n"] == 100 and said["before"] is None


def test_periods_show_what_was_closed_beside_what_is(survey: Survey) -> None:
    target = nps(survey, period="month")
    stop = today().replace(day=1)
    start = (stop - timedelta(days=1)).replace(day=1)
    tallied(survey, BAD, day=start)
    TargetClose.objects.create(
        target=target, start=start, stop=stop, value=50, n=80, state="met", goal=45,
        direction="at_least",
    )  # fmt: skip
    periods = caller("read").get(f"targets/{target.pk}/periods").json()["periods"]
    assert periods[-2]["result"]["value"] == -40
    assert (periods[-2]["closed"]["value"], periods[-2]["closed"]["state"]) == (50.0, "met")
    assert periods[-1]["closed"] is None


def test_alarms_are_listed_and_looked_after_once(survey: Survey) -> None:
    target = nps(survey)
    alarm = Alarm.objects.create(target=target, kind="level", started_date=today(), goal=45)
    api = caller()
    assert api.get(f"targets/{target.pk}").json()["open_alarms"] == ["level"]
    done = api.post(f"targets/{target.pk}/alarms/{alarm.pk}/acknowledge")
    assert done.status_code == 200
    assert done.json()["acknowledged_by"] == "API key test"
    again = api.post(f"targets/{target.pk}/alarms/{alarm.pk}/acknowledge").json()
    assert again == done.json()
    (row,) = api.get(f"targets/{target.pk}/alarms").json()["alarms"]
    assert row == done.json()
    assert api.post(f"targets/{target.pk}/alarms/999999/acknowledge").status_code == 404


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"goal": 145}, "goal"),
        ({"goal": "45"}, "goal"),
        ({"goal": float("1e300")}, "goal"),
        ({"survey": None}, "survey"),
        ({"survey": "nobody"}, "survey"),
        ({"metric": "magic"}, "metric"),
        ({"metric": "customer-churn"}, "survey"),
        ({"owner": "nobody"}, "owner"),
        ({"filters": {"segment": "nobody"}}, "filters.segment"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"metric": "response-rate", "goal": 0.3, "filters": {"sentiment": "negative"}},
         "filters.sentiment"),
        ({"direction": "sideways"}, "direction"),
        ({"quiet_days": 0}, "quiet_days"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(
    survey: Survey, changed: dict[str, Any], where: str
) -> None:
    reply = caller().post("targets", body(**changed))
    assert reply.status_code == 422, reply.json()
    assert where in error_of(reply)["fields"]
    assert not Target.objects.exists()


def test_a_change_that_makes_no_sense_leaves_the_target_as_it_was(survey: Survey) -> None:
    target = nps(survey)
    reply = caller().patch(f"targets/{target.pk}", {"metric": "response-rate"})
    assert error_of(reply)["fields"]["goal"] == ["A share lies between 0 and 100 %."]
    target.refresh_from_db()
    assert target.metric == "score"


def test_keys_do_what_their_scope_and_survey_allow(survey: Survey) -> None:
    other = nps(a_survey("other"))
    own = nps(survey)
    assert caller("read").post("targets", body()).status_code == 403
    limited = caller(survey=survey)
    assert [row["id"] for row in limited.get("targets").json()["results"]] == [own.pk]
    assert limited.get(f"targets/{other.pk}").status_code == 404
    assert limited.delete(f"targets/{other.pk}").status_code == 404
    assert limited.post("targets", body(survey="other")).status_code == 422
    of_customers = body(metric="mrr", goal=1000, survey=None, period="month")
    assert limited.post("targets", of_customers).status_code == 422
    assert limited.patch(f"targets/{own.pk}", {"survey": "other"}).status_code == 422
    assert limited.post("targets", body()).status_code == 201
