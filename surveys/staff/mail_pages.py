"""The outbox screen: every mail with its state, why, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from outbox.jobs import retry
from outbox.models import Job
from outbox.staff.pages import staff_page
from surveys import campaigns, outages, reasons, stops
from surveys.campaigns import State
from surveys.models import Invitation, MailEvent, SendingStop
from surveys.services import DELIVER

PAGE = 50
_STATES = (  # how a mail may stand, in the order of the page
    State.SENT, State.HANDED, State.WAITING, State.DOUBTFUL, State.FAILED, State.BOUNCED,
    State.SKIPPED, State.CANCELLED,
)  # fmt: skip
_CHANGE = "surveys.change_campaign"
TODO = {
    State.DOUBTFUL: gettext_lazy(
        "Look into the mail server’s log or ask the person; then take it as sent, or send it again."
    ),
    State.FAILED: gettext_lazy("When the cause is put right, send it again."),
    State.WAITING: gettext_lazy("Nothing: it leaves by itself."),
    State.HANDED: gettext_lazy("Nothing: it is leaving right now."),
    State.SENT: "",
    State.BOUNCED: gettext_lazy("Ask for another address. To write to this one, allow its mail."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One mail of the list. `said` is what the mail server or provider answered last."""

    invitation: Invitation
    said: str
    due_at: Any
    todo: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Dead jobs of one kind besides mails, which have rows of their own."""

    kind: str
    count: int
    last_error: str


@require_safe
@staff_page("surveys.view_invitation")
def mails(request: HttpRequest) -> HttpResponse:
    """Newest first; without a wish those that need a person or are on their way."""
    state = request.GET.get("state", "")
    state = state if state in _STATES else ""
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]  # PostgreSQL takes no NUL
    before = request.GET.get("before", "")
    rows = _mails(state, q)
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    context = {
        "stops": stops.in_words(stops.in_force()),
        "outage": outages.mail_server_away(),
        "tabs": _tabs(state),
        "lines": _lines(found[:PAGE]),
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "state": state,
        "decides": state in (State.DOUBTFUL, State.FAILED),
        "q": q,
        "query": urlencode({"state": state, "q": q}),
        "given_up": _given_up(),
    }
    return render(request, "surveys/staff/mails.html", context)


def _mails(state: str, q: str) -> Any:
    rows = Invitation.objects.filter(channel=Invitation.Channel.EMAIL).order_by("-pk")
    rows = rows.select_related("contact", "survey", "campaign")
    if state:
        rows = rows.filter(state=state)
    return rows.filter(contact__email__icontains=q) if q else rows


def _tabs(current: str) -> list[tuple[str, str, int | None, bool]]:
    """Return (state, name, count, is current); what was sent is many and not counted."""
    not_sent = Invitation.objects.filter(channel="email").exclude(state=State.SENT)
    counts = dict(not_sent.order_by().values_list("state").annotate(Count("pk")))
    return [
        ("", _("All"), None, not current),
        *(
            (state, str(State(state).label), counts.get(state, 0), state == current)
            for state in _STATES
            if state != State.SENT
        ),
        (State.SENT, str(State.SENT.label), None, current == State.SENT),
    ]


def _lines(rows: Iterable[Invitation]) -> list[Line]:
    rows = list(rows)
    ids = [row.pk for row in rows]
    events = MailEvent.objects.filter(invitation__in=ids).order_by("pk")
    said = {event.invitation_id: event.said for event in events}
    jobs = {job.subject_id: job for job in Job.objects.filter(kind=DELIVER, subject_id__in=ids)}
    return [_line(row, said.get(row.pk, ""), jobs.get(row.pk)) for row in rows]


def _line(row: Invitation, said: str, job: Job | None) -> Line:
    is_waiting = job is not None and job.state == Job.State.PENDING
    code = row.reason.partition(":")[0]
    todo = TODO.get(State(row.state)) or reasons.ADVICE.get(code, "")
    return Line(
        row,
        said or (_said(job) if job else ""),
        job.due_at if is_waiting and job else None,
        str(todo),
    )


def _said(job: Job) -> str:
    """Return the last error; what keeps every mail waiting stands once above the list."""
    waits = job.last_error.startswith(outages.NO_SERVER)
    return _("waits for the mail server") if waits else job.last_error


def _given_up() -> list[GivenUp]:
    dead = Job.objects.filter(state=Job.State.DEAD).exclude(kind=DELIVER).order_by()
    counts = dict(dead.values_list("kind").annotate(Count("pk")))
    return [
        GivenUp(kind, count, dead.filter(kind=kind).order_by("-pk")[0].last_error)
        for kind, count in sorted(counts.items())
    ]


# ---- What a person decides -----------------------------------------------------------------


@require_POST
@staff_page(_CHANGE)
def decide(request: HttpRequest) -> HttpResponse:
    """Take ticked doubtful mails as sent, or send doubtful and failed ones again."""
    ids = [text for text in request.POST.getlist("invitation") if text.isdecimal()][:1000]
    chosen = Invitation.objects.filter(pk__in=ids)
    if not ids:
        messages.info(request, _("Tick the mails you decide about first."))
    elif request.POST.get("do") == "sent":
        count = campaigns.take_as_sent(chosen)
        words = ngettext("%(n)s mail counts as sent.", "%(n)s mails count as sent.", count)
        messages.success(request, words % {"n": count})
    elif request.POST.get("do") == "again":
        count = campaigns.send_again(chosen)
        words = ngettext("%(n)s mail waits to be sent again.",
                         "%(n)s mails wait to be sent again.", count)  # fmt: skip
        messages.success(request, words % {"n": count})
    return redirect("staff:mails")


@require_POST
@staff_page(_CHANGE)
def resume(request: HttpRequest, stop_id: int) -> HttpResponse:
    """Go on sending after an automatic stop."""
    stop = get_object_or_404(SendingStop, pk=stop_id)
    if stops.resume(stop, by=request.user.get_username()):
        messages.success(request, _("Sending goes on."))
    return redirect("staff:mails")


@require_POST
@staff_page("outbox.change_job")
def try_again(request: HttpRequest) -> HttpResponse:
    """Give the dead jobs of one kind another start."""
    kind = request.POST.get("kind", "")
    dead = Job.objects.filter(kind=kind, state=Job.State.DEAD).exclude(kind=DELIVER)
    count = retry(dead.values_list("pk", flat=True)[:1000])
    words = ngettext("%(n)s job is due again.", "%(n)s jobs are due again.", count)
    messages.success(request, words % {"n": count})
    return redirect("staff:mails")
