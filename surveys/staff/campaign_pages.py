"""Campaigns: the list, and where each person of one is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import campaigns as work
from surveys import reasons
from surveys.campaigns import State
from surveys.models import Campaign, Invitation
from surveys.upload_report import duration

_STUCK_AFTER = timedelta(minutes=2)
_VIEW, _CHANGE = "surveys.view_campaign", "surveys.change_campaign"

# How a state is drawn, and what it means for a person, in the order of the page.
TONES = {
    State.SENT: "positive",
    State.HANDED: "accent",
    State.WAITING: "accent",
    State.DOUBTFUL: "negative",
    State.FAILED: "alert",
    State.BOUNCED: "alert",
    State.SKIPPED: "",
    State.CANCELLED: "",
}
MEANINGS = {
    State.SENT: gettext_lazy("The mail server took it."),
    State.HANDED: gettext_lazy("On its way to the mail server right now."),
    State.WAITING: gettext_lazy("Its turn comes."),
    State.DOUBTFUL: gettext_lazy("A worker stopped in between: it may have arrived. You decide."),
    State.FAILED: gettext_lazy("The mail server refused it for good, or too often."),
    State.BOUNCED: gettext_lazy("It came back. The address is left out from now on."),
    State.SKIPPED: gettext_lazy("Left out, with the reason beside each person."),
    State.CANCELLED: gettext_lazy("Not sent, because the campaign was cancelled."),
}


@require_safe
@staff_page(_VIEW)
def campaigns(request: HttpRequest) -> HttpResponse:
    rows = Campaign.objects.select_related("survey", "segment", "upload").defer("upload__data")
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    counts = _counts([campaign.pk for campaign in page])
    lines = [(campaign, counts.get(campaign.pk, _NONE)) for campaign in page]
    return render(request, "surveys/staff/campaigns.html", {"page": page, "lines": lines})


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one campaign came, for the list."""

    sent: int
    answered: int
    waiting: int

    @property
    def share(self) -> float:
        return 100 * self.answered / self.sent if self.sent else 0.0


_NONE = Reach(0, 0, 0)


def _counts(campaign_ids: list[int]) -> dict[int, Reach]:
    rows = Invitation.objects.filter(campaign_id__in=campaign_ids).order_by()
    found: dict[int, Counter[str]] = {}
    grouped = rows.values_list("campaign_id", "state").annotate(Count("pk"), Count("answered_at"))
    for campaign_id, state, count, answered in grouped:
        counter = found.setdefault(campaign_id, Counter())
        counter[state] += count
        counter["answered"] += answered
    return {
        id_: Reach(c[State.SENT], c["answered"], c[State.WAITING] + c[State.HANDED])
        for id_, c in found.items()
    }


# ---- One campaign --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state: how many people, which share, where they stand in the bar (per cent)."""

    state: str
    name: str
    meaning: str
    tone: str
    count: int
    start: float
    width: float


@require_safe
@staff_page(_VIEW)
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Where is each person?"""
    rows = Campaign.objects.select_related("survey", "segment", "upload", "created_by")
    found = get_object_or_404(rows.defer("upload__data"), pk=campaign_id)
    standing = work.standing(found)
    state = request.GET.get("state", "")
    people = found.invitations.select_related("contact").order_by("pk")
    if state in State.values:
        people = people.filter(state=state)
    if q := request.GET.get("q", "").strip()[:100]:
        people = people.filter(contact__email__icontains=q)
    context = {
        "campaign": found,
        "standing": standing,
        "left": duration(standing.left) if standing.left else "",
        "rows": state_rows(standing),
        "skips": _skips(found) if standing.states[State.SKIPPED] else [],
        "domains": _domains(found),
        "page": Paginator(people, 50).get_page(request.GET.get("page")),
        "state": state if state in State.values else "",
        "decides": state in (State.DOUBTFUL, State.FAILED),
        "q": q,
        "query": f"{urlencode({'state': state, 'q': q})}&",
        "is_running": bool(standing.underway or standing.unprepared),
        "is_stuck": timezone.now() - found.created_at > _STUCK_AFTER and not standing.rate,
        "source": source_words(found),
    }
    return render(request, "surveys/staff/campaign.html", context)


def state_rows(standing: work.Standing) -> list[StateRow]:
    whole = max(standing.audience, 1)
    rows, start = [], 0.0
    for state, tone in TONES.items():
        count = standing.states[state]
        width = 100 * count / whole
        if count:
            name, meaning = str(State(state).label), str(MEANINGS[state])
            rows.append(
                StateRow(state, name, meaning, tone, count, round(start, 3), round(width, 3))
            )
        start += width
    return rows


def source_words(campaign: Campaign) -> str:
    match campaign.audience.get("source"):
        case "segment":
            return _("Segment %(name)s") % {"name": campaign.segment or _("(deleted)")}
        case "upload":
            return _("File %(name)s") % {"name": campaign.upload or _("(deleted)")}
        case "addresses":
            return _("Typed addresses")
        case "everyone":
            return _("Everyone")
    return ""


def _skips(campaign: Campaign) -> list[tuple[str, int]]:
    """Return why people were left out: one line a reason, whatever its detail."""
    counts: Counter[str] = Counter()
    rows = campaign.invitations.filter(state=State.SKIPPED).order_by().values_list("reason")
    for reason, count in rows.annotate(Count("pk")):
        counts[reason.partition(":")[0]] += count
    return [(reasons.words(code), count) for code, count in counts.most_common()]


def _domains(campaign: Campaign) -> list[tuple[str, int]]:
    """Return which domains refused mail or sent it back, worst first."""
    bad = campaign.invitations.filter(state__in=[State.FAILED, State.BOUNCED])
    emails = bad.values_list("contact__email", flat=True)[:5000]
    return Counter((email or "").rpartition("@")[2] for email in emails if email).most_common(6)


# ---- What a person decides -----------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_CHANGE)
def cancel(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Say how many people are spared; cancel on POST."""
    found = get_object_or_404(Campaign.objects.select_related("survey"), pk=campaign_id)
    if request.method == "POST":
        spared = work.cancel(found)
        words = ngettext("%(n)s mail is not sent.", "%(n)s mails are not sent.", spared)
        messages.success(request, words % {"n": spared})
        return redirect("staff:campaign", campaign_id)
    context = {"campaign": found, "standing": work.standing(found)}
    return render(request, "surveys/staff/campaign_cancel.html", context)


@require_POST
@staff_page(_CHANGE)
def decide(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Take chosen doubtful mails as sent, or send doubtful and failed ones again."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    ids = [text for text in request.POST.getlist("invitation") if text.isdecimal()][:1000]
    chosen = found.invitations.filter(pk__in=ids)
    if not ids:
        messages.info(request, _("Tick the people you decide about first."))
    elif request.POST.get("do") == "sent":
        count = work.take_as_sent(chosen)
        words = ngettext("%(n)s mail counts as sent.", "%(n)s mails count as sent.", count)
        messages.success(request, words % {"n": count})
    elif request.POST.get("do") == "again":
        count = work.send_again(chosen)
        words = ngettext("%(n)s mail waits to be sent again.",
                         "%(n)s mails wait to be sent again.", count)  # fmt: skip
        messages.success(request, words % {"n": count})
    return redirect("staff:campaign", campaign_id)
