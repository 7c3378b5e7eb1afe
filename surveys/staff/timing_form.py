"""When the mails of a campaign leave, as it is chosen on the page."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.models import Survey
from surveys.timing import MOST_DAYS, Timing, flaws


class TimingForm(forms.Form):
    """Everything left empty means: all at once, now, without reminders."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("Start"),
        required=False,
        help_text=gettext_lazy("Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    spread_days = forms.IntegerField(
        label=gettext_lazy("Spread evenly over, days"),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("Empty: all at once; answers then come at once, too."),
    )
    every_days = forms.IntegerField(
        label=gettext_lazy("Ask everyone again every, days"),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("Empty: once. Each wave is spread evenly until the next."),
    )
    reminder_days = forms.CharField(
        label=gettext_lazy("Remind who has not answered after, days"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("For example 3, 7. Empty: no reminder."),
    )
    is_morning = forms.BooleanField(
        label=gettext_lazy("Only on weekday mornings where each person is"),
        required=False,
        help_text=gettext_lazy(
            "Between 9 and 12 in the time zone of the contact’s property time_zone, "
            "such as America/New_York; without one, in yours."
        ),
    )

    def __init__(self, *args: Any, survey: Survey, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.source = survey, source

    def clean_reminder_days(self) -> tuple[int, ...]:
        text = self.cleaned_data["reminder_days"].strip()
        if not re.fullmatch(r"(\d{1,3}([\s,;]+\d{1,3})*)?", text):
            raise forms.ValidationError(_("Write days with commas between, for example 3, 7."))
        return tuple(int(day) for day in re.findall(r"\d+", text))

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name, message in flaws(self.timing, self.survey, self.source).items():
            self.add_error(name, message)
        return self.cleaned_data

    @property
    def timing(self) -> Timing:
        data = self.cleaned_data
        return Timing(
            starts_at=data.get("starts_at"),
            spread_days=data.get("spread_days") or 0,
            is_morning=data.get("is_morning", False),
            every_days=data.get("every_days") or 0,
            reminder_days=data.get("reminder_days") or (),
        )
