"""The form of a playbook: what starts it, and its steps as rows; an empty row is no step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.care.examples import Example
from analytics.care.models import Playbook, PlaybookStep
from analytics.care.people import Colleague
from analytics.care.playbooks import MOST_STEPS, Step
from surveys.models import Segment

_MORE = 3  # empty rows below the steps there are


class PlaybookForm(forms.ModelForm):  # type: ignore[type-arg]
    segment = forms.ChoiceField(label=gettext_lazy("Only accounts of"), required=False)

    class Meta:
        model = Playbook
        fields = ["name", "trigger", "segment", "is_active"]
        help_texts = {
            "is_active": gettext_lazy(
                "When such a sign is raised, its tasks are made at once. Else a person starts it."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(Segment.objects.order_by("name").values_list("slug", "name"))
        now = self.instance.segment
        if now and now not in dict(known):
            known.append((now, _("%(slug)s (deleted: no account)") % {"slug": now}))
        choices = [("", _("every segment")), *known]
        self.fields["segment"].choices = choices  # type: ignore[attr-defined]


class StepForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Step"), max_length=200, required=False)
    after_days = forms.IntegerField(
        label=gettext_lazy("Due after days"), min_value=0, max_value=365, required=False
    )
    owner = Colleague(label=gettext_lazy("Who"), empty_label=gettext_lazy("owner of the account"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        title = str(data.get("title", "")).strip()
        if title and data.get("after_days") is None and "after_days" not in self.errors:
            self.add_error("after_days", _("Say after how many days it is due: 0 is the same day."))
        if not title and "title" not in self.errors and (data.get("note") or "").strip():
            self.add_error("title", _("Say what is to be done, or empty the note, too."))
        return data


class _Steps(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.errors) and not self.steps():
            raise forms.ValidationError(_("A playbook needs at least one step."))

    def steps(self) -> list[Step]:
        """Return the rows that say something, in the order of their numbers."""
        rows = [(form, form.cleaned_data) for form in self.forms if form.cleaned_data.get("title")]
        placed = sorted(enumerate(rows), key=lambda pair: (pair[1][1].get("ORDER") or 999, pair[0]))
        return [
            Step(data["title"].strip(), data["note"], data["after_days"], data["owner"])
            for _number, (_form, data) in placed
        ]


StepFormSet = forms.formset_factory(
    StepForm,
    formset=_Steps,
    extra=_MORE,
    max_num=MOST_STEPS,
    validate_max=True,
    absolute_max=MOST_STEPS + 4,
    can_order=True,
)


def initial_steps(playbook: Playbook) -> list[dict[str, Any]]:
    return [_row(step) for step in playbook.steps.all()]


def _row(step: PlaybookStep) -> dict[str, Any]:
    return {
        "title": step.title,
        "note": step.note,
        "after_days": step.after_days,
        "owner": step.owner_id,
    }


def initial_of(example: Example) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what an example fills into the form and into its rows."""
    rows = [
        {"title": step.title, "note": step.note, "after_days": step.after_days}
        for step in example.steps
    ]
    return {"name": example.name, "trigger": example.trigger}, rows
