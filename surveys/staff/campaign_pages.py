"""Campaigns: the list, and where each person of one is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import campaigns as work
from surveys import outages, reasons, stops
from surveys.audience import contacts_of
from surveys.campaigns import State
from surveys.models import Campaign, Invitation, Reminder, Survey
from surveys.placing import audience_of
from surveys.staff.places import NAMES, state_rows
from surveys.standing import Place, placed
from surveys.standing import standing as standing_of
from surveys.timing import description_of
from surveys.upload_report import duration
from surveys.waves import number_at, opening

_STUCK_AFTER = timedelta(minutes=2)
_VIEW, _CHANGE = "surveys.view_campaign", "surveys.change_campaign"


@require_safe
@staff_page(_VIEW)
def campaigns(request: HttpRequest) -> HttpResponse:
    rows = Campaign.objects.filter(wave_of=None).select_related("survey", "segment", "upload")
    rows = rows.defer("upload__data", "upload__repeats")
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


def _counts(campaign_ids: list[int], *, each: bool = False) -> dict[int, Reach]:
    """Count these campaigns, each with all its waves unless `each` counts for itself."""
    whole = F("campaign_id") if each else Coalesce("campaign__wave_of_id", "campaign_id")
    rows = Invitation.objects.filter(
        Q(campaign_id__in=campaign_ids) | Q(campaign__wave_of_id__in=campaign_ids)
    ).order_by()
    found: dict[int, Counter[str]] = {}
    grouped = rows.values_list(whole, "state").annotate(Count("pk"), Count("answered_at"))
    for campaign_id, state, count, answered in grouped:
        counter = found.setdefault(campaign_id, Counter())
        counter[state] += count
        counter["answered"] += answered
    return {
        id_: Reach(c[State.SENT], c["answered"], c[State.WAITING] + c[State.HANDED])
        for id_, c in found.items()
    }


# ---- One campaign --------------------------------------------------------------------------


@require_safe
@staff_page(_VIEW)
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Where is each person? Of a campaign that recurs: its waves."""
    rows = Campaign.objects.select_related("survey", "segment", "upload", "created_by", "wave_of")
    found = get_object_or_404(rows.defer("upload__data", "upload__repeats"), pk=campaign_id)
    if found.every_days:
        return render(request, "surveys/staff/campaign_series.html", _series(found))
    return render(request, "surveys/staff/campaign.html", _single(request, found))


def _shared(found: Campaign) -> dict[str, Any]:
    return {
        "campaign": found,
        "source": source_words(found),
        "timing": description_of(found),
        "is_paused": work.is_paused(found),
    }


def _series(found: Campaign) -> dict[str, Any]:
    waves = list(found.waves.order_by("-wave")[:50])
    counts = _counts([wave.pk for wave in waves], each=True)
    is_over = bool(found.cancelled_at) or found.survey.status != Survey.Status.LIVE
    next_number = number_at(found, timezone.now()) + 1
    return {
        **_shared(found),
        "lines": [(wave, counts.get(wave.pk, _NONE)) for wave in waves],
        "next_at": None if is_over else opening(found, next_number),
        "next_number": next_number,
        "people": contacts_of(audience_of(found)).count(),
    }


def _single(request: HttpRequest, found: Campaign) -> dict[str, Any]:
    standing = standing_of(found)
    hindrances = [stop for stop in stops.in_force() if stop.campaign_id in (None, found.pk)]
    is_waiting = bool(standing.states[State.WAITING])
    place = request.GET.get("state", "")
    people = placed(found.invitations.select_related("contact").order_by("pk"))
    if place in NAMES:
        people = people.filter(place=place)
    if q := request.GET.get("q", "").strip()[:100]:
        people = people.filter(contact__email__icontains=q)
    return {
        **_shared(found),
        "standing": standing,
        "left": duration(standing.left) if standing.left else "",
        "rows": state_rows(standing),
        "skips": _skips(found) if standing.states[State.SKIPPED] else [],
        "domains": _domains(found),
        "reminders": _reminders(found),
        "page": Paginator(people, 50).get_page(request.GET.get("page")),
        "state": place if place in NAMES else "",
        "decides": place in (Place.DOUBTFUL, Place.FAILED),
        "q": q,
        "query": f"{urlencode({'state': place, 'q': q})}&",
        "is_running": bool(standing.due or standing.unprepared) and not _starts_later(found),
        "is_unfinished": bool(standing.cancellable),
        "can_pause": bool(standing.cancellable) and not hindrances,
        "stops": stops.in_words(hindrances) if is_waiting else [],
        "outage": outages.mail_server_away() if is_waiting else None,
        "starts_later": _starts_later(found),
        "is_stuck": timezone.now() - found.created_at > _STUCK_AFTER and not standing.rate,
    }


def _starts_later(found: Campaign) -> bool:
    return found.starts_at is not None and found.starts_at > timezone.now()


def _reminders(found: Campaign) -> list[tuple[int, int, list[tuple[str, int]]]]:
    """Return of each step: its number, its day, and how many reminders are where."""
    rows = Reminder.objects.filter(invitation__campaign=found).order_by()
    counts: dict[int, Counter[str]] = {}
    for step, state, reason, n in rows.values_list("step", "state", "reason").annotate(
        n=Count("pk")
    ):
        words = str(Reminder.State(state).label)
        if reason:
            words = f"{words}: {reasons.words(reason.partition(':')[0])}"
        counts.setdefault(step, Counter())[words] += n
    return [
        (step, day, counts.get(step, Counter()).most_common())
        for step, day in enumerate(found.reminder_days, 1)
    ]


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


@require_POST
@staff_page(_CHANGE)
def pause(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    if found.cancelled_at:
        messages.info(request, _("This campaign was cancelled before."))
    else:
        work.pause(found, by=request.user.get_username())
        messages.success(request, _("Paused: no mail leaves until you resume."))
    return redirect("staff:campaign", campaign_id)


@require_POST
@staff_page(_CHANGE)
def resume(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    work.resume(found, by=request.user.get_username())
    messages.success(request, _("Resumed: mails leave when their time has come."))
    return redirect("staff:campaign", campaign_id)


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
    parts = [found, *found.waves.filter(cancelled_at=None)]
    standings = [standing_of(part) for part in parts]
    context = {
        "campaign": found,
        "spared": sum(standing.cancellable for standing in standings),
        "mailed": sum(standing.states[State.SENT] for standing in standings),
    }
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
