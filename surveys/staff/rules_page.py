"""The rules of asking: what holds for every survey together."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outbox.staff.pages import staff_page
from surveys.models import AskingRules, Survey


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AskingRules
        fields = ["rest_days", "customer_most", "customer_days", "patience_days"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("rest_days", "patience_days"):
            self.fields[name].validators.append(MaxValueValidator(366))
            self.fields[name].widget.attrs["max"] = 366
        self.fields["customer_most"].validators.append(MaxValueValidator(10_000))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.view_campaign")
def rules(request: HttpRequest) -> HttpResponse:
    may_change = request.user.has_perm("surveys.change_campaign")
    form = RulesForm(request.POST or None, instance=AskingRules.current())
    if request.method == "POST":
        if not may_change:
            return HttpResponse(status=403)
        if form.is_valid():
            form.save()
            messages.success(request, _("The rules hold from the next mail on."))
            return redirect("staff:asking-rules")
    surveys = Survey.objects.filter(status=Survey.Status.LIVE).order_by("name")
    context = {"form": form, "may_change": may_change, "surveys": surveys}
    return render(request, "surveys/staff/rules.html", context)
