"""Playbooks: their tasks are made once, by a sign or a hand, and what to do next follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analytics.care.examples import EXAMPLES
from analytics.care.models import AccountOwner, Playbook, PlaybookRun, PlaybookStep, Task
from analytics.care.next_steps import Next, OpenSign, OpenStep, next_for
from analytics.care.playbooks import CannotStart, Step, save, start
from analytics.periods import today
from surveys.models import Segment, SegmentCondition
from tests.analytics.care.making import a_sign, account, look_now
from tests.analytics.care.test_pages import press, read
from tests.surveys.calling import caller, error_of

STEPS = (Step("Read", "All of it.", 0), Step("Call", "", 3))
DAY = date(2026, 11, 29)


def book(trigger: str = "health_fall", *steps: Step, **facts: Any) -> Playbook:
    return save(Playbook(**{"name": "Win back", "trigger": trigger} | facts), steps or STEPS)


# ---- What to do next, purely -----------------------------------------------------------


def sign(pk: int, days: int, *, runs: bool = False, suits: tuple[int, ...] = ()) -> OpenSign:
    return OpenSign(
        pk, "renewal", DAY + timedelta(days=days), frozenset([1] if runs else []), suits
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, Next("")),
        ({"band": "red"}, Next("talk")),
        ({"band": "red", "has_tasks": True}, Next("")),
        ({"band": "yellow", "days_left": 30}, Next("renew")),
        ({"band": "green", "days_left": 31}, Next("")),
        ({"signs": [sign(1, 5), sign(2, 3)], "band": "red"}, Next("look", sign=2)),
        ({"signs": [sign(1, 5, suits=(7, 8))]}, Next("start", sign=1, playbook=7)),
        ({"signs": [sign(1, 5, runs=True, suits=(7,))]}, Next("judge", sign=1)),
        ({"steps": [OpenStep(4, DAY, 2), OpenStep(5, DAY, 1)]}, Next("step", task=5)),
        # its steps are under way: the sign itself asks for nothing
        ({"steps": [OpenStep(4, DAY + timedelta(9), 2, 1)], "signs": [sign(1, 3, runs=True)]},
         Next("step", task=4)),
        # another sign is due before the step is
        ({"steps": [OpenStep(4, DAY + timedelta(9), 2, 1)], "signs": [sign(2, 3)]},
         Next("look", sign=2)),
        ({"steps": [OpenStep(4, None, 2)], "signs": [sign(2, 3)]}, Next("look", sign=2)),
    ],
)  # fmt: skip
def test_the_next_step_follows_from_what_is_under_way(known, expected):
    usual = {"steps": (), "signs": (), "has_tasks": False, "band": None, "days_left": None}
    assert next_for(**usual | known) == expected


# ---- Started by a sign -------------------------------------------------------------------


@pytest.mark.django_db
def test_a_sign_makes_the_tasks_of_its_playbooks_once(staff_user: Any) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    acme = account(now=40, before=85)
    AccountOwner.objects.create(customer=acme, owner=staff_user)
    book("health_fall", Step("Read", "", 0), Step("Call", "", 3, bob))
    book("renewal", name="Save it")
    book("health_fall", name="Off", is_active=False)
    look_now()
    look_now()
    told = list(Task.objects.order_by("step").values_list("title", "owner", "due_date", "origin"))
    assert told == [
        ("Read", staff_user.pk, today(), "playbook"),
        ("Call", bob.pk, today() + timedelta(days=3), "playbook"),
    ]
    run = PlaybookRun.objects.get()
    assert run.sign is not None and run.sign.kind == "health_fall"
    for again in (
        {"run": run, "step": 1, "customer": acme, "title": "Twice"},
        {"run": run, "step": 3, "customer": acme, "title": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(**again)
    with pytest.raises(CannotStart, match="runs on this account already"):
        start(run.playbook, acme)
    Task.objects.update(done_at=timezone.now(), done_by="bob")
    with pytest.raises(CannotStart, match="started for this warning sign before"):
        start(run.playbook, acme, sign=run.sign)
    assert Task.objects.count() == 2


@pytest.mark.django_db
def test_a_playbook_of_a_segment_leaves_others_alone() -> None:
    segment = Segment.objects.create(slug="scale", name="Scale")
    SegmentCondition.objects.create(segment=segment, property="plan", value="Scale")
    inside, outside = account("in", now=40, before=85), account("out", now=40, before=85)
    type(inside).objects.filter(pk=inside.pk).update(properties={"plan": "Scale"})
    made = book(segment="scale")
    look_now()
    assert set(Task.objects.values_list("customer", flat=True)) == {inside.pk}
    with pytest.raises(CannotStart, match="another segment"):
        start(made, outside)
    segment.delete()
    with pytest.raises(CannotStart, match="another segment"):
        start(made, outside)
    with pytest.raises(CannotStart, match="no steps yet"):
        start(save(Playbook(name="Empty", trigger="hand"), ()), outside)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"trigger": "weather"}, {"name": ""}, {"name": "Win back"}])
def test_what_no_playbook_may_be_the_database_refuses(wrong: dict[str, str]) -> None:
    made = book()
    with pytest.raises(IntegrityError), transaction.atomic():
        Playbook.objects.create(**{"name": "Other", "trigger": "hand"} | wrong)
    for step in ({"position": 1}, {"title": ""}, {"after_days": 366}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PlaybookStep.objects.create(
                **{"playbook": made, "position": 9, "title": "x", "after_days": 1} | step
            )


# ---- On the pages --------------------------------------------------------------------------


def rows(*steps: tuple[str, str, str], numbers: str = "") -> dict[str, str]:
    data = {"steps-TOTAL_FORMS": str(len(steps) + 1), "steps-INITIAL_FORMS": "0"}
    for number, (title, days, note) in enumerate(steps):
        data |= {
            f"steps-{number}-title": title,
            f"steps-{number}-after_days": days,
            f"steps-{number}-note": note,
            f"steps-{number}-ORDER": numbers[number] if numbers else str(number + 1),
        }
    return data


@pytest.mark.django_db
def test_a_playbook_is_written_changed_and_deleted_and_its_tasks_stay(staff_client: Client) -> None:
    assert "Save a renewal" in read(staff_client, "playbooks")
    page = read(staff_client, "playbook-new", query="?example=save-a-renewal")
    assert str(EXAMPLES[0].steps[1].title) in page
    asked = {"name": "Mine", "trigger": "health_fall", "segment": "", "is_active": "on"}
    for wrong, said in (
        (rows(), "at least one step"),
        (rows(("Call", "", "")), "after how many days"),
        (rows(("", "", "Only a note")), "Say what is to be done"),
        (rows(("Call", "400", "")), "less than or equal to 365"),
    ):
        refused = press(staff_client, "playbook-new", **asked, **wrong)
        assert (refused.status_code, said in refused.content.decode()) == (422, True), said
    press(staff_client, "playbook-new", **asked, **rows(("Call", "2", ""), ("Read", "0", "")))
    made = Playbook.objects.get()
    acme = account(now=40, before=85)
    look_now()
    changed = rows(("Call", "2", ""), ("Read", "1", ""), ("", "", ""), numbers="213")
    press(staff_client, "playbook", made.pk, **asked, **changed)
    told = list(made.steps.values_list("position", "title", "after_days"))
    assert told == [(1, "Read", 1), (2, "Call", 2)]
    assert list(Task.objects.order_by("step").values_list("title", flat=True)) == ["Call", "Read"]
    assert "2 open tasks it made stay" in read(staff_client, "playbook-delete", made.pk)
    press(staff_client, "playbook-delete", made.pk)
    assert (Playbook.objects.count(), Task.objects.count()) == (0, 2)
    assert "Step 2 of “Mine”" in read(staff_client, "account", acme.pk), "due today, before step 1"


@pytest.mark.django_db
def test_the_account_says_what_is_next_and_starts_it(staff_client: Client) -> None:
    acme = account()
    found = a_sign(acme)
    made = book(is_active=False)
    assert "Start the playbook “Win back”" in read(staff_client, "account", acme.pk)
    asked = {"playbook": made.pk, "sign": found.pk}
    page = press(staff_client, "account-start", acme.pk, follow=True, **asked)
    assert "Started: 2 tasks are set." in page.content.decode()
    assert "Step 1 of “Win back”" in page.content.decode()
    assert set(Task.objects.values_list("sign", "owner__username")) == {(found.pk, "alice")}
    again = press(staff_client, "account-start", acme.pk, playbook=made.pk, follow=True)
    assert "It runs on this account already" in again.content.decode()
    press(staff_client, "account-start", acme.pk, playbook="9" * 5000)
    Task.objects.filter(step=1).update(done_at=timezone.now(), done_by="alice")
    press(staff_client, "sign-state", found.pk, state="dismissed", reason="Summer.")
    assert "Delete the open task of its playbook" in read(staff_client, "sign", found.pk)
    press(staff_client, "sign-drop", found.pk)
    assert list(Task.objects.values_list("step", flat=True)) == [1], "the open one is gone"


@pytest.mark.django_db
def test_playbooks_are_listed_and_started_over_rest() -> None:
    acme, api, made = account(), caller(), book()
    found, other = a_sign(acme), a_sign(account("other"))
    listed = api.get("playbooks?trigger=health_fall&is_active=true").json()["results"]
    assert [(row["name"], len(row["steps"])) for row in listed] == [("Win back", 2)]
    assert api.get("playbooks?trigger=hand").json()["results"] == []
    path = f"playbooks/{made.pk}/start"
    for body, field in (
        ({"customer": "nobody"}, "customer"),
        ({"customer": "acme", "sign": other.pk}, "sign"),
        ({"customer": "acme", "when": "now"}, "when"),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, list(error_of(refused)["fields"])) == (422, [field])
    run = api.post(path, {"customer": "acme", "sign": found.pk})
    assert run.status_code == 201, run.json()
    assert [task["title"] for task in run.json()["tasks"]] == ["Read", "Call"]
    again = api.post(path, {"customer": "acme"})
    assert (again.status_code, error_of(again)["code"]) == (409, "cannot_start")
    assert api.get(f"tasks/{run.json()['tasks'][0]['id']}").json()["run"] == run.json()["id"]
    assert caller("read").post(path, {"customer": "acme"}).status_code == 403


@pytest.mark.django_db
def test_charlie_reads_playbooks_and_starts_none(client: Client) -> None:
    acme, made = account(), book()
    charlie = User.objects.create_user("charlie", is_staff=True)
    names = ("view_playbook", "view_subscriptionstate", "view_task")
    charlie.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(charlie, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = read(client, "playbooks")
    assert "Win back" in page and "Take it over" not in page
    assert "Start a playbook" not in read(client, "account", acme.pk)
    for name in ("account-start", "playbook", "playbook-delete", "sign-drop"):
        assert press(client, name, made.pk, playbook=made.pk).status_code == 403, name
    assert press(client, "playbook-new").status_code == 403
    assert not Task.objects.exists()
