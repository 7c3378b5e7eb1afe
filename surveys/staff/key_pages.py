"""API keys: made here, shown once, taken back. What is stored opens nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from outbox.staff.pages import staff_page
from surveys.access import create_key
from surveys.models import ApiKey, Survey


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy(
            "Which system uses it, so that you know what stops if you revoke it."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[ApiKey.Scope.READ],
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )
    survey = forms.ModelChoiceField(
        Survey.objects.order_by("name"),
        label=gettext_lazy("Only this survey"),
        required=False,
        empty_label=gettext_lazy("All surveys"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.view_apikey")
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys; a new one is shown in the answer to its form and never again."""
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"may_add": request.user.has_perm("surveys.add_apikey")}
    if request.method == "POST" and context["may_add"] and form.is_valid():
        data = form.cleaned_data
        key, text = create_key(name=data["name"], scopes=data["scopes"], survey=data["survey"])
        context |= {"fresh": key, "text": text}
        form = KeyForm()
    rows = ApiKey.objects.select_related("survey").order_by("revoked_at", "-pk")
    scopes = dict(ApiKey.Scope.choices)
    context |= {
        "form": form,
        "keys": [(key, [scopes.get(scope, scope) for scope in key.scopes]) for key in rows],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "surveys/staff/keys.html", context, status=status)


@require_POST
@staff_page("surveys.change_apikey")
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=key_id)
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": key.name})
    return redirect("staff:keys")
