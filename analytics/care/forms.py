"""What people fill in about signs, tasks and the owner of an account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from analytics.care.models import Task
from analytics.care.people import Colleague
from analytics.periods import today

_USUAL = timedelta(days=7)


def day_field(**kwargs: Any) -> forms.DateField:
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=picker, **kwargs)


def in_a_week() -> date:
    return today() + _USUAL


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]
    owner = Colleague(label=gettext_lazy("Who"), empty_label=gettext_lazy("nobody yet"))
    due_date = day_field(label=gettext_lazy("Until"), required=False)

    class Meta:
        model = Task
        fields = ["title", "note", "owner", "due_date"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}


class HandOverForm(forms.Form):
    """Who looks after a sign, and until when."""

    owner = Colleague(label=gettext_lazy("Who"), empty_label=gettext_lazy("nobody yet"))
    due_date = day_field(label=gettext_lazy("Until"))


class ReasonForm(forms.Form):
    """What was done about a sign, or why it is none: only a dismissal needs it."""

    reason = forms.CharField(
        label=gettext_lazy("What was done, or why it is no warning"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed to dismiss it."),
    )


class OwnerForm(forms.Form):
    account_owner = Colleague(
        label=gettext_lazy("Looked after by"), empty_label=gettext_lazy("nobody")
    )
