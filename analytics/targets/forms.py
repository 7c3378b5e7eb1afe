"""The form of a target. Goals are typed as people say them: 87 for 87 %, 8 for 8 hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.scores.filtering import filter_options
from analytics.statistics.result import Unit
from analytics.targets.measures import ALL_WISHES, MEASURES
from analytics.targets.models import Target
from analytics.targets.service import Refused, Wish, check
from outbox.staff.people import colleagues, name_of
from surveys.models import Survey

_FACTORS: dict[Unit, int] = {"fraction": 100}
_HOUR = 3600
_EMPTY = gettext_lazy("everybody")


def typed(goal: Decimal, unit: Unit) -> Decimal:
    """Return a goal as people type it: percent, hours, or as it is."""
    if unit == "seconds":
        return (goal / _HOUR).normalize()
    return (goal * _FACTORS.get(unit, 1)).normalize()


def meant(goal: Decimal, unit: Unit) -> Decimal:
    """Return what a typed goal means in the metric's own unit."""
    return goal * _HOUR if unit == "seconds" else goal / _FACTORS.get(unit, 1)


class Owners(forms.ModelChoiceField):
    def label_from_instance(self, user: Any) -> str:
        name = name_of(user)
        return name if user.email else _("%(name)s (no e-mail address)") % {"name": name}


class TargetForm(forms.Form):
    metric = forms.ChoiceField(label=gettext_lazy("Metric"))
    survey = forms.ModelChoiceField(
        Survey.objects.order_by("name"),
        label=gettext_lazy("Survey"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("none: a metric of customers"),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Goal"), choices=Target.Direction.choices, initial="at_least"
    )
    goal = forms.DecimalField(
        label=gettext_lazy("Value"),
        max_digits=14,
        decimal_places=4,
        help_text=gettext_lazy(
            "As you say it: 45 for an NPS, 87 for 87 %, 8 for eight hours, money in your currency."
        ),
    )
    period = forms.ChoiceField(
        label=gettext_lazy("Judged on"), choices=Target.Period.choices, initial="90d"
    )
    owner = Owners(
        get_user_model().objects.none(),
        label=gettext_lazy("Owner"),
        empty_label=gettext_lazy("nobody"),
        required=False,
        help_text=gettext_lazy("Gets one mail when an alarm starts."),
    )
    quiet_days = forms.IntegerField(
        label=gettext_lazy("No second mail within"), min_value=1, max_value=365, initial=14
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metric"].choices = _metrics()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = colleagues().order_by("username")  # type: ignore[attr-defined]
        for name, (label, options) in filter_options().items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[("", _EMPTY), *options], required=False
            )
        self.wish_names = [name for name in ALL_WISHES if name in self.fields]

    @property
    def wishes(self) -> list[Any]:
        return [self[name] for name in self.wish_names]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                check(self.wish())
            except Refused as error:
                for name, why in error.reasons.items():
                    self.add_error(name if name in self.fields else None, why)
        return data

    def wish(self) -> Wish:
        data = self.cleaned_data
        unit = MEASURES[data["metric"]].unit_of(data["survey"])
        return Wish(
            metric=data["metric"],
            survey=data["survey"],
            filters={name: data[name] for name in self.wish_names if data.get(name)},
            direction=data["direction"],
            goal=meant(data["goal"], unit),
            period=data["period"],
            owner=data["owner"],
            quiet_days=data["quiet_days"],
        )


def _metrics() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the metrics in groups, as a select shows them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for measure in MEASURES.values():
        groups.setdefault(str(measure.group), []).append((measure.slug, str(measure.name)))
    return list(groups.items())


def initial_of(target: Target) -> dict[str, Any]:
    unit = MEASURES[target.metric].unit_of(target.survey)
    return {
        "metric": target.metric,
        "survey": target.survey and target.survey.slug,
        "direction": target.direction,
        "goal": f"{typed(target.goal, unit):f}",
        "period": target.period,
        "owner": target.owner_id,
        "quiet_days": target.quiet_days,
        **target.filters,
    }
