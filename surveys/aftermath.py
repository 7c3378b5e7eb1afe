"""After a crash: what became of mails whose worker died before it could say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import handler_of
from surveys import ledger, logbook
from surveys.models import Invitation
from surveys.services import DELIVER

_State = Invitation.State


def tallies(days: set[tuple[int, date]]) -> list[Wanted]:
    """Return the recount work for the days on which mails went out."""
    return [
        Wanted("tally", survey_id, f"tally:{survey_id}:{day}", detail=str(day), repeats=True)
        for survey_id, day in sorted(days)
    ]


def settle_interrupted(invitation_ids: Sequence[int]) -> None:
    """Sort out the batch of a worker that died: called with its jobs just marked doubtful.

    Only the mail that had begun to leave is doubtful. What was written down is
    done, and what had not left the house goes back to be sent.
    """
    _read_logbooks(invitation_ids)
    rows = Invitation.objects.filter(pk__in=invitation_ids)
    waiting = set(rows.filter(state__in=ledger.SENDABLE).values_list("pk", flat=True))
    handed = set(rows.filter(state=_State.HANDED).values_list("pk", flat=True))
    unclear = handed | set(rows.filter(state=_State.DOUBTFUL).values_list("pk", flat=True))
    jobs = Job.objects.filter(kind=DELIVER, state=Job.State.DOUBTFUL, subject_id__in=invitation_ids)
    worn = jobs.filter(subject_id__in=waiting, attempts__gte=handler_of(DELIVER).max_attempts)
    mark_failed(list(worn.values_list("subject_id", flat=True)))
    worn.update(state=Job.State.DEAD)
    jobs.filter(subject_id__in=waiting).update(state=Job.State.PENDING, due_at=Now())
    jobs.exclude(subject_id__in=unclear).update(
        state=Job.State.DONE, done_at=Now(), last_error="", is_wanted_again=False
    )
    mark_doubtful(list(handed))


def _read_logbooks(invitation_ids: Sequence[int]) -> None:
    """Clear up, as far as it can be known, which of the mails handed over together left."""
    jobs = Job.objects.filter(kind=DELIVER, state=Job.State.DOUBTFUL, subject_id__in=invitation_ids)
    batches: dict[str, list[int]] = defaultdict(list)
    for claimant, invitation_id in jobs.values_list("claimed_by", "subject_id"):
        batches[claimant].append(invitation_id)
    for claimant, ids in batches.items():
        begun = logbook.begun(claimant)
        if begun is None:
            continue
        stayed = sorted(set(ids) - set(begun))
        ledger.take_back(stayed)
        if begun:  # it got as far as sending, so none of those that stayed made it die
            jobs.filter(subject_id__in=stayed).update(attempts=F("attempts") - 1)
        _record_sent(set(ids) & set(begun[:-1]) - set(begun[-1:]))
        transaction.on_commit(partial(logbook.forget, claimant))


def _record_sent(invitation_ids: Collection[int]) -> None:
    handed = Invitation.objects.filter(pk__in=invitation_ids, state=_State.HANDED).order_by("pk")
    rows = list(handed.values_list("pk", "contact_id", "survey_id"))
    now = timezone.now()
    ledger.record_sent([(pk, contact_id) for pk, contact_id, _survey in rows], now=now)
    enqueue(tallies({(survey_id, local_date(now)) for _pk, _contact, survey_id in rows}))


def mark_doubtful(invitation_ids: Sequence[int]) -> None:
    """A crash fell between handing over and recording: show it, never repeat it."""
    handed = Invitation.objects.filter(pk__in=invitation_ids, state=_State.HANDED)
    surveys = set(handed.order_by().values_list("survey_id", flat=True))
    handed.update(state=_State.DOUBTFUL)
    # The crash may have come before the recount its batch would have asked for.
    enqueue(tallies({(survey_id, local_date(timezone.now())) for survey_id in surveys}))


def mark_failed(invitation_ids: Sequence[int]) -> None:
    """Workers stopped again and again before this mail could be handed over."""
    Invitation.objects.filter(pk__in=invitation_ids, state=_State.WAITING).update(
        state=_State.FAILED, reason="interrupted"
    )
