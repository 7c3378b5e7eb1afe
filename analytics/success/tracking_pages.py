"""Tracking keys: made here for one's own websites, with the lines to paste."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from analytics.success.models import TrackingKey
from outbox.staff.pages import staff_page
from surveys.staff.sharing_forms import origin_of

_ADD = "success.add_trackingkey"
_MOST_WEBSITES = 20


class TrackingKeyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    websites = forms.CharField(
        label=gettext_lazy("Websites"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy("One a line, such as https://app.example.com. No other may send."),
    )
    needs_consent = forms.BooleanField(
        label=gettext_lazy("Send nothing before people agreed"),
        required=False,
        initial=True,
        help_text=gettext_lazy("The page says so by verbatim.consent(true)."),
    )

    def clean_websites(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["websites"].splitlines()]
        origins = list(dict.fromkeys(origin_of(line) for line in lines if line))
        if not 1 <= len(origins) <= _MOST_WEBSITES:
            message = _("Name 1 to %(most)s websites.")
            raise forms.ValidationError(message % {"most": _MOST_WEBSITES})
        return origins


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(_ADD)
def tracking_keys(request: HttpRequest) -> HttpResponse:
    """List the keys with the lines to paste; make another one."""
    form = TrackingKeyForm(request.POST) if request.method == "POST" else TrackingKeyForm()
    if form.is_bound and form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        TrackingKey.objects.create(
            name=said["name"], origins=said["websites"], needs_consent=said["needs_consent"]
        )
        messages.success(request, _("Paste its lines into your pages; events then arrive."))
        return redirect("staff:tracking")
    keys = [(key, _lines(key)) for key in TrackingKey.objects.all()]
    context = {"form": form, "keys": keys}
    status = 422 if form.is_bound else 200
    return render(request, "analytics/success/tracking.html", context, status=status)


def _lines(key: TrackingKey) -> str:
    consent = ' data-consent="required"' if key.needs_consent else ""
    base = settings.BASE_URL.rstrip("/")
    agreed = '\n  verbatim.push(["consent", true]);  // once people agreed' * key.needs_consent
    return (
        "<script>\n  window.verbatim = window.verbatim || [];\n"
        '  verbatim.push(["identify", "user-17", { customer: "acme-7" }]);'
        f"{agreed}\n</script>\n"
        f'<script async src="{base}/u/track.js" data-key="{key.key}"{consent}'
        ' data-friction="clicks errors"></script>'
    )


@require_POST
@staff_page("success.change_trackingkey")
def switch_tracking_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn a key off, or on again."""
    key = get_object_or_404(TrackingKey, pk=pk)
    TrackingKey.objects.filter(pk=pk).update(is_active=not key.is_active)
    said = _("“%s” takes no more events.") if key.is_active else _("“%s” takes events again.")
    messages.success(request, said % key.name)
    return redirect("staff:tracking")
