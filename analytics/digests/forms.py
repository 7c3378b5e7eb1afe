"""Forms of digests and reports; what they check beyond fields is the service's."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from analytics.digests.models import Digest, Report, Window
from analytics.digests.rhythms import QUARTERLY, WEEKLY
from analytics.digests.service import DigestWish, Refused, ReportWish
from analytics.scores.filtering import filter_options
from analytics.scores.slices import NAMES
from surveys.models import Survey


def _hours() -> list[tuple[int, str]]:
    return [(hour, time_format(time(hour), "TIME_FORMAT")) for hour in range(24)]


class ScheduleForm(forms.Form):
    """What digests and reports share: when, of which days, under which filter."""

    hour = forms.TypedChoiceField(label=_("At"), coerce=int, choices=_hours, initial=8)
    window = forms.ChoiceField(label=_("Score of"), choices=Window.choices, initial=Window.WEEKS_13)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, options) in filter_options().items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[("", _("All")), *options], required=False
            )

    @property
    def filter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in NAMES if name in self.fields]

    def filters(self) -> dict[str, str]:
        wished = {name: self.cleaned_data.get(name, "") for name in NAMES}
        return {name: value for name, value in wished.items() if value}

    def refuse(self, refused: Refused) -> None:
        """Show what the service refused at the field it speaks of."""
        for name, why in refused.fields.items():
            field = name.removeprefix("filters.")
            for words in why:
                self.add_error(field if field in self.fields else None, words)


def _surveys() -> Any:
    return Survey.objects.exclude(status=Survey.Status.DRAFT).order_by("name")


class DigestForm(ScheduleForm):
    rhythm = forms.ChoiceField(label=_("How often"), choices=Digest.Rhythm.choices, initial=WEEKLY)
    surveys = forms.ModelMultipleChoiceField(
        Survey.objects.none(),
        label=_("Surveys"),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them, the ones with news first."),
    )
    field_order = ("rhythm", "hour", "window", "surveys")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["surveys"].queryset = _surveys()  # type: ignore[attr-defined]

    def wish(self) -> DigestWish:
        data = self.cleaned_data
        return DigestWish(
            rhythm=data["rhythm"],
            hour=data["hour"],
            window=data["window"],
            surveys=list(data["surveys"]),
            filters=self.filters(),
        )


class ReportForm(ScheduleForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    survey = forms.ModelChoiceField(
        Survey.objects.none(), label=_("Survey"), to_field_name="slug", empty_label=None
    )
    rhythm = forms.ChoiceField(
        label=_("How often"), choices=Report.Rhythm.choices, initial=QUARTERLY
    )
    carry = forms.ChoiceField(label=_("As"), choices=Report.Carry.choices)
    recipients = forms.CharField(
        label=_("To these addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, at most twenty. Left empty, the report is only kept here."),
    )
    field_order = ("name", "survey", "rhythm", "hour", "window", "recipients", "carry")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["window"].initial = Window.OWN
        self.fields["survey"].queryset = _surveys()  # type: ignore[attr-defined]

    def wish(self) -> ReportWish:
        data = self.cleaned_data
        return ReportWish(
            name=data["name"],
            survey=data["survey"],
            rhythm=data["rhythm"],
            hour=data["hour"],
            window=data["window"],
            filters=self.filters(),
            recipients=data["recipients"].replace(",", "\n").replace(";", "\n").splitlines(),
            carry=data["carry"],
        )
