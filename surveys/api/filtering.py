"""Filters are allow-listed: an unknown name is refused with the names there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request
from rest_framework.views import APIView

from outbox.days import day_bounds
from surveys.api.errors import BadQuery
from surveys.api.fields import has_control, is_believable, parse_moment
from surveys.api.paging import PARAMETERS

_LONGEST = 1000  # characters of one value


class AllowListed(DjangoFilterBackend):
    """django-filter that knows what it does not know."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        allowed = getattr(view, "list_parameters", PARAMETERS)
        filterset = self.get_filterset(request, queryset, view)
        check_query(request, [*(filterset.filters if filterset else ()), *allowed])
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise BadQuery({name: list(errors) for name, errors in filterset.errors.items()})
        return filterset.qs


def check_query(request: Request, allowed: Iterable[str]) -> None:
    """Raise BadQuery for parameters that are not allowed or cannot be read."""
    names = list(allowed)
    for name, values in request.query_params.lists():
        if name not in names:
            known = ", ".join(sorted(names)) or _("none")
            message = _("There is no parameter of this name here. Known: %(known)s.")
            raise BadQuery({name[:80]: [message % {"known": known}]})
        if not all(value.strip() for value in values):
            # An empty filter would give everything where somebody meant little.
            raise BadQuery({name: [_("This is empty: say what you mean or leave it out.")]})
        if any(has_control(value) or len(value) > _LONGEST for value in values):
            raise BadQuery({name: [_("This holds control characters or is too long.")]})


class MomentField(forms.Field):
    """A day of the workspace (2026-01-31) or an instant with its zone."""

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        self.is_end = is_end
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip()
        if not text:
            return None
        if day := _day(text):
            return day_bounds(day)[1 if self.is_end else 0]
        # A plus sign that was not encoded arrives as a space.
        moment = parse_moment(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
        if moment is None:
            raise forms.ValidationError(
                _("Send a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z.")
            )
        if moment.tzinfo is None:
            raise forms.ValidationError(
                _("Say which zone: end the time with Z or an offset like %2B01:00.")
            )
        if not is_believable(moment):
            raise forms.ValidationError(_("This lies before 1990 or more than five years ahead."))
        return moment


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year < 2190 else None


def _described(moment_filter: filters.Filter, help_text: str) -> None:
    words = f"{help_text} A day (2026-01-31) or a time with its zone (2026-01-31T09:30:00Z)."
    extend_schema_field({"type": "string", "description": words})(moment_filter)


class SinceFilter(filters.Filter):
    """At or after a day's beginning or an instant."""

    field_class = MomentField

    def __init__(self, *, help_text: str, **kwargs: Any) -> None:
        super().__init__(lookup_expr="gte", **kwargs)
        _described(self, help_text)


class UntilFilter(filters.Filter):
    """Before an instant, or up to and including a day."""

    field_class = MomentField

    def __init__(self, *, help_text: str, **kwargs: Any) -> None:
        super().__init__(lookup_expr="lt", is_end=True, **kwargs)
        _described(self, help_text)


class DayField(forms.Field):
    """A day of the workspace: 2026-01-31."""

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        if (day := _day(text)) is None:
            raise forms.ValidationError(_("Send a day like 2026-01-31."))
        return day


class DayFilter(filters.Filter):
    """A day, for rows that are counted by day."""

    field_class = DayField

    def __init__(self, *, help_text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        extend_schema_field({"type": "string", "format": "date", "description": help_text})(self)


class YesNo(filters.TypedChoiceFilter):
    """true or false, and nothing else."""

    def __init__(self, *, help_text: str = "", **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(choices=choices, coerce=lambda text: text == "true", **kwargs)
        extend_schema_field({"type": "boolean", "description": help_text})(self)


class EmailFilter(filters.CharFilter):
    """Exactly this address, in any case."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, value.strip().lower())
