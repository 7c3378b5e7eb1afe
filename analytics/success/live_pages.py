"""The page of the last thirty minutes: it keeps itself new, and works without a script, too."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.charts import minutes as drawn
from analytics.charts.bars import draw_lengths
from analytics.success.friction_words import counted, kind_words
from analytics.success.live_reports import (
    KINDS,
    NOW_MINUTES,
    BadWish,
    Happening,
    Live,
    Minute,
    Share,
    Wish,
    live,
)
from analytics.success.models import UsageEvent
from outbox.replica import reads_replica
from outbox.staff.pages import staff_page
from outbox.staff.selects import Select

VIEW = "success.view_usageevent"
_LABEL_EVERY = 5  # minutes


@require_safe
@staff_page(VIEW)
@reads_replica
def live_page(request: HttpRequest) -> HttpResponse:
    """Who is there now, what do they do, and who struggles?"""
    found = _asked(request)
    return render(
        request,
        "analytics/success/live.html",
        {
            "heading": _heading(found),
            "at": timezone.localtime(found.at),
            "now_minutes": NOW_MINUTES,
            "found": found,
            "figures": _figures(found),
            "trouble": counted(found.rage_clicks, found.errors),
            "charts": _charts(found),
            "rows": [_minute_row(minute) for minute in reversed(found.minutes)],
            "features": _bars(found, found.features),
            "customers": _bars(found, found.customers),
            "events": [_event(each) for each in found.events],
            "total": figures.count_text(found.total),
            "is_cut": found.total > len(found.events),
            "selects": _selects(found),
            "chips": _chips(found),
            "has_any": bool(found.total) or UsageEvent.objects.exists(),
        },
    )


def _asked(request: HttpRequest) -> Live:
    """Return what the address asks for; what there is not is said and left out."""
    wish = Wish(*(_asked_text(request, name) for name in ("customer", "feature", "kind")))
    while True:
        try:
            return live(wish)
        except BadWish as bad:
            said = {"kind": _("There is no kind “%s”."), "customer": _("There is no account “%s”.")}
            messages.warning(request, said[bad.field] % bad.value[:60])
            wish = replace(wish, **{bad.field: ""})


def _asked_text(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name, "").strip()[:120]
    return text if text.isprintable() else ""


def _heading(found: Live) -> str:
    n = found.now.users
    if not n:
        return _("Nobody is here right now")
    told = ngettext("%(n)s person is here right now", "%(n)s people are here right now", n)
    return told % {"n": figures.count_text(n)}


def _figures(found: Live) -> list[tuple[str, str, str]]:
    """Return (words, count, tone) of the row of figures."""
    return [
        (_("People"), figures.count_text(found.window.users), ""),
        (_("Accounts"), figures.count_text(found.window.customers), ""),
        (_("Events"), figures.count_text(found.uses), ""),
        (
            _("Rage clicks"),
            figures.count_text(found.rage_clicks),
            "negative" if found.rage_clicks else "",
        ),
        (_("Errors"), figures.count_text(found.errors), "negative" if found.errors else ""),
    ]


def _charts(found: Live) -> dict[str, drawn.MinutesDrawing]:
    listed = [
        drawn.Minute(
            _minute_words(minute),
            _clock(minute.at) if not minute.at.minute % _LABEL_EVERY else "",
            minute.uses,
            minute.rage_clicks + minute.errors,
        )
        for minute in found.minutes
    ]
    widths = {"wide": 880.0, "narrow": 320.0}
    return {name: drawn.draw_minutes(listed, width=width) for name, width in widths.items()}


def _minute_words(minute: Minute) -> str:
    told = ngettext("%(n)s event", "%(n)s events", minute.uses) % {
        "n": figures.count_text(minute.uses)
    }
    trouble = counted(minute.rage_clicks, minute.errors)
    return f"{_clock(minute.at)}: {', '.join(part for part in (told, trouble) if part)}"


def _minute_row(minute: Minute) -> tuple[str, str, str, str]:
    counts = (minute.uses, minute.rage_clicks, minute.errors)
    uses, clicks, errors = (figures.count_text(count) for count in counts)
    return _clock(minute.at), uses, clicks, errors


def _clock(at: Any, form: str = "H:i") -> str:
    return str(figures.date_format(timezone.localtime(at), form))


def _bars(found: Live, shares: tuple[Share, ...]) -> list[dict[str, Any]]:
    lengths = draw_lengths([float(share.users) for share in shares])
    return [
        {
            "name": share.label or share.name,
            "people": figures.count_text(share.users),
            "length": length,
            "trouble": figures.count_text(share.troubles) if share.troubles else "",
            "url": reverse("staff:account", args=[share.key])
            if share.key
            else _address(found.wish, feature=share.name),
            "only": _address(found.wish, customer=share.name) if share.key else "",
        }
        for share, length in zip(shares, lengths, strict=True)
    ]


def _event(event: Happening) -> dict[str, Any]:
    is_trouble = event.kind != "use"
    return {
        "at": timezone.localtime(event.at),
        "clock": _clock(event.at, "H:i:s"),
        "user": event.user,
        "customer": event.customer[2] if event.customer else "",
        "url": reverse("staff:account", args=[event.customer[0]]) if event.customer else "",
        "kind": kind_words(event.kind) if is_trouble else "",
        "is_error": event.kind == "error",
        "name": event.name,
        "where": " · ".join(part for part in (event.feature, event.page) if part),
    }


# ---- Filters -------------------------------------------------------------------------


def _address(wish: Wish, **changes: str) -> str:
    asked = {name: value for name, value in asdict(replace(wish, **changes)).items() if value}
    return f"{reverse('staff:live')}?{urlencode(asked)}" if asked else reverse("staff:live")


def _kinds() -> dict[str, str]:
    return {"use": _("Use"), "rage-click": _("Rage clicks"), "error": _("Errors")}


def _selects(found: Live) -> list[Select]:
    """Return the fields of the form: what the last minutes saw can be chosen."""
    wish, names = found.wish, _kinds()
    accounts = {share.name: share.label or share.name for share in found.customers}
    features = {share.name: share.name for share in found.features}
    if wish.customer:
        accounts.setdefault(wish.customer, wish.customer)
    if wish.feature:
        features.setdefault(wish.feature, wish.feature)
    return [
        Select("kind", _("Kind"), [(kind, names[kind]) for kind in KINDS], wish.kind),
        Select("feature", _("Feature"), sorted(features.items()), wish.feature),
        Select("customer", _("Account"), sorted(accounts.items()), wish.customer),
    ]


def _chips(found: Live) -> list[tuple[str, str]]:
    """Return (words, address without it) of each filter in force."""
    wish = found.wish
    labels = {share.name: share.label for share in found.customers}
    said = {
        "kind": _kinds().get(wish.kind, ""),
        "feature": wish.feature,
        "customer": labels.get(wish.customer) or wish.customer,
    }
    return [(words, _address(wish, **{name: ""})) for name, words in said.items() if words]
