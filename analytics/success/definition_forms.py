"""Weights and curves of health as a form, and back as a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from analytics.success.health_definitions import problems_of
from analytics.success.metrics.health_definition import (
    ALL,
    COMPONENTS,
    CURVES,
    MEASURES,
    OPTIONAL,
    Definition,
    Points,
)
from analytics.success.timeline import component_words

_MOST_TEXT = 200


def measure_words(name: str) -> str:
    return {
        "usage": _("Seats active, in %"),
        "usage_trend": _("Seats active against four weeks ago, in %; empty: no part of health"),
        "feedback": _("Answers, from 0 (worst) to 100"),
        "ticket_age": _("Oldest open ticket, in days"),
        "reopened": _("Tickets reopened, in %"),
        "first_contact": _("Solved at first contact, in %; empty: no part of health"),
        "predicted_satisfaction": _(
            "Predicted satisfaction of conversations nobody rated, in %; empty: no part of health"
        ),
        "adoption": _("Paid features in use, in %"),
        "revenue_trend": _("Revenue against 90 days ago, in %"),
        "days_to_renewal": _("Days until the term ends; empty: no part of health"),
        "last_contact": _("Days since somebody spoke with them; empty: no part of health"),
    }[name]


class DefinitionForm(forms.Form):
    """`definition` fills the fields at first; bound, `draft()` is what was sent."""

    def __init__(self, data: Any = None, *, definition: Definition, groups: Mapping[str, str]):
        """`groups` is group -> its name, in order."""
        super().__init__(data)
        self.groups, self._definition = groups, definition
        for group, name in groups.items():
            for component in COMPONENTS:
                self.fields[_weight(group, component)] = forms.FloatField(
                    label=f"{component_words(component)}: {name}",
                    required=False,
                    initial=_plain(definition.weights.get(group, {}).get(component)),
                    min_value=0,
                    max_value=100,
                    widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
                )
        for measure in MEASURES:
            self.fields[_curve(measure)] = forms.CharField(
                label=measure_words(measure),
                required=False,
                initial=curve_text(measure, _curve_of(definition, measure)),
                max_length=_MOST_TEXT,
                widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
            )
        self.fields["follows"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=definition.version
        )
        self.fields["reason"] = forms.CharField(
            label=_("Why it changes"), required=False, max_length=200
        )

    def clean(self) -> dict[str, Any]:
        """Point each flaw out where it is; a set of weights left wholly empty is not there."""
        if self.errors:
            return self.cleaned_data
        curves: dict[str, Points] = {}
        for measure in MEASURES:
            try:
                points = read_curve(measure, self.cleaned_data[_curve(measure)])
            except ValueError as error:
                self.add_error(_curve(measure), str(error))
            else:
                if points or measure not in OPTIONAL:
                    curves[measure] = points
        if self.errors:
            return self.cleaned_data
        weights = {
            group: found for group in self.groups if (found := self._weights(group)) or group == ALL
        }
        version = self.cleaned_data["follows"] + 1
        self.cleaned_data["definition"] = Definition(version, weights, curves)
        for place, reasons in problems_of(self.cleaned_data["definition"]).items():
            for reason in reasons:
                self.add_error(self._field_of(place), reason)
        return self.cleaned_data

    def _weights(self, group: str) -> dict[str, float]:
        sent = {name: self.cleaned_data[_weight(group, name)] for name in COMPONENTS}
        return {name: weight for name, weight in sent.items() if weight is not None}

    def _field_of(self, place: str) -> str | None:
        kind, _dot, name = place.partition(".")
        if kind == "curves" and _curve(name) in self.fields:
            return _curve(name)
        return _weight(name, COMPONENTS[0]) if name in self.groups else None

    def draft(self) -> Definition:
        found: Definition = self.cleaned_data["definition"]
        return found

    # ---- As the page lays it out -------------------------------------------------

    def weight_rows(self) -> list[tuple[str, list[BoundField]]]:
        return [
            (component_words(name), [self[_weight(group, name)] for group in self.groups])
            for name in COMPONENTS
        ]

    def weight_errors(self) -> list[tuple[str, list[str]]]:
        found = []
        for group, name in self.groups.items():
            errors = [str(e) for part in COMPONENTS for e in self[_weight(group, part)].errors]
            if errors:
                found.append((name, errors))
        return found

    def curve_fields(self) -> list[BoundField]:
        return [self[_curve(measure)] for measure in MEASURES]


def _weight(group: str, component: str) -> str:
    return f"w-{group}-{component}"


def _curve(measure: str) -> str:
    return f"c-{measure}"


def _curve_of(definition: Definition, measure: str) -> Points:
    """Return the curve in force; what a definition leaves out is empty."""
    usual = () if measure in OPTIONAL else CURVES[measure]
    return definition.curves.get(measure, usual)


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


# ---- Curves as text ------------------------------------------------------------------


def curve_text(measure: str, points: Points) -> str:
    """Return 0 = 0, 80 = 100: values as people read them, and their points."""
    factor = 100 if MEASURES[measure].is_share else 1
    return ", ".join(f"{round(factor * value, 6):g} = {score:g}" for value, score in points)


def read_curve(measure: str, text: str) -> Points:
    """Read what `curve_text` writes. ValueError says which pair cannot be read."""
    factor = 100 if MEASURES[measure].is_share else 1
    found = []
    for pair in text.replace(";", ",").split(","):
        if not pair.strip():
            continue
        value, equals, score = pair.partition("=")
        try:
            found.append((float(value) / factor, float(score)))
        except ValueError:
            message = _("“%(pair)s” is no pair of a value and its points like 80 = 100.")
            raise ValueError(message % {"pair": pair.strip()[:30]}) from None
        if not equals or not all(abs(number) < 1e9 for number in found[-1]):
            raise ValueError(_("Write finite numbers, such as 80 = 100."))
    return tuple(found)
