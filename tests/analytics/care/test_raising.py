"""Signs rise from facts once, end when their reason is gone, and say what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.care.confirming import precision
from analytics.care.models import AccountOwner, Task, WarningSign
from analytics.care.work import look_for_signs
from analytics.periods import today
from analytics.success.conversations import mark_handled
from analytics.success.models import HealthSnapshot, SubscriptionState
from analytics.success.overrides import set_override
from analytics.success.work import measure_health
from outbox.models import Job
from outbox.registry import Work
from surveys.models import Customer
from tests.analytics.care.making import a_sign, account, look_now, signs, talk, term
from tests.feedback.making import a_survey, answer

pytestmark = pytest.mark.django_db
ALL_KINDS = [("conversation", "open"), ("detractor", "open"), ("health_fall", "open"),
             ("renewal", "open")]  # fmt: skip


@pytest.fixture
def troubled() -> Customer:
    """Acme: fell from good to poor, ends in 40 days, wants a supervisor, gave a 3."""
    acme = account(now=40, before=85)
    term(acme, days=40)
    talk(acme)
    row = answer(a_survey(), "Not good.", score=3)
    type(row).objects.filter(pk=row.pk).update(customer=acme)
    return acme


def test_every_kind_rises_once_however_often_one_looks(troubled: Customer, staff_user: Any) -> None:
    AccountOwner.objects.create(customer=troubled, owner=staff_user)
    assert (look_now(), look_now()) == (4, 0)
    assert signs() == ALL_KINDS
    assert set(WarningSign.objects.values_list("owner", flat=True)) == {staff_user.pk}
    due = dict(WarningSign.objects.values_list("kind", "due_date"))
    assert due["conversation"] == today() + timedelta(days=1)


def test_internal_accounts_and_healthy_ones_warn_of_nothing(troubled: Customer) -> None:
    account("well", now=90, before=80)
    Customer.objects.filter(pk=troubled.pk).update(is_internal=True)
    assert (look_now(), signs()) == (0, [])


def test_the_same_few_queries_for_many_accounts(troubled: Customer) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            look_now()
        return len(queries)

    look_now()
    few = asked()
    for number in range(10):
        term(account(f"more-{number}", now=40, before=85), days=50)
    look_now()
    assert WarningSign.objects.count() == 24
    assert asked() == few


def test_a_reason_that_is_gone_ends_a_sign_and_the_cool_down_holds(troubled: Customer) -> None:
    look_now()
    account(now=84)
    row = talk(troubled, "T2")
    look_now()
    assert signs(ended_at__isnull=False) == [("health_fall", "passed"), ("renewal", "passed")]
    account(now=30)
    look_now()
    assert ("health_fall", "open") not in signs(), "thirty days of rest"
    for talked in (row, type(row).objects.get(ticket="T1")):
        mark_handled(talked.pk, by="alice")
    look_now()
    [found] = WarningSign.objects.filter(kind="conversation")
    assert (found.state, found.ended_by) == ("acted", "alice"), "who looked at it acted"
    assert found.evidence["rows"] == [row.pk, type(row).objects.get(ticket="T1").pk]


def test_a_persons_word_on_health_counts_for_a_renewal(troubled: Customer) -> None:
    ends = timezone.now() + timedelta(days=30)
    set_override(troubled, band="green", reason="They told me.", expires_at=ends, by="mara")
    look_now()
    assert {kind for kind, _state in signs()} == {"conversation", "detractor"}


def test_health_of_the_night_asks_for_signs(troubled: Customer) -> None:
    measure_health([], "test")
    job = Job.objects.get(kind="account-signs")
    assert job.detail == f"{troubled.pk}-{troubled.pk}"
    # Acme pays nothing: what it was is not in the facts, so its snapshots stand.
    look_for_signs([Work(job.pk, job.subject_id, job.detail, attempts=1)], "test")
    assert signs() == ALL_KINDS


def test_leaving_or_cancelling_within_90_days_confirms(staff_user: Any) -> None:
    gone, cancelled, kept, late = (account(name) for name in ("gone", "cancelled", "kept", "late"))
    now, ago = timezone.now(), lambda days: timezone.now() - timedelta(days=days)
    for customer in (gone, kept, late):
        a_sign(customer, raised_at=ago(60))
    a_sign(cancelled, raised_at=ago(60), ended_at=ago(50), state="acted")
    WarningSign.objects.filter(customer=late).update(raised_at=ago(5))
    term(cancelled, days=20, cancelled_date=today() - timedelta(days=3))
    paid = {"currency": "EUR", "status": "active", "monthly": 9, "amount": 9, "at": ago(300)}
    for customer, until in ((gone, ago(10)), (kept, ago(10)), (late, ago(10))):
        name = customer.external_id
        SubscriptionState.objects.create(customer=customer, external_id=name, until=until, **paid)
    SubscriptionState.objects.create(
        customer=kept, external_id="kept-2", **paid | {"at": now - timedelta(days=10)}
    )
    look_now()
    found = WarningSign.objects.values_list("customer__external_id", "confirmed_by", "state")
    assert sorted(found) == [
        ("cancelled", "cancelled", "acted"),
        ("gone", "left", "passed"),
        ("kept", "", "open"),
        ("late", "", "open"),
    ]


def test_precision_is_a_share_with_its_interval_and_null_is_not_zero() -> None:
    assert (precision()[""].value, precision()[""].reason) == (None, "no_population")
    now = timezone.now()
    for number, (state, confirmed, days) in enumerate(
        [("acted", "", 20), ("dismissed", "", 120), ("passed", "left", 120), ("dismissed", "", 20)]
    ):
        a_sign(
            account(f"a{number}"), state=state, raised_at=now - timedelta(days=days), ended_at=now,
            reason="no", confirmed_by=confirmed, confirmed_date=today() if confirmed else None,
        )  # fmt: skip
    a_sign(account("old"), state="acted", ended_at=now - timedelta(days=366))
    found = precision()[""]
    assert (found.value, found.n, found.status, found.pending) == (0.5, 4, "provisional", 1)
    assert found.interval is not None and found.interval.method == "wilson"
    assert found.parts == {"acted": 1, "confirmed": 1, "dismissed": 2, "passed": 1}
    assert precision()["health_fall"] == found
    assert precision()["renewal"].value is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "weather"},
        {"state": "acted"},  # without an end
        {"ended_at": timezone.now()},  # and still open
        {"state": "dismissed", "ended_at": timezone.now()},  # for no reason
        {"confirmed_by": "left"},  # on no day
        {},  # a second open one
    ],
)
def test_what_no_sign_may_be_the_database_refuses(wrong: dict[str, Any]) -> None:
    acme = account()
    if not wrong:
        a_sign(acme)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_sign(acme, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(customer=acme, title="Call", done_at=timezone.now())
    assert not HealthSnapshot.objects.exists()
