"""Stop sending when too much comes back, tell staff, and go on at one click.

What waits keeps waiting: its jobs are put off and due again the moment
somebody resumes. The limits stand in surveys.brake.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox import bell
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.registry import Later, Setback, Work
from outbox.transactions import write
from surveys.brake import EVERYTHING, ONE_CAMPAIGN, Record, cause
from surveys.models import Campaign, Invitation, MailEvent, SendingStop
from surveys.services import DELIVER
from surveys.staff_mail import staff_mail

log = logging.getLogger(__name__)

ALERT = "stop_alert"
BY_SERVER = "mail server"  # the source of events our own SMTP session heard
OVER = timedelta(hours=24)  # what all sending together is judged by
WHY_WAITING = "sending is stopped"
WAIT_SECONDS = 86_400  # a resume makes it due at once; this is only a net
_Kind = MailEvent.Kind
_RETURNED = (_Kind.BOUNCED, _Kind.RETURNED)


# ---- Looking ---------------------------------------------------------------------------------


def in_force() -> list[SendingStop]:
    """Return the stops nobody has lifted yet, the one of everything first; a pause is none."""
    rows = SendingStop.objects.filter(resumed_at__isnull=True).select_related("campaign__survey")
    rows = rows.exclude(cause=SendingStop.Cause.PAUSED)
    return sorted(rows, key=lambda stop: (stop.campaign_id is not None, -stop.pk))


def held(campaign_ids: Collection[int | None]) -> set[int | None]:
    """Return those of the campaigns (None: no campaign) that may not send now."""
    stops = SendingStop.objects.filter(resumed_at__isnull=True)
    stopped = set(stops.values_list("campaign_id", flat=True))
    return set(campaign_ids) if None in stopped else set(campaign_ids) & stopped


# ---- Stopping ---------------------------------------------------------------------------------


def check(campaign_id: int | None) -> None:
    """After bad news about a mail: must its campaign stop, or everything?"""
    if campaign_id is not None:
        since = _resumed_at(_scope(campaign_id))
        record = _record(Q(campaign=campaign_id), Q(invitation__campaign=campaign_id), since)
        _stop_if(cause(record, ONE_CAMPAIGN), record, campaign_id)
    since = max(_resumed_at(SendingStop.EVERYTHING), timezone.now() - OVER)
    record = _record(Q(), Q(), since)
    _stop_if(cause(record, EVERYTHING), record, None)


def _scope(campaign_id: int | None) -> str:
    return SendingStop.EVERYTHING if campaign_id is None else f"campaign:{campaign_id}"


def _resumed_at(scope: str) -> datetime:
    rows = SendingStop.objects.filter(scope=scope, resumed_at__isnull=False)
    found = rows.order_by("-resumed_at").values_list("resumed_at", flat=True).first()
    return found or datetime.min.replace(tzinfo=timezone.get_default_timezone(), year=2000)


def _record(mails: Q, events: Q, since: datetime) -> Record:
    """Count mails and bad news since then; a mail refused on the spot was never "sent"."""
    news = MailEvent.objects.filter(events, created_at__gt=since)
    returned = news.filter(kind__in=_RETURNED)
    sent = Invitation.objects.filter(mails, sent_at__gt=since).count()
    return Record(
        mailed=sent + returned.filter(source=BY_SERVER).count(),
        returned=returned.count(),
        complained=news.filter(kind=_Kind.COMPLAINED).count(),
    )


def _stop_if(why: str, record: Record, campaign_id: int | None) -> None:
    if not why:
        return
    bad = record.complained if why == SendingStop.Cause.COMPLAINTS else record.returned
    with write():
        stop, is_new = SendingStop.objects.get_or_create(
            scope=_scope(campaign_id),
            resumed_at=None,
            defaults={
                "campaign_id": campaign_id,
                "cause": why,
                "mailed": record.mailed,
                "bad": bad,
            },
        )
        if is_new:
            log.warning("sending stopped scope=%s cause=%s", stop.scope, why)
            enqueue([Wanted(ALERT, stop.pk, f"{ALERT}:{stop.pk}")])


# ---- Going on ----------------------------------------------------------------------------------


def resume(stop: SendingStop, *, by: str) -> bool:
    """Send again, at once; who said so stays on record. False when it was resumed before."""
    with write():
        rows = SendingStop.objects.filter(pk=stop.pk, resumed_at__isnull=True)
        if not rows.update(resumed_at=timezone.now(), resumed_by=by[:150]):
            return False
        waiting = Job.objects.filter(kind=DELIVER, state=Job.State.PENDING)
        waiting = waiting.filter(last_error=WHY_WAITING)
        if stop.campaign_id is not None:
            mails = Invitation.objects.filter(campaign=stop.campaign_id)
            waiting = waiting.filter(subject_id__in=mails.values("pk"))
        waiting.update(due_at=Now())
    bell.ring(DELIVER)
    return True


# ---- Telling staff -------------------------------------------------------------------------------


def headline(stop: SendingStop) -> str:
    if stop.campaign:
        return _("Sending of “%(name)s” was stopped") % {"name": stop.campaign.name}
    return _("All sending was stopped")


def explanation(stop: SendingStop) -> str:
    """Say in one sentence what was counted."""
    if stop.cause == SendingStop.Cause.COMPLAINTS:
        words = ngettext(
            "%(bad)s of %(mailed)s mails was marked as spam.",
            "%(bad)s of %(mailed)s mails were marked as spam.",
            stop.bad,
        )
    else:
        words = ngettext(
            "%(bad)s of %(mailed)s mails came back.",
            "%(bad)s of %(mailed)s mails came back.",
            stop.bad,
        )
    return words % {"bad": stop.bad, "mailed": stop.mailed}


def advice(stop: SendingStop) -> str:
    if stop.cause == SendingStop.Cause.COMPLAINTS:
        return _(
            "Mailbox providers block senders above 0.3 %. Look at who was asked and whether they "
            "expect your mail, before you go on."
        )
    return _(
        "Many dead addresses look like a bought list to mailbox providers. Look at where the "
        "addresses come from, before you go on."
    )


def in_words(rows: Iterable[SendingStop]) -> list[tuple[SendingStop, str, str, str]]:
    """Return each stop with its headline, what was counted, and what to do."""
    return [(stop, headline(stop), explanation(stop), advice(stop)) for stop in rows]


def tell_staff(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "stop_alert": one mail to those who may resume."""
    setbacks: list[Setback] = []
    for item in work:
        stop = SendingStop.objects.select_related("campaign__created_by").get(pk=item.subject_id)
        try:
            get_connection().send_messages(_alerts(stop))
        except OSError as error:  # smtplib's errors are OSErrors
            setbacks.append(Later(item.id, 60 * item.attempts, f"{type(error).__name__}: {error}"))
    return setbacks


def _alerts(stop: SendingStop) -> list[EmailMessage]:
    address = settings.BASE_URL + reverse("staff:mails")
    paragraphs = [
        explanation(stop),
        advice(stop),
        _("What waits keeps waiting. Look at it and go on with one click: %(address)s")
        % {"address": address},
    ]
    return [
        staff_mail(headline(stop), paragraphs, to=email, key=f"stop-{stop.pk}")
        for email in _whom(stop.campaign)
    ]


def _whom(campaign: Campaign | None) -> list[str]:
    """Return the addresses of staff who may change campaigns, the campaign's maker first."""
    users: Any = get_user_model().objects
    backend = settings.AUTHENTICATION_BACKENDS[0]
    may = users.with_perm("surveys.change_campaign", backend=backend).filter(is_staff=True)
    emails = list(may.exclude(email="").order_by("pk").values_list("email", flat=True)[:20])
    maker = campaign.created_by.email if campaign and campaign.created_by else ""
    return list(dict.fromkeys([*([maker] if maker else []), *emails]))
