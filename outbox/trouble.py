"""Work that does not get done: given up, of unknown outcome, or waiting for a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.models import Job
from outbox.overdue import oldest_due
from outbox.replica import seen
from outbox.staff.attention import Need, address
from outbox.staff.badges import Badge, Counted
from outbox.staff.freshness import copy_trouble

LATE = timedelta(minutes=2)
_State = Job.State


@dataclass(frozen=True, slots=True)
class Trouble:
    """`waited` is how long the oldest due work has been waiting for a worker."""

    dead: int
    doubtful: int
    waited: timedelta


def trouble() -> Trouble:
    """Look at the partial indexes only: three cheap queries."""
    stuck = Job.objects.filter(state__in=[_State.DEAD, _State.DOUBTFUL])
    counts = dict(stuck.order_by().values_list("state").annotate(n=Count("pk")))
    return Trouble(counts.get(_State.DEAD, 0), counts.get(_State.DOUBTFUL, 0), oldest_due())


STUCK = Counted(
    lambda: [Job.objects.filter(state__in=[_State.DEAD, _State.DOUBTFUL])],
    lambda count: Badge(str(count), is_hot=True) if count else None,
)


def needs(request: HttpRequest) -> list[Need]:
    """Say what of the background work needs a person (a source of the home page)."""
    if not request.user.has_perm("outbox.view_job"):
        return []
    found = trouble()
    rows = [_late(found), _dead(found), _doubtful(found), _copy()]
    return [row for row in rows if row is not None]


def _jobs(state: str) -> str:
    return address("admin:outbox_job_changelist", f"state={state}")


def _late(found: Trouble) -> Need | None:
    if found.waited < LATE:
        return None
    now = timezone.now()
    waited = timesince(now - found.waited, now, depth=1)
    return Need(
        group=_("System"),
        title=_("No worker is running"),
        url=_jobs(_State.PENDING),
        note=_(
            "The oldest work has waited %(time)s. Answers are safe; mails and readings wait. "
            "Start a worker, or run manage.py drain."
        )
        % {"time": waited},
        icon="clock",
        is_urgent=True,
        order=10,
    )


def _dead(found: Trouble) -> Need | None:
    if not found.dead:
        return None
    title = ngettext(
        "One piece of work was given up", "%(n)s pieces of work were given up", found.dead
    )
    return Need(
        group=_("System"),
        title=title % {"n": found.dead},
        url=_jobs(_State.DEAD),
        note=_("It failed eight times. Look at the error, then try again."),
        icon="alert",
        is_urgent=True,
        order=20,
    )


def _doubtful(found: Trouble) -> Need | None:
    if not found.doubtful:
        return None
    title = ngettext(
        "One mail may or may not have left", "%(n)s mails may or may not have left", found.doubtful
    )
    return Need(
        group=_("System"),
        title=title % {"n": found.doubtful},
        url=_jobs(_State.DOUBTFUL),
        note=_("A worker stopped in between. They are never sent twice by themselves."),
        icon="mail",
        order=30,
    )


def _copy() -> Need | None:
    copy = seen()
    if copy is None or copy.is_usable:
        return None
    return Need(
        group=_("System"),
        title=_("The copy of the database is not read"),
        url=address("admin:index"),
        note=copy_trouble(copy),
        icon="clock",
        order=40,
    )
