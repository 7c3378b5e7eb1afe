"""Accounts by money and due date with their health, and the page of one account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics import figures
from analytics.success import words
from analytics.success.account_forms import NoteForm, OverrideForm
from analytics.success.ages import accounts_age
from analytics.success.beside import panels_of
from analytics.success.daily import at_once
from analytics.success.health import Health
from analytics.success.health_definitions import group_words
from analytics.success.listing import Listing, by_money, health_of, note_change
from analytics.success.metrics.health import HealthChange, Override
from analytics.success.models import HealthSnapshot
from analytics.success.queries import Facts
from analytics.success.renewals_due import due_dates
from analytics.success.timeline import band_words, component_words, points, timeline
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.replica import reads_replica
from outbox.staff.pages import staff_page
from outbox.transactions import write
from surveys.models import Customer, Segment

_MOST = 100
_VIEW = "success.view_subscriptionstate"


@require_safe
@staff_page(_VIEW)
@reads_replica
def accounts(request: HttpRequest) -> HttpResponse:
    """Which accounts are at risk, how much do they pay, and until when?"""
    shows_all = request.GET.get("show") == "all"
    by_due = request.GET.get("sort") == "due"
    found = by_money(only_at_risk=not shows_all, by_due=by_due, most=_MOST)
    return render(
        request,
        "analytics/success/accounts.html",
        {
            "heading": _heading(found),
            "rows": [_row(h, found.due.get(h.customer), found.facts) for h in found.healths],
            "shown": len(found.healths),
            "total": found.total,
            "shows_all": shows_all,
            "by_due": by_due,
            "has_any": found.has_any,
            "age": found.age and accounts_age(found.age),
        },
    )


@require_POST
@staff_page(_VIEW)
def judge_accounts(request: HttpRequest) -> HttpResponse:
    """Ask for all accounts to be judged anew."""
    with write():
        enqueue([at_once()])
    return redirect("staff:accounts")


def _heading(found: Listing) -> str:
    if not found.has_any:
        return _("Accounts")
    money = words.money(found.money, found.facts.base)
    if not found.at_risk:
        return _("No account is at risk today.")
    if found.at_risk == 1:
        return _("One account is at risk: %(money)s a month.") % {"money": money}
    return _("%(n)s accounts are at risk: %(money)s a month.") % {
        "n": figures.count_text(found.at_risk),
        "money": money,
    }


def _row(health: Health, due: date | None, facts: Facts) -> dict[str, Any]:
    days = (due - facts.today).days if due else None
    return {
        "pk": health.customer,
        "name": facts.customers[health.customer][1] or facts.customers[health.customer][0],
        "mrr": words.money(health.mrr, facts.base) if health.mrr is not None else "–",
        "due": figures.day_text(due, has_year=due.year != facts.today.year) if due else "–",
        "in_days": "" if days is None else _("in %(n)s days") % {"n": days},
        "is_soon": days is not None and days <= 14,
        **_health_view(health),
    }


def _health_view(health: Health) -> dict[str, Any]:
    """Return score, band, the bar of points kept and lost, and the change in words."""
    score = health.score
    lost = [(name, loss) for name, loss in health.lost if loss >= 0.5]
    return {
        "score": "–" if score is None else figures.number(score),
        "band": band_words(health.band),
        "tone": {"red": "negative", "green": "positive"}.get(health.band or "", ""),
        "by_hand": _by_hand(health.override),
        "bar": _bar(score, lost[:3]),
        "lost": " · ".join(
            f"{component_words(n)} {figures.MINUS}{loss:.0f}" for n, loss in lost[:3]
        )
        if score is not None
        else _("only %(share)s of the signals arrive")
        % {"share": figures.share_text(health.result.parts.get("coverage") or 0)},
        "change": _("no comparison: the definition has changed since")
        if health.is_redefined
        else _change_words(health.change),
    }


def _by_hand(said: Override | None) -> dict[str, str] | None:
    """Return what a person says instead, who, why and until when."""
    if said is None:
        return None
    last = local_date(said.expires_at - timedelta(seconds=1))
    return {
        "band": band_words(said.band),
        "tone": {"red": "negative", "green": "positive"}.get(said.band, ""),
        "by": said.author,
        "until": figures.day_text(last, has_year=True),
        "reason": said.note,
    }


def _bar(score: float | None, lost: list[tuple[str, float]]) -> list[dict[str, str]]:
    if score is None:
        return []
    parts, at = [{"x": "0%", "width": f"{score:.1f}%", "class": "kept"}], score
    for number, (_name, loss) in enumerate(lost, 1):
        parts.append({"x": f"{at:.1f}%", "width": f"{loss:.1f}%", "class": f"lost-{number}"})
        at += loss
    return parts


def _change_words(change: HealthChange | None) -> str:
    """Explain a change by its parts: "−8 since a month ago: usage −12, support +4"."""
    if change is None or abs(change.total) < 0.5:
        return ""
    parts = {name: score + weight for name, (score, weight) in change.by_component.items()}
    told = [
        f"{component_words(name)} {points(part)}"
        for name, part in sorted(parts.items(), key=lambda pair: -abs(pair[1]))
        if abs(part) >= 0.5
    ]
    if not told:
        return _("%(total)s since a month ago, in small parts") % {"total": points(change.total)}
    words_ = {"total": points(change.total), "parts": ", ".join(told)}
    return _("%(total)s since a month ago: %(parts)s") % words_


@require_safe
@staff_page(_VIEW)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """How does this account fare, why, and what happened?"""
    return account_page(request, get_object_or_404(Customer, pk=pk))


def account_page(
    request: HttpRequest,
    customer: Customer,
    *,
    form: NoteForm | None = None,
    override_form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render an account; a form that was refused is shown again with its errors."""
    facts, found = health_of(customer.pk)
    due = due_dates(facts.today, only=[customer.pk]).get(customer.pk)
    return render(
        request,
        "analytics/success/account.html",
        {
            "customer": customer,
            "row": _row(found, due, facts) if found else None,
            "health": found,
            "components": _components(found) if found else [],
            "predicted": figures.share_text(found.predicted)
            if found and found.predicted is not None
            else "",
            "weights_of": _weights_of(found) if found else "",
            "history": HealthSnapshot.objects.filter(customer=customer)[:8],
            "moments": timeline(customer),
            "form": form or NoteForm(),
            "may_note": request.user.has_perm("success.add_accountnote"),
            "override_form": override_form or OverrideForm(),
            "may_override": request.user.has_perm("success.add_healthoverride"),
            "facts": sorted(customer.properties.items()),
            "panels": panels_of(request, customer),
        },
        status=status,
    )


def _weights_of(health: Health) -> str:
    """Say which definition and whose weights the score follows."""
    names = dict(Segment.objects.filter(slug=health.group).values_list("slug", "name"))
    return _("definition %(n)s, weights: %(group)s") % {
        "n": health.version,
        "group": group_words(health.group, names),
    }


def _components(health: Health) -> list[dict[str, str]]:
    weights = health.result.parts.get("weights", {})
    return [
        {
            "name": component_words(part.name),
            "score": "" if part.score is None else figures.number(part.score),
            "length": f"{part.score or 0:.1f}%",
            "weight": figures.share_text(weights[part.name]) if part.name in weights else "",
        }
        for part in health.components
    ]


@require_POST
@staff_page("success.add_accountnote")
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return account_page(request, customer, form=form, status=422)
    form.instance.customer, form.instance.author = customer, request.user
    form.save()
    note_change(customer.pk)
    messages.success(request, _("The note is kept."))
    return redirect("staff:account", pk)
