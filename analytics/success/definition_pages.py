"""What health is made of, changed by staff: a draft shows first how many accounts would move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from analytics import figures
from analytics.success import words
from analytics.success.definition_forms import DefinitionForm
from analytics.success.health import Health, health_facts, judge, past_of
from analytics.success.health_definitions import (
    BadDefinition,
    Overtaken,
    definition_in_force,
    group_words,
    store,
)
from analytics.success.health_measures import read_measures
from analytics.success.metrics.health_definition import ALL, NEW, Definition
from analytics.success.models import HealthDefinition
from analytics.success.queries import Facts
from analytics.success.timeline import band_words
from outbox.staff.pages import staff_page
from surveys.models import Segment

_CHANGE = "success.add_healthdefinition"
_MOST_SHOWN = 8


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("success.view_subscriptionstate")
def definition(request: HttpRequest) -> HttpResponse:
    """Show and change weights and curves; `look` only says what a draft would do."""
    current = definition_in_force()
    names = dict(Segment.objects.values_list("slug", "name"))
    groups = _groups(request, current, names)
    is_sent = request.method == "POST" and request.user.has_perm(_CHANGE)
    form = DefinitionForm(request.POST if is_sent else None, definition=current, groups=groups)
    preview, status = None, 200
    if is_sent:
        if form.is_valid() and "look" not in request.POST and _is_stored(request, form):
            return redirect("staff:health-definition")
        if form.is_valid():
            preview = preview_of(health_facts(), current, form.draft())
        status = 200 if form.is_valid() else 422
    return render(
        request,
        "analytics/success/definition.html",
        {
            "form": form,
            "version": current.version,
            "columns": list(groups.values()),
            "preview": preview,
            "may_change": request.user.has_perm(_CHANGE),
            "addable": [(slug, name) for slug, name in names.items() if slug not in groups],
            "history": HealthDefinition.objects.all()[:20],
        },
        status=status,
    )


def _groups(request: HttpRequest, current: Definition, names: dict[str, str]) -> dict[str, str]:
    """Return the columns of weights: those there are, and a segment that is being added."""
    asked = [*request.GET.getlist("add"), *_sent_groups(request)]
    listed = dict.fromkeys([ALL, NEW, *current.segments, *(a for a in asked if a in names)])
    return {group: group_words(group, names) for group in listed}


def _sent_groups(request: HttpRequest) -> list[str]:
    fields = [name.split("-", 1)[1] for name in request.POST if name.startswith("w-")]
    return [name.rpartition("-")[0] for name in fields]


def _is_stored(request: HttpRequest, form: DefinitionForm) -> bool:
    said = form.cleaned_data
    try:
        row = store(
            form.draft(),
            follows=said["follows"],
            reason=said["reason"],
            by=request.user.get_username(),
        )
    except BadDefinition as error:
        for place, reasons in error.problems.items():
            for reason in reasons:
                form.add_error(place if place in form.fields else None, reason)
        return False
    except Overtaken:
        form.add_error(
            None,
            _("Somebody else has changed this meanwhile. Open the page again to see what is new."),
        )
        return False
    messages.success(
        request,
        _("Definition %(n)s is in force. What was stored until today keeps its own.")
        % {"n": row.version},
    )
    return True


# ---- What a draft would do -----------------------------------------------------------


def preview_of(facts: Facts, current: Definition, draft: Definition) -> dict[str, Any]:
    """Return how many accounts would be in another band, and which, the dearest first."""
    measured = read_measures(facts)
    past = past_of(measured.revenue, facts.today)
    before = judge(measured, current, past=past, overrides={})
    after = {h.customer: h for h in judge(measured, draft, past=past, overrides={})}
    pairs = [(health, after[health.customer]) for health in before]
    moved = [(old, new) for old, new in pairs if old.band != new.band]
    counts = Counter((old.band, new.band) for old, new in moved)
    moved.sort(key=lambda pair: -(pair[0].mrr or 0))
    return {
        "title": _title(len(moved), len(pairs)),
        "bands": [_band_row(band, before, list(after.values())) for band in _BANDS],
        "moves": [
            {"before": band_words(old), "after": band_words(new), "count": figures.count_text(n)}
            for (old, new), n in counts.most_common()
        ],
        "accounts": [_account_row(old, new, facts) for old, new in moved[:_MOST_SHOWN]],
        "more": max(0, len(moved) - _MOST_SHOWN),
        "counts": {f"{old or 'none'}>{new or 'none'}": n for (old, new), n in counts.items()},
        "moved": len(moved),
        "total": len(pairs),
    }


_BANDS = ("green", "yellow", "red", None)


def _title(moved: int, total: int) -> str:
    if not total:
        return _("No account pays yet, so nothing would change.")
    if not moved:
        return _("No account would change its band.")
    said = ngettext(
        "One of %(total)s accounts would change its band.",
        "%(n)s of %(total)s accounts would change their band.",
        moved,
    )
    return said % {"n": figures.count_text(moved), "total": figures.count_text(total)}


def _band_row(
    band: str | None, before: Sequence[Health], after: Sequence[Health]
) -> dict[str, str]:
    old, new = (sum(h.band == band for h in side) for side in (before, after))
    return {
        "name": band_words(band),
        "before": figures.count_text(old),
        "after": figures.count_text(new),
        "change": figures.number(new - old, is_signed=True) if new != old else "",
    }


def _account_row(old: Health, new: Health, facts: Facts) -> dict[str, Any]:
    external, name = facts.customers[old.customer]
    return {
        "pk": old.customer,
        "name": name or external,
        "mrr": words.money(old.mrr, facts.base) if old.mrr is not None else "–",
        "before": _told(old),
        "after": _told(new),
    }


def _told(health: Health) -> str:
    score = "–" if health.score is None else figures.number(health.score)
    return f"{score} {band_words(health.band)}"
