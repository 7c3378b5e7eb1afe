"""What happened with one account, newest first: answers, tickets, usage, terms, notes, health."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import figures
from analytics.success import words
from analytics.success.beside import more_moments
from analytics.success.models import (
    AccountNote,
    Conversation,
    HealthOverride,
    SubscriptionState,
    Term,
    Ticket,
)
from analytics.success.moments import (
    Moment,
    band_moments,
    band_words,
    friction_moments,
    usage_moments,
)
from feedback.models import Response
from outbox.days import day_bounds
from surveys.models import Customer

MOST = 60


def timeline(customer: Customer) -> list[Moment]:
    """Return the newest moments of an account: eleven queries, and those of other rooms."""
    found = [
        *_answers(customer),
        *_tickets(customer),
        *_terms(customer),
        *_states(customer),
        *_notes(customer),
        *_by_hand(customer),
        *usage_moments(customer),
        *friction_moments(customer),
        *band_moments(customer),
        *more_moments(customer),
    ]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _answers(customer: Customer) -> list[Moment]:
    rows = Response.objects.filter(customer=customer, standing=Response.Standing.COUNTED)
    return [
        Moment(
            row.submitted_at,
            "inbox",
            _("Answered %(survey)s with %(score)s")
            % {"survey": row.survey.name, "score": row.score},
            row.comment[:200],
            url=reverse("staff:response", args=[row.pk]),
        )
        for row in rows.select_related("survey").order_by("-submitted_at")[:MOST]
    ]


def _tickets(customer: Customer) -> list[Moment]:
    found = []
    rows = list(Ticket.objects.filter(customer=customer).order_by("-opened_at")[:MOST])
    names = [row.external_id for row in rows]
    talks = dict(Conversation.objects.filter(ticket__in=names).values_list("ticket", "pk"))
    for row in rows:
        note = _("still open")
        if row.solved_at:
            took = words.duration((row.solved_at - row.opened_at).total_seconds())
            note = _("solved after %(time)s") % {"time": took}
        title = _("Asked for help by %(channel)s") % {"channel": row.channel or "–"}
        talk = talks.get(row.external_id)
        url = reverse("staff:conversation", args=[talk]) if talk else ""
        tone = "" if row.solved_at else "negative"
        found.append(Moment(row.opened_at, "case", title, note, tone, url))
    return found


def _terms(customer: Customer) -> list[Moment]:
    found = []
    for row in Term.objects.filter(customer=customer).order_by("-due_date")[:MOST]:
        amount = words.money(row.amount, row.currency)
        at = day_bounds(row.due_date)[1] - timedelta(seconds=1)
        if row.renewed_date:
            found.append(Moment(at, "calendar", _("Term renewed"), amount, "positive"))
        elif row.cancelled_date:
            found.append(Moment(at, "calendar", _("Term cancelled"), amount, "negative"))
        else:
            found.append(Moment(at, "calendar", _("Term due"), amount))
    return found


def _states(customer: Customer) -> list[Moment]:
    found, before = [], None
    rows = SubscriptionState.objects.filter(customer=customer).order_by("external_id", "at")
    for row in rows:
        is_next = before is not None and before.external_id == row.external_id
        change = row.monthly - (before.monthly if before and is_next else 0)
        title = _("Subscription %(status)s") % {"status": row.get_status_display()}
        note = ""
        if change:
            note = _("%(change)s a month") % {
                "change": words.money(change, row.currency, is_signed=True)
            }
        said = " · ".join(part for part in (row.plan, note, row.cause) if part)
        tone = "positive" if change > 0 else "negative" if change < 0 else ""
        found.append(Moment(row.at, "money", title, said, tone))
        before = row
    return found


def _notes(customer: Customer) -> list[Moment]:
    rows = AccountNote.objects.filter(customer=customer).select_related("author")[:MOST]
    tones = {"good": "positive", "poor": "negative"}
    return [
        Moment(
            row.created_at,
            "edit",
            _("%(who)s noted") % {"who": row.author.get_username() if row.author else _("Somebody")}
            + (f": {row.get_pulse_display()}" if row.pulse else ""),
            row.text,
            tones.get(row.pulse, ""),
        )
        for row in rows
    ]


def _by_hand(customer: Customer) -> list[Moment]:
    """Return when somebody set the health by hand, and when that ended, by itself or not."""
    found, now = [], timezone.now()
    for row in HealthOverride.objects.filter(customer=customer)[:MOST]:
        title = _("%(who)s set the health by hand: %(band)s") % {
            "who": row.by, "band": band_words(row.band),
        }  # fmt: skip
        tone = {"red": "negative", "green": "positive"}.get(row.band, "")
        found.append(Moment(row.created_at, "person", title, row.reason, tone))
        if row.ended_at:
            ended = _("%(who)s ended the health set by hand") % {"who": row.ended_by}
            found.append(Moment(row.ended_at, "person", ended))
        elif row.expires_at <= now:
            found.append(Moment(row.expires_at, "clock", _("The health set by hand expired")))
    return found


def component_words(name: str) -> str:
    return {
        "usage": _("usage"),
        "feedback": _("feedback"),
        "support": _("support"),
        "adoption": _("adoption"),
        "commercial": _("commercial"),
        "relationship": _("relationship"),
    }[name]


def points(value: float) -> str:
    return figures.number(value, is_signed=True)
