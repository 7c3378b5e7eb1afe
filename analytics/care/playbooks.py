"""Starting playbooks: their steps become tasks, once a sign, or when a person says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.care.models import (
    AccountOwner,
    Playbook,
    PlaybookRun,
    PlaybookStep,
    Task,
    WarningSign,
)
from analytics.success.health_definitions import accounts_in
from outbox.days import local_date
from outbox.transactions import write
from surveys.models import Customer

MOST_STEPS = 12
MOST = 100
"""Playbooks in all: people know few by heart."""


class CannotStart(Exception):
    """A playbook cannot be started here and now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step asks for; `owner` None is the owner of the account."""

    title: str
    note: str
    after_days: int
    owner: Any = None


# ---- What a playbook says --------------------------------------------------------------


def save(playbook: Playbook, steps: Sequence[Step]) -> Playbook:
    """Store a playbook with exactly these steps; tasks made before stay as they are."""
    with write():
        playbook.save()
        playbook.steps.all().delete()
        PlaybookStep.objects.bulk_create(
            PlaybookStep(
                playbook=playbook,
                position=number,
                title=step.title,
                note=step.note,
                after_days=step.after_days,
                owner=step.owner,
            )
            for number, step in enumerate(steps, 1)
        )
    return playbook


def fitting(playbooks: Iterable[Playbook], customers: Iterable[int]) -> dict[int, set[int]]:
    """Return playbook -> which of some customers it is for."""
    keys, listed = set(customers), list(playbooks)
    inside = accounts_in({p.segment for p in listed if p.segment}, keys)
    return {p.pk: inside.get(p.segment, set()) if p.segment else keys for p in listed}


# ---- Starting --------------------------------------------------------------------------


def start_for(signs: Sequence[WarningSign], now: datetime) -> int:
    """Start every active playbook on the signs that just rose; return how many tasks it made.

    Runs in the transaction that raises them: a sign and its tasks come together or not at
    all, and `playbook_once_a_sign` holds that they come once.
    """
    kinds = {sign.kind for sign in signs}
    playbooks = list(
        Playbook.objects.filter(is_active=True, trigger__in=kinds).prefetch_related("steps__owner")
    )
    if not playbooks:
        return 0
    inside = fitting(playbooks, {sign.customer_id for sign in signs})
    pairs = [
        (playbook, sign)
        for sign in signs
        for playbook in playbooks
        if playbook.trigger == sign.kind and sign.customer_id in inside[playbook.pk]
    ]
    runs = PlaybookRun.objects.bulk_create(
        (
            PlaybookRun(
                playbook=playbook,
                name=playbook.name,
                customer_id=sign.customer_id,
                sign=sign,
                started_at=now,
            )
            for playbook, sign in pairs
        ),
        batch_size=500,
    )
    owners = {sign.customer_id: sign.owner_id for sign in signs}
    made = Task.objects.bulk_create(
        (
            task
            for run, (playbook, _sign) in zip(runs, pairs, strict=True)
            for task in _tasks(run, playbook, owner=owners[run.customer_id])
        ),
        batch_size=500,
    )
    return len(made)


def _tasks(run: PlaybookRun, playbook: Playbook, *, owner: int | None) -> list[Task]:
    today = local_date(run.started_at)
    return [
        Task(
            customer_id=run.customer_id,
            title=step.title,
            note=step.note,
            owner_id=step.owner_id or owner,
            due_date=today + timedelta(days=step.after_days),
            origin=Task.Origin.PLAYBOOK,
            sign_id=run.sign_id,
            run=run,
            step=step.position,
            created_by=run.started_by,
        )
        for step in playbook.steps.all()
    ]


def start(
    playbook: Playbook, customer: Customer, *, user: Any = None, by: str = "",
    sign: WarningSign | None = None,
) -> PlaybookRun:  # fmt: skip
    """Start a playbook on an account because a person says so, for one of its signs or none.

    Tasks of a step without a name go to the account's owner, else to `user`. CannotStart
    where it runs already, was started for this sign, has no steps, or is for other accounts.
    """
    with write():
        locked = Playbook.objects.select_for_update().filter(pk=playbook.pk).first()
        if locked is None:
            raise CannotStart(_("This playbook has been deleted."))
        _check(locked, customer)
        run = PlaybookRun(
            playbook=locked,
            name=locked.name,
            customer=customer,
            sign=sign,
            started_at=timezone.now(),
            started_by=by[:150],
        )
        try:
            run.save()
        except IntegrityError:
            raise CannotStart(_("It was started for this warning sign before.")) from None
        owned = AccountOwner.objects.filter(customer=customer).values_list("owner_id", flat=True)
        owner = owned.first() or (user.pk if user else None)
        Task.objects.bulk_create(_tasks(run, locked, owner=owner))
    return run


def _check(playbook: Playbook, customer: Customer) -> None:
    if not playbook.steps.exists():
        raise CannotStart(_("This playbook has no steps yet. Write them first."))
    if customer.pk not in fitting([playbook], [customer.pk])[playbook.pk]:
        raise CannotStart(_("This playbook is for accounts of another segment."))
    if Task.objects.filter(
        run__playbook=playbook, customer=customer, done_at__isnull=True
    ).exists():
        raise CannotStart(_("It runs on this account already: finish its tasks first."))


# ---- How it goes -----------------------------------------------------------------------


def drop_open(sign: WarningSign) -> int:
    """Delete what a playbook wanted done for a sign that has ended; return how many tasks."""
    count, _by_model = open_of(sign).delete()
    return int(count)


def open_of(sign: WarningSign) -> Any:
    """Return the tasks that playbooks made for a sign and nobody has finished."""
    return sign.tasks.filter(done_at__isnull=True, origin=Task.Origin.PLAYBOOK)


def used(playbooks: Iterable[Playbook]) -> Mapping[int, tuple[int, int, int]]:
    """Return playbook -> how often it was started, its tasks, and those that are done."""
    found: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    rows = (
        PlaybookRun.objects.filter(playbook__in=list(playbooks))
        .order_by()
        .values("playbook_id")
        .annotate(
            runs=Count("pk", distinct=True),
            set_tasks=Count("tasks"),
            done=Count("tasks", filter=Q(tasks__done_at__isnull=False)),
        )
    )
    for row in rows:
        found[row["playbook_id"]] = (row["runs"], row["set_tasks"], row["done"])
    return found
