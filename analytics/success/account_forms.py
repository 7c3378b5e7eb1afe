"""What people say on the page of an account: notes, and health set by hand."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy

from analytics.periods import today
from analytics.success.models import AccountNote, HealthSnapshot

_USUAL = timedelta(days=30)


def _in_a_month() -> date:
    return today() + _USUAL


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AccountNote
        fields = ["text", "pulse"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}


class OverrideForm(forms.Form):
    """`last_date` is the last local day on which the word holds."""

    band = forms.ChoiceField(label=gettext_lazy("Health"), choices=HealthSnapshot.Band)
    last_date = forms.DateField(
        label=gettext_lazy("Until, that day included"),
        initial=_in_a_month,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
