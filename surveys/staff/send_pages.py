"""Send: choose whom to ask, see who gets it and who does not, rehearse, go."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from anymail.exceptions import AnymailError
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import audience as who
from surveys import reasons
from surveys.audience import Audience, Source
from surveys.campaigns import launch
from surveys.expecting import expectation
from surveys.mail import sample_letter, send_test
from surveys.mailbox import is_embedded
from surveys.models import Campaign, Contact, Segment, Survey, Upload
from surveys.models.files import BULKY
from surveys.rehearsal import rehearse
from surveys.services import NotLive
from surveys.staff.frame import frame, survey_of
from surveys.staff.timing_form import TimingForm
from surveys.timing import Timing
from surveys.wording import draw_up

_SEND = "surveys.add_campaign"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the audience form says: the audience, and the text as it was typed."""

    audience: Audience | None
    source: str
    id: str
    addresses: str

    @property
    def query(self) -> str:
        """The same choice as an address, for sources that fit into one."""
        pairs = {"source": self.source}
        if self.source in (Source.SEGMENT, Source.UPLOAD):
            pairs[self.source] = self.id
        return urlencode(pairs)


def read_choice(data: QueryDict) -> Asked:
    """Return who is meant; `audience` is None while the choice is not complete."""
    source, addresses = data.get("source", ""), data.get("addresses", "")
    id_ = data.get(source, "") if source in (Source.SEGMENT, Source.UPLOAD) else ""
    audience: Audience | None = None
    if source == Source.EVERYONE:
        audience = Audience(Source.EVERYONE)
    elif source in (Source.SEGMENT, Source.UPLOAD) and id_.isdecimal() and len(id_) < 19:
        audience = Audience(Source(source), int(id_))
    elif source == Source.ADDRESSES and addresses.strip():
        audience = who.typed(addresses)
    return Asked(audience, source, id_, addresses)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_SEND)
def send(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose and plan; a POST without "go" only plans, one with it sends."""
    survey = survey_of(slug)
    if survey.status != Survey.Status.LIVE:
        messages.info(request, _("A survey has to be live before it can ask anybody."))
        return redirect("staff:survey-live", slug)
    if (twin := _twin(request)) is not None:
        return redirect("staff:campaign", twin.pk)
    asked = read_choice(request.POST if request.method == "POST" else request.GET)
    plan = who.plan(survey, asked.audience) if asked.audience else None
    is_go = request.method == "POST" and "go" in request.POST
    timing = TimingForm(request.POST if is_go else None, survey=survey, source=asked.source)
    if is_go and plan and asked.audience and timing.is_valid():
        response = _go(request, survey, asked.audience, plan, timing.timing)
        if response is not None:
            return response
    elif (
        request.method == "POST"
        and not is_go
        and asked.audience
        and asked.source != Source.ADDRESSES
    ):
        return redirect(f"{reverse('staff:send', args=[slug])}?{asked.query}")
    rehearsal = rehearse(survey, asked.audience) if asked.audience and plan else []
    context = frame(
        survey,
        "send",
        asked=asked,
        plan=plan,
        name=request.POST.get("name") or _name(survey),
        # The same token twice is the same campaign: a form is worth one.
        token=request.POST.get("token") or uuid4(),
        timing=timing,
        expected=expectation(survey, plan.will) if plan else None,
        warnings=_warnings(),
        rehearsal=rehearsal,
        troubles=sum(not finding.is_fine for finding in rehearsal),
        is_embedded=is_embedded(),
        test_to=request.user.email,  # type: ignore[union-attr]
        sender=survey.brand.sender_name or survey.brand.name,
        subject=sample_letter(survey, draw_up(survey), link="", name="Ada").subject,
        **_choices(),
    )
    return render(request, "surveys/staff/send.html", context)


def _twin(request: HttpRequest) -> Campaign | None:
    """Return the campaign this very form has started already (it was sent twice)."""
    try:
        token = UUID(request.POST.get("token", ""))
    except ValueError:
        return None
    return Campaign.objects.filter(token=token).first()


def _go(
    request: HttpRequest, survey: Survey, audience: Audience, plan: who.Plan, timing: Timing
) -> HttpResponse | None:
    """Start the campaign, unless the plan is no longer the one that was seen."""
    if request.POST.get("will") != str(plan.will):
        messages.warning(
            request,
            _("The audience has changed since you looked. Please look at the numbers again."),
        )
        return None
    if not plan.will and not timing.every_days:
        messages.error(request, _("Nobody of this audience may be asked now."))
        return None
    try:
        campaign = launch(
            survey,
            audience,
            name=request.POST.get("name", "").strip()[:120] or _name(survey),
            token=UUID(request.POST.get("token", "")),
            by=request.user,
            size=plan.size,
            timing=timing,
        )
    except ValueError:
        messages.error(request, _("This form is damaged. Please choose the audience again."))
    except NotLive:
        messages.error(request, _("The survey was closed meanwhile. Nobody was asked."))
    else:
        return redirect("staff:campaign", campaign.pk)
    return None


def _name(survey: Survey) -> str:
    day = date_format(timezone.localdate(), "DATE_FORMAT")
    return f"{survey.name[:80]}, {day}"


def _choices() -> dict[str, Any]:
    done = [Upload.State.DONE, Upload.State.STOPPED]
    return {
        "segments": Segment.objects.all(),
        "uploads": Upload.objects.filter(state__in=done).defer(*BULKY)[:50],
        "people": Contact.objects.count(),
        "sources": Source,
    }


def _warnings() -> list[str]:
    """Say what would make real mails useless: links that open nowhere."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    if not is_embedded() and host in ("localhost", "127.0.0.1", "::1"):
        return [
            _("Mail leaves this machine, but links in it lead to %(url)s, which nobody else can "
              "open. Set BASE_URL to the public address first.") % {"url": settings.BASE_URL}
        ]  # fmt: skip
    return []


@require_safe
@staff_page(_SEND)
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody of one verdict, page by page."""
    survey = survey_of(slug)
    asked = read_choice(request.GET)
    skip = request.GET.get("skip", "")
    if asked.audience is None or (skip and skip not in reasons.LABELS):
        return redirect("staff:send", slug)
    rows = who.judged_now(survey, asked.audience).filter(skip=skip)
    page = Paginator(rows.select_related("customer"), 50).get_page(request.GET.get("page"))
    context = frame(
        survey,
        "send",
        asked=asked,
        page=page,
        label=reasons.LABELS.get(skip, ""),
        query=f"{asked.query}&{urlencode({'skip': skip})}&",
    )
    return render(request, "surveys/staff/send_people.html", context)


@require_POST
@staff_page(_SEND)
def test(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the mail as it is now to one address; nothing is stored."""
    survey = survey_of(slug)
    to = request.POST.get("to", "").strip()
    back = redirect(_back(request, slug))
    try:
        validate_email(to)
        send_test(survey, to)
    except ValidationError:
        messages.error(request, _("“%(to)s” is not an e-mail address.") % {"to": to[:80]})
    except (smtplib.SMTPException, AnymailError, OSError) as error:
        words = _("The mail server did not take the test: %(error)s. Look at EMAIL_URL.")
        messages.error(request, words % {"error": f"{type(error).__name__} {error}"[:200]})
    else:
        where = _("You find it in the mailbox.") if is_embedded() else ""
        messages.success(request, _("A test is on its way to %(to)s.") % {"to": to} + f" {where}")
    return back


def _back(request: HttpRequest, slug: str) -> str:
    address = reverse("staff:send", args=[slug])
    choice = read_choice(request.POST)
    return f"{address}?{choice.query}" if _has_address(choice) else address


def _has_address(choice: Asked) -> bool:
    """Tell whether a choice fits into an address; typed people do not."""
    return choice.audience is not None and choice.source != Source.ADDRESSES


@require_safe
@staff_page(_SEND)
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Ask these people, but what? Leads to the only live survey, or lets choose one."""
    live = list(Survey.objects.filter(status=Survey.Status.LIVE).select_related("brand"))
    query = read_choice(request.GET).query if request.GET.get("source") else ""
    if len(live) == 1:
        return redirect(f"{reverse('staff:send', args=[live[0].slug])}?{query}")
    return render(request, "surveys/staff/campaign_new.html", {"live": live, "query": query})
