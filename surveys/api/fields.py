"""Fields that take exactly what they say: no guessed types, naive times or control characters."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from surveys.roster import property_name

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_PROPERTIES = 60
MOST_PROPERTY = 1000  # characters of one value
Scalar = str | int | float | bool | None
# Beyond this a JSON number is no longer the same number everywhere.
_WHOLE = 2**53
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Unicode's control characters, line and paragraph separators, lone surrogates.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """A body in which every name is known: a typing error is refused, not ignored."""

    default_error_messages = {
        "invalid": _("Send a JSON object here, not {datatype}."),
        "unknown": _("There is no field of this name. Known: {known}."),
    }

    @cached_property
    def _known(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: field for name, field in self.fields.items() if not field.read_only}

    def to_internal_value(self, data: Any) -> Any:
        """Check what is there; what is not costs nothing, which a thousand rows a call feel."""
        if not isinstance(data, Mapping):
            message = str(self.error_messages["invalid"]).format(datatype=type(data).__name__)
            raise serializers.ValidationError({"non_field_errors": [message]})
        body: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field in self._known.items():
            try:
                if name in data:
                    body[name] = self._checked(name, field, data[name])
                elif field.required:
                    field.fail("required")
                elif field.default is not empty:
                    body[name] = field.get_default()
            except serializers.ValidationError as error:
                errors[name] = error.detail
        if not self._known.keys() >= data.keys():
            errors |= self._unknown(data)
        if errors:
            raise serializers.ValidationError(errors)
        return body

    def _checked(self, name: str, field: Any, value: Any) -> Any:
        checked = field.run_validation(value)
        check = getattr(self, f"validate_{name}", None)
        return check(checked) if check else checked

    def _unknown(self, data: Mapping[Any, Any]) -> dict[str, list[str]]:
        message = str(self.error_messages["unknown"]).format(known=", ".join(sorted(self._known)))
        return {str(name)[:80]: [message] for name in data if name not in self._known}


def all_optional(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a body of changes: nothing must be there, nothing has a default."""
    for field in fields.values():
        field.required, field.default = False, empty
    return fields


class Whole(serializers.IntegerField):
    """A JSON integer: 9, not 9.0, "9" or true."""

    default_error_messages = {"invalid": _("Send a whole number, without quotation marks.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """true or false, not 1 or "yes"."""

    default_error_messages = {"invalid": _("Send true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Line(serializers.CharField):
    """One line of text without control characters; NFC, trimmed."""

    default_error_messages = {
        "invalid": _("Send a text."),
        "control": _("This may not hold line breaks or other control characters."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = unicodedata.normalize("NFC", data.strip())
        if has_control(text):
            self.fail("control")
        return str(super().to_internal_value(text))


class Code(Line):
    """One line of a stated form, for example a slug."""

    def __init__(self, pattern: str, *, form: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(pattern, form))


class LanguageCode(Code):
    """A language such as en or pt-BR."""

    def __init__(self, **kwargs: Any) -> None:
        form = _("Send a language code such as en or pt-BR.")
        super().__init__(r"\A[A-Za-z]{2}(-[A-Za-z]{2})?\Z", form=form, **kwargs)


class Words(serializers.CharField):
    """A text of several lines. Control characters other than line ends and tabs are refused."""

    default_error_messages = {
        "invalid": _("Send a text."),
        "control": _("This may not hold control characters other than line breaks and tabs."),
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if has_control(data, allowed="\r\n\t"):
            self.fail("control")
        return str(super().to_internal_value(data))


class Address(serializers.EmailField):
    """An e-mail address, kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    default_error_messages = {"text": _("Send an e-mail address as a text.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("text")
        return str(super().to_internal_value(data)).lower()


class Day(serializers.DateField):
    """A day of the workspace: 2026-01-31, from 1990 to 2189."""

    default_error_messages = {"invalid": _("Send a day like 2026-01-31.")}

    def to_internal_value(self, value: Any) -> date:
        is_day = isinstance(value, str) and _DAY.fullmatch(value)
        if not is_day or not "1990" <= value[:4] < "2190":
            self.fail("invalid")
        return super().to_internal_value(value)


class Moment(serializers.DateTimeField):
    """An instant with its zone: 2026-01-31T09:30:00Z or …+01:00."""

    default_error_messages = {
        "invalid": _("Send a time like 2026-01-31T09:30:00Z or 2026-01-31T10:30:00+01:00."),
        "zone": _("Say which zone: end it with Z or an offset like +01:00."),
        "range": _("This lies before 1990 or more than five years ahead."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        moment = parse_moment(value) if isinstance(value, str) else None
        if moment is None:
            self.fail("invalid")
        if moment.tzinfo is None:
            self.fail("zone")
        if not is_believable(moment):
            self.fail("range")
        return moment

    def to_representation(self, value: Any) -> Any:
        return stamp(value) if isinstance(value, datetime) else None


def parse_moment(text: str) -> datetime | None:
    """Return the instant a text spells, with its zone if it names one; None when it spells none."""
    try:
        return parse_datetime(text.strip())
    except ValueError:
        return None


def is_believable(moment: datetime) -> bool:
    """Tell whether an instant can be converted, compared and stored everywhere."""
    return 1990 < moment.year < 2200 and (
        EARLIEST <= moment <= timezone.now() + timedelta(days=5 * 366)
    )


def stamp(moment: datetime) -> str:
    """Return an instant as the API writes it: UTC, to the second, ending in Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        "maxProperties": MOST_PROPERTIES,
        "example": {"plan": "Growth", "seats": 25},
    }
)
class Properties(serializers.Field):  # type: ignore[type-arg]
    """Free facts about a person: name -> text, number or true/false.

    Names are brought into the form the product uses everywhere: "Plan Type" is `plan_type`.
    Null is a value only where it takes one away.
    """

    def __init__(self, *, takes_away: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.takes_away = takes_away

    default_error_messages = {
        "invalid": _('Send an object such as {{"plan": "Growth"}}.'),
        "many": _("At most {most} properties fit."),
        "name": _("'{name}' cannot name a property: use 1 to 80 letters, digits and underscores."),
        "value": _("'{name}': send a text, a number, true or false."),
        "long": _("'{name}': at most {most} characters fit."),
        "control": _("'{name}' holds a control character."),
        "number": _("'{name}': this number is too large to be kept exactly."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Scalar]:
        if not isinstance(data, dict):
            self.fail("invalid")
        if len(data) > MOST_PROPERTIES:
            self.fail("many", most=MOST_PROPERTIES)
        return {self._name(name): self._value(name, value) for name, value in data.items()}

    def _name(self, name: str) -> str:
        if not name.strip() or len(name) > 80 or has_control(name):
            self.fail("name", name=printable(name))
        return property_name(name)

    def _value(self, name: str, value: Any) -> Scalar:
        shown = printable(name)
        if value is None and self.takes_away:
            return None
        if not isinstance(value, str | int | float | bool):
            self.fail("value", name=shown)
        if isinstance(value, str):
            if len(value) > MOST_PROPERTY:
                self.fail("long", name=shown, most=MOST_PROPERTY)
            if has_control(value):
                self.fail("control", name=shown)
        if isinstance(value, int | float) and not _is_exact(value):
            self.fail("number", name=shown)
        return value

    def to_representation(self, value: Any) -> dict[str, Any]:
        return dict(value or {})


def _is_exact(number: float) -> bool:
    return abs(number) <= _WHOLE if isinstance(number, int) else math.isfinite(number)


def has_control(text: str, *, allowed: str = "") -> bool:
    """Tell whether a text holds control characters or halves of surrogate pairs."""
    return any(found not in allowed for found in _CONTROL.findall(text))


def printable(text: str) -> str:
    """Return a text that can be shown in a message: cut, without control characters."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:80])
