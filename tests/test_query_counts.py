"""Every staff page asks as few queries of the whole demo as of a dozen of its rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse

from analytics.care.models import Playbook, Task, WarningSign
from analytics.demo.seed import seed
from analytics.scores.models import TallyStamp
from analytics.success.catalogue import METRICS
from analytics.success.models import Conversation
from feedback.models import Response, SavedAnswer, Theme
from outbox.drain import due_kinds, sweep
from outbox.models import Job
from surveys.models import Contact, Customer, Invitation, Survey

KEPT = 12
SOME = 4  # what a process looks up once, and parts that stand only where something is in them
# Pages about one thing: the arguments of its address. Pages without any are found by themselves.
ABOUT = {
    "survey": lambda: [_survey()],
    "compare": lambda: [_survey()],
    "theme-money": lambda: [_survey()],
    "survey-edit": lambda: [_survey()],
    "survey-questions": lambda: [_survey()],
    "survey-languages": lambda: [_survey()],
    "share-links": lambda: [_survey()],
    "send": lambda: [_survey()],
    "response": lambda: [Response.objects.exclude(comment="").latest("submitted_at").pk],
    "saved-answer": lambda: [SavedAnswer.objects.earliest("pk").pk],
    "conversation": lambda: [Conversation.objects.earliest("pk").pk],
    "theme": lambda: [Theme.objects.filter(is_active=True).earliest("pk").slug],
    "account": lambda: [Customer.objects.earliest("pk").pk],
    "sign": lambda: [_sign().pk],
    "task": lambda: [Task.objects.earliest("pk").pk],
    "playbook": lambda: [Playbook.objects.earliest("pk").pk],
    "path": lambda: ["first-steps"],
    "metric": lambda: [next(iter(METRICS))],
}


def _sign() -> WarningSign:
    return WarningSign.objects.filter(ended_at__isnull=True).earliest("pk")


def _survey() -> str:
    return str(Survey.objects.filter(kind="nps").earliest("pk").slug)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        seed()
        newest = Response.objects.exclude(comment="").order_by("-submitted_at").values("pk")[:300]
        Job.objects.filter(kind="read").exclude(subject_id__in=newest).delete()
        while due_kinds():
            sweep()
        TallyStamp.objects.all().delete()  # what is kept of reports asks no queries at all
        yield
        transaction.set_rollback(True)


def addresses() -> dict[str, str]:
    """Return the address of every staff page that needs nothing, and of those in ABOUT."""
    _prefix, staff = get_resolver().namespace_dict["staff"]
    found = {}
    for name in {name for name in staff.reverse_dict if isinstance(name, str)}:
        try:
            found[name] = reverse(f"staff:{name}", args=ABOUT[name]() if name in ABOUT else [])
        except NoReverseMatch:
            continue
    return found


def count(client: Client, address: str) -> int | None:
    """Return how many queries a page asks, None for what is no page."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    is_page = answer.status_code == 200 and "text/html" in answer["Content-Type"]
    return len(queries) if is_page else None


def thin_out() -> None:
    """Keep a dozen answers with their people and accounts: fewer than any page shows."""
    read = Response.objects.filter(reading__isnull=False)
    keys = list(read.order_by("pk").values_list("pk", flat=True))
    kept = Response.objects.filter(pk__in=keys[:: len(keys) // KEPT])
    kept = kept.values_list("invitation", "contact", "customer")
    invitations, contacts, customers = zip(*kept, strict=True)
    Response.objects.exclude(invitation__in=invitations).delete()
    Invitation.objects.exclude(pk__in=invitations).delete()
    Contact.objects.exclude(pk__in=contacts).delete()
    looked_at = (_sign().customer_id, Task.objects.earliest("pk").customer_id)
    Customer.objects.exclude(pk__in=[*customers, *looked_at]).delete()


@pytest.mark.slow
@pytest.mark.only_on("sqlite")  # the queries are the same, and once is enough
def test_pages_ask_as_few_queries_of_much_as_of_little(demo: None, staff_client: Client) -> None:
    much = {name: count(staff_client, address) for name, address in addresses().items()}
    assert set(ABOUT) <= {name for name, n in much.items() if n}
    thin_out()
    little = {name: count(staff_client, address) for name, address in addresses().items()}
    assert {
        name: (little[name], n)
        for name, n in much.items()
        if n is not None and n > (little[name] or 0) + SOME
    } == {}
