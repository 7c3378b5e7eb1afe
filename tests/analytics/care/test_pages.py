"""Signs and tasks on the pages: what is seen, pressed, refused, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from analytics.care.models import AccountOwner, Task, WarningSign
from analytics.periods import today
from surveys.models import Customer
from tests.analytics.care.making import a_sign, account, talk

pytestmark = pytest.mark.django_db


def read(client: Client, name: str, *args: Any, query: str = "") -> str:
    reply = client.get(reverse(f"staff:{name}", args=args) + query)
    assert reply.status_code == 200
    return reply.content.decode()


def press(client: Client, page: str, /, *args: Any, follow: bool = False, **data: Any) -> Any:
    return client.post(reverse(f"staff:{page}", args=args), data, follow=follow)


@pytest.fixture
def acme(db: None) -> Customer:
    return account()


def test_a_sign_is_listed_with_its_evidence_and_taken(acme: Customer, staff_client: Client) -> None:
    sign = a_sign(acme)
    page = read(staff_client, "signs")
    assert "One warning sign is open." in page
    assert "Health fell from good to poor in a month" in page
    assert "usage 80 → 20" in page
    home = staff_client.get(reverse("admin:index")).content.decode()
    assert "One warning sign nobody has looked at" in home
    press(staff_client, "sign-take", sign.pk)
    sign.refresh_from_db()
    assert (sign.state, sign.seen_by, sign.owner.username) == ("seen", "alice", "alice")
    assert "nobody has looked at" not in staff_client.get("/admin/").content.decode()
    assert "Health fell from" not in read(staff_client, "signs", query="?show=new")
    assert "Health fell from" in read(staff_client, "signs", query="?who=mine&kind=health_fall")
    assert "Health fell from" not in read(staff_client, "signs", query="?kind=renewal")


def test_a_dismissal_needs_a_reason_and_an_end_can_be_undone(
    acme: Customer, staff_client: Client
) -> None:
    sign = a_sign(acme)
    refused = press(staff_client, "sign-state", sign.pk, state="dismissed", reason="  ")
    assert refused.status_code == 422
    assert "Say why it is no warning" in refused.content.decode()
    assert press(staff_client, "sign-state", sign.pk, state="passed").status_code == 422
    press(staff_client, "sign-state", sign.pk, state="dismissed", reason="Summer <break>")
    page = read(staff_client, "sign", sign.pk)
    assert "Summer &lt;break&gt;" in page and "dismissed" in page
    assert "Warning sign dismissed" in read(staff_client, "account", acme.pk)
    other = a_sign(acme)
    refused = press(staff_client, "sign-state", sign.pk, state="open")
    assert "Another sign of this kind is open" in refused.content.decode()
    other.delete()
    press(staff_client, "sign-state", sign.pk, state="open")
    assert WarningSign.objects.get().is_open


def test_acting_on_a_conversation_takes_it_off_the_supervisors_list(
    acme: Customer, staff_client: Client
) -> None:
    row = talk(acme)
    sign = a_sign(acme, kind="conversation", evidence={"rows": [row.pk, 10**9]})
    page = read(staff_client, "sign", sign.pk)
    assert "Predicted dissatisfied on two messages in a row" in page
    assert "a conversation that is deleted since" in page
    press(staff_client, "sign-state", sign.pk, state="acted")
    row.refresh_from_db()
    assert row.handled_by == "alice"


def test_tasks_are_set_done_late_and_told_of(acme: Customer, staff_client: Client) -> None:
    alice = User.objects.get()
    asked = {"title": "Call <them>", "owner": alice.pk, "due_date": today() - timedelta(days=2)}
    page = press(staff_client, "account-task", acme.pk, follow=True, **asked).content.decode()
    assert "Call &lt;them&gt;" in page and "2 days overdue" in page
    assert "alice set a task" in page
    task = Task.objects.get()
    assert "One task of yours is overdue" in staff_client.get("/admin/").content.decode()
    assert "Call" in read(staff_client, "tasks", query="?show=overdue")
    later = asked | {"due_date": today(), "title": "Call"}
    press(staff_client, "task", task.pk, **later)
    assert "One of your tasks is due today." in read(staff_client, "tasks")
    where = f"{reverse('staff:tasks')}?show=due"
    assert press(staff_client, "task-done", task.pk, next=where)["Location"] == where
    strange = press(staff_client, "task-done", task.pk, next="//evil.example/")
    assert strange["Location"] == reverse("staff:account", args=[acme.pk])
    assert "Call" in read(staff_client, "tasks", query="?show=done&who=all")
    assert "alice finished: Call" in read(staff_client, "account", acme.pk)
    press(staff_client, "task-reopen", task.pk)
    assert Task.objects.get().done_by == ""
    refused = press(staff_client, "account-task", acme.pk, title="")
    assert refused.status_code == 422
    press(staff_client, "task-delete", task.pk)
    assert not Task.objects.exists()


def test_a_task_for_a_sign_stays_when_the_sign_goes(acme: Customer, staff_client: Client) -> None:
    sign, strange = a_sign(acme), a_sign(account("other"))
    press(staff_client, "account-task", acme.pk, title="Call", sign=sign.pk)
    press(staff_client, "account-task", acme.pk, title="Write", sign=strange.pk)
    press(staff_client, "account-task", acme.pk, title="Visit", sign="9" * 5000)
    told = dict(Task.objects.values_list("title", "sign"))
    assert told == {"Call": sign.pk, "Write": None, "Visit": None}
    assert "Call" in read(staff_client, "sign", sign.pk)
    sign.delete()
    assert Task.objects.count() == 3


def test_whoever_owns_an_account_is_named_and_can_be_nobody(
    acme: Customer, staff_client: Client
) -> None:
    alice = User.objects.get()
    press(staff_client, "account-owner", acme.pk, account_owner=alice.pk)
    assert AccountOwner.objects.get().owner == alice
    press(staff_client, "account-owner", acme.pk, account_owner="")
    assert not AccountOwner.objects.exists()
    guest = User.objects.create_user("guest")
    said = press(staff_client, "account-owner", acme.pk, account_owner=guest.pk, follow=True)
    assert "Choose a colleague of the list." in said.content.decode()


def test_charlie_sees_what_he_may(acme: Customer, client: Client) -> None:
    charlie = User.objects.create_user("charlie", is_staff=True)
    client.force_login(charlie, backend=settings.AUTHENTICATION_BACKENDS[0])
    sign = a_sign(acme)
    assert client.get(reverse("staff:signs")).status_code == 403
    assert "warning sign" not in client.get("/admin/").content.decode()
    names = ("view_warningsign", "view_subscriptionstate", "view_task")
    charlie.user_permissions.set(Permission.objects.filter(codename__in=names))
    page = read(client, "sign", sign.pk)
    assert "I look after it" not in page and "Dismiss it" not in page
    assert "Add a task" not in read(client, "account", acme.pk)
    for name in ("sign-take", "sign-state", "sign-give", "account-task", "account-owner"):
        assert press(client, name, sign.pk).status_code == 403, name
    assert not Task.objects.exists()
