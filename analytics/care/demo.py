"""What the demo shows of looking after accounts: signs raised by the rules, others that ended."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from analytics.care.examples import EXAMPLES
from analytics.care.models import AccountOwner, Playbook, Task, WarningSign
from analytics.care.playbooks import Step, save
from analytics.care.raising import look
from analytics.care.signs import open_signs
from outbox.days import local_date
from surveys.models import Customer

_State, _Kind = WarningSign.State, WarningSign.Kind
_PAST = (
    (_Kind.HEALTH_FALL, _State.ACTED, "Trained the new bookkeeper; usage is back.", ""),
    (_Kind.HEALTH_FALL, _State.ACTED, "Called them: the bank feed was broken, fixed.", ""),
    (_Kind.HEALTH_FALL, _State.DISMISSED, "Summer break, as every year.", ""),
    (_Kind.HEALTH_FALL, _State.PASSED, "", ""),
    (_Kind.HEALTH_FALL, _State.ACTED, "Offered a smaller plan.", "left"),
    (_Kind.RENEWAL, _State.ACTED, "Renewed for a year after two calls.", ""),
    (_Kind.RENEWAL, _State.ACTED, "Spoke with their owner; agreed on a month more.", "cancelled"),
    (_Kind.RENEWAL, _State.DISMISSED, "Signed already, the file came late.", ""),
)
"""Signs that ended: kind, how, why, and what confirmed them."""
_TASKS = (
    ("Call about the bank feeds", "They wrote twice that statements do not match.", -2),
    ("Send the price list for two more seats", "", 0),
    ("Ask for a reference", "Their answer to the last survey was a ten.", 6),
)


def write_demo(dice: random.Random) -> None:
    """Raise today's signs by the rules, and tell how earlier ones went; inside a transaction."""
    keys = list(Customer.objects.filter(is_demo=True).order_by("pk").values_list("pk", flat=True))
    if not keys:
        return
    now, admin = timezone.now(), _admin()
    if admin:
        _own(admin, keys)
    chosen = dice.sample(keys, min(len(_PAST), len(keys)))
    WarningSign.objects.bulk_create(
        _ended(key, past, now - timedelta(days=100 + 17 * number))
        for number, (key, past) in enumerate(zip(chosen, _PAST, strict=False))
    )
    _write_playbooks()
    look(keys[0], keys[-1], now=now)
    _begin(now)
    _set_tasks(dice.sample(keys, min(len(_TASKS), len(keys))), now, admin)


def _write_playbooks() -> None:
    """Take the examples over: one of them is suggested only, which the next step shows."""
    there = set(Playbook.objects.values_list("name", flat=True))
    for one in EXAMPLES:
        if str(one.name) in there:
            continue
        steps = [Step(str(s.title), str(s.note), s.after_days) for s in one.steps]
        is_active = one.trigger != Playbook.Trigger.DETRACTOR
        book = Playbook(name=str(one.name), trigger=one.trigger, is_active=is_active, is_demo=True)
        save(book, steps)


def _begin(now: datetime) -> None:
    """Let somebody have done the first step of one playbook that just started."""
    first = Task.objects.filter(customer__is_demo=True, run__isnull=False, step=1).first()
    if first:
        Task.objects.filter(pk=first.pk).update(done_at=now, done_by="maya")


def remove_demo() -> None:
    """Delete the demo's playbooks; signs and tasks go with their accounts."""
    Playbook.objects.filter(is_demo=True).delete()


def give_to_admin() -> None:
    """Let the first admin, as soon as there is one, own what the demo has for somebody."""
    admin = _admin()
    if admin is None or AccountOwner.objects.filter(owner=admin).exists():
        return
    keys = list(Customer.objects.filter(is_demo=True).order_by("pk").values_list("pk", flat=True))
    _own(admin, keys)
    Task.objects.filter(customer__in=keys, owner__isnull=True).update(owner=admin)
    owned = AccountOwner.objects.filter(owner=admin).values("customer")
    open_signs().filter(owner__isnull=True, customer__in=owned).update(owner=admin)


def _own(admin: Any, customers: list[int]) -> None:
    """Let every third account of the demo be the admin's."""
    rows = (AccountOwner(customer_id=key, owner=admin) for key in customers[::3])
    AccountOwner.objects.bulk_create(rows, ignore_conflicts=True)


def _ended(customer: int, past: tuple[str, str, str, str], raised: datetime) -> WarningSign:
    kind, state, reason, confirmed = past
    is_fall, by = kind == _Kind.HEALTH_FALL, "" if state == _State.PASSED else "maya"
    ends = local_date(raised + timedelta(days=40))
    evidence: dict[str, Any] = {"due": ends.isoformat(), "band": "red", "by": "", "score": 38.4}
    if is_fall:
        evidence = {
            "score": 46.2, "band": "red", "before": 68.9, "before_band": "yellow", "version": 1,
            "before_date": local_date(raised - timedelta(days=30)).isoformat(),
            "parts": [["usage", 82.0, 31.0]],
        }  # fmt: skip
    return WarningSign(
        customer_id=customer,
        kind=kind,
        about="" if is_fall else ends.isoformat(),
        evidence=evidence,
        due_date=local_date(raised + timedelta(days=7)),
        state=state,
        reason=reason,
        raised_at=raised,
        seen_at=raised + timedelta(days=1) if by else None,
        seen_by=by,
        ended_at=raised + timedelta(days=5),
        ended_by=by,
        confirmed_date=local_date(raised + timedelta(days=60)) if confirmed else None,
        confirmed_by=confirmed,
    )


def _set_tasks(customers: list[int], now: datetime, admin: Any) -> None:
    today = local_date(now)
    Task.objects.bulk_create(
        Task(
            customer_id=customer,
            title=title,
            note=note,
            owner=admin,
            due_date=today + timedelta(days=days),
            created_by="maya",
        )
        for customer, (title, note, days) in zip(customers, _TASKS, strict=False)
    )


def _admin() -> Any:
    return get_user_model().objects.filter(is_superuser=True, is_staff=True).first()
