"""Health set by hand on the page of an account: said with a reason and an end, or ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics.success.account_forms import OverrideForm
from analytics.success.accounts import account_page
from analytics.success.listing import note_change
from analytics.success.overrides import BadOverride, end_override, set_override
from outbox.days import day_bounds
from outbox.staff.pages import staff_page
from surveys.models import Customer

_SET = "success.add_healthoverride"


@require_POST
@staff_page(_SET)
def set_health(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = OverrideForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            set_override(
                customer,
                band=said["band"],
                reason=said["reason"],
                expires_at=day_bounds(said["last_date"])[1],
                by=request.user.get_username(),
            )
        except BadOverride as error:
            field = {"expires_at": "last_date"}.get(error.field, error.field)
            form.add_error(field, str(error))
        else:
            note_change(customer.pk)
            messages.success(request, _("Your word stands beside the computed score until then."))
            return redirect("staff:account", pk)
    return account_page(request, customer, override_form=form, status=422)


@require_POST
@staff_page(_SET)
def end_health(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    if end_override(customer, by=request.user.get_username()):
        note_change(customer.pk)
        messages.success(request, _("The computed health counts again."))
    else:
        messages.info(request, _("Nothing was set by hand any more."))
    return redirect("staff:account", pk)
