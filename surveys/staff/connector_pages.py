"""Connectors: which systems tell us when to ask, how to call us, and what became of the calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import ParseError

from outbox.staff.pages import staff_page
from surveys import connectors, events
from surveys.api.parsing import decode
from surveys.hook_views import words_of
from surveys.models import Connector, ConnectorCall
from surveys.staff.connector_forms import ConnectorForm

_SHOWN = 25
_SAMPLE = {
    "event": "order.delivered",
    "order": {"number": "A-1207", "plan": "Growth"},
    "customer": {"email": "ada@example.com", "name": "Ada Byron", "locale": "de-DE"},
}
_EXAMPLES = {
    Connector.Scheme.STANDARD: (
        ("Shell", "connector_example.sh"),
        ("Python", "connector_example.py.txt"),
    ),
    Connector.Scheme.BODY: (("Shell", "connector_example_body.sh"),),
}
_START = {
    "email": "customer.email",
    "name": "customer.name",
    "language": "customer.locale",
    "once": "order.number",
    "only_path": "event",
    "only_values": ["order.delivered"],
    "properties": {"plan": "order.plan"},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sample call would come to: rows of (what, value), or why it would not."""

    rows: tuple[tuple[str, str], ...] = ()
    ignored: str = ""
    refused: str = ""


@require_safe
@staff_page("surveys.view_connector")
def connectors_page(request: HttpRequest) -> HttpResponse:
    """Which systems call us, and when did each last do so?"""
    rows = Connector.objects.select_related("survey").annotate(
        call_count=Count("calls"), last_call_at=Max("calls__received_at")
    )
    return render(request, "surveys/staff/connectors.html", {"connectors": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.add_connector")
def new(request: HttpRequest) -> HttpResponse:
    form = ConnectorForm(request.POST or None, instance=Connector(mapping=_START))
    if request.method == "POST" and form.is_valid():
        connector = form.fill(connectors.new_connector(created_by=request.user))
        connector.save()
        messages.success(request, _("The connector is made. Copy its address and its secret."))
        return redirect("staff:connector", connector.pk)
    status = 422 if form.is_bound else 200
    return render(request, "surveys/staff/connector_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.change_connector")
def edit(request: HttpRequest, connector_id: int) -> HttpResponse:
    connector = _connector(connector_id)
    form = ConnectorForm(request.POST or None, instance=connector)
    if request.method == "POST" and form.is_valid():
        form.fill(connector).save()
        messages.success(request, _("Saved."))
        return redirect("staff:connector", connector.pk)
    return _draw(request, _connector(connector_id), form)


@require_POST
@staff_page("surveys.change_connector")
def try_out(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Read a sample with the stored mapping and show what it would come to; nobody is asked."""
    connector = _connector(connector_id)
    sample = request.POST.get("sample", "")[: settings.API_BODY_LIMIT]
    form = ConnectorForm(instance=connector)
    return _draw(request, connector, form, sample=sample, reading=_reading(connector, sample))


def _reading(connector: Connector, sample: str) -> Reading:
    try:
        wish = events.read(events.mapping_of(connector.mapping), decode(sample.encode()))
    except ParseError as error:
        return Reading(refused=str(error.detail))
    except events.Ignored as error:
        return Reading(ignored=str(error))
    except events.Refused as error:
        return Reading(refused=str(error))
    seconds = connector.delay_hours * 3600 if wish.delay is None else wish.delay
    found = [
        (_("E-mail address"), wish.email),
        (_("Name"), wish.name),
        (_("Customer’s number"), wish.customer),
        (_("Language"), wish.language),
        (_("Number of the order or ticket"), wish.once),
        (
            _("Ask after"),
            _("%(hours)s hours") % {"hours": f"{seconds / 3600:g}"} if seconds else "",
        ),
        *((name, str(value)) for name, value in wish.properties.items()),
    ]
    return Reading(rows=tuple((label, value) for label, value in found if value))


@require_POST
@staff_page("surveys.change_connector")
def act(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Switch it off or on, make a new secret, or take it away."""
    connector = _connector(connector_id)
    do = request.POST.get("do", "")
    if do == "remove":
        connector.delete()
        messages.success(request, _("“%(name)s” is taken away.") % {"name": connector.name})
        return redirect("staff:connectors")
    if do in ("open", "close"):
        Connector.objects.filter(pk=connector.pk).update(is_open=do == "open")
    elif do == "renew":
        connectors.renew_secret(connector)
        messages.success(request, _("There is a new secret. The former one works for 24 hours."))
    return redirect("staff:connector", connector.pk)


def _connector(connector_id: int) -> Connector:
    return get_object_or_404(Connector.objects.select_related("survey"), pk=connector_id)


def _draw(
    request: HttpRequest,
    connector: Connector,
    form: ConnectorForm,
    *,
    sample: str = "",
    reading: Reading | None = None,
) -> HttpResponse:
    address = settings.BASE_URL + reverse("surveys:hook", args=[connector.public_id])
    secret = connectors.secret_of(connector)
    facts = {"address": address, "secret": secret, "body": json.dumps(_SAMPLE)}
    calls = connector.calls.select_related("invitation")[:_SHOWN]
    context: dict[str, Any] = {
        "connector": connector,
        "form": form,
        "address": address,
        "secret": secret,
        "examples": [
            (title, render_to_string(f"surveys/staff/{name}", facts).strip())
            for title, name in _EXAMPLES[Connector.Scheme(connector.scheme)]
        ],
        "calls": calls,
        "tones": _TONES,
        "refusal": words_of(connector.refused_reason),
        "sample": sample or json.dumps(_SAMPLE, indent=2),
        "reading": reading,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "surveys/staff/connector.html", context, status=status)


_TONES = {
    ConnectorCall.Outcome.ASKED: "positive",
    ConnectorCall.Outcome.REFUSED: "negative",
}
