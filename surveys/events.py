"""From another system's JSON to whom to ask, and with which facts. Pure but for translation.

A path names a value: `order.customer.email`, `items[0].sku`. A name that has
dots or brackets itself stands in quotation marks: `data["first.name"]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from surveys.addresses import address_of, flaw_of
from surveys.roster import MOST_PROPERTY, property_name

MOST_PATH = 200
MOST_PROPERTIES = 60
LONGEST_DELAY = 366 * 86_400  # seconds
_STEP = re.compile(r"""\.?(?:([^.\[\]"]+)|\["((?:[^"\\]|\\["\\])*)"\]|\[(\d{1,6})\])""")
_MISSING = object()
_SHOWN_PATHS = 12


class Refused(Exception):
    """The call cannot become an asking; the message says what, where and what to do."""


class Ignored(Exception):
    """The call is about something else; the message says what it said."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where in a call what we need stands; an empty path means it is not sent.

    Only calls whose value at `only_path` is one of `only_values` are meant;
    without a path all are. `once` is the other system's number of the thing.
    """

    email: str = ""
    name: str = ""
    customer: str = ""
    language: str = ""
    delay: str = ""
    once: str = ""
    only_path: str = ""
    only_values: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)  # our name -> path


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call asks for. `delay` in seconds, None when the call does not say."""

    email: str
    name: str = ""
    customer: str = ""
    language: str = ""
    delay: int | None = None
    once: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


def mapping_of(document: Mapping[str, Any]) -> FieldMap:
    """Read a stored mapping back; what is unknown to this version is left out."""
    known = {name: value for name, value in document.items() if name in FieldMap.__slots__}
    return FieldMap(**{**known, "only_values": tuple(known.get("only_values", ()))})


def document_of(mapping: FieldMap) -> dict[str, Any]:
    return {**asdict(mapping), "only_values": list(mapping.only_values)}


def steps_of(path: str) -> tuple[str | int, ...]:
    """Return the steps of a path. ValueError with a sentence when it is none."""
    steps: list[str | int] = []
    at = 0
    text = path.strip().removeprefix("$").removeprefix(".")
    while at < len(text):
        found = _STEP.match(text, at)
        if not found or len(path) > MOST_PATH:
            raise ValueError(_("“%(path)s” is not a path like order.email.") % {"path": path[:80]})
        name, quoted, number = found.groups()
        if number is not None:
            steps.append(int(number))
        else:
            steps.append(name.strip() if name else re.sub(r"\\([\"\\])", r"\1", quoted))
        at = found.end()
    if not steps:
        raise ValueError(_("The path is empty."))
    return tuple(steps)


def value_at(document: Any, path: str) -> Any:
    """Return the value, or `None` when there is nothing."""
    found = document
    for step in steps_of(path):
        if isinstance(found, Mapping) and isinstance(step, str):
            found = found.get(step, _MISSING)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            found = _MISSING
        if found is _MISSING:
            return None
    return found


def paths_of(document: Any, prefix: str = "", *, deep: int = 6) -> Iterator[str]:
    """Yield the paths of the single values in a document, but not the values."""
    if isinstance(document, Mapping) and deep:
        for name, value in document.items():
            escaped = re.sub(r'(["\\])', r"\\\1", str(name))
            step = f".{name}" if re.fullmatch(r"[^\W\d][\w-]*", str(name)) else f'["{escaped}"]'
            yield from paths_of(value, prefix + step, deep=deep - 1)
    elif isinstance(document, list) and deep:
        for number, value in enumerate(document[:2]):
            yield from paths_of(value, f"{prefix}[{number}]", deep=deep - 1)
    elif prefix:
        yield prefix.removeprefix(".")


def read(mapping: FieldMap, document: Any) -> Wish:
    """Return what a call asks for. Ignored when it is not meant, Refused when it cannot be used."""
    if mapping.only_path:
        _check_meant(mapping, document)
    email, beside = address_of(_text(mapping.email, document, most=400))
    if flaw := flaw_of(email):
        raise Refused(f"{mapping.email}: {flaw} {_there_is(document, mapping.email)}".strip())
    return Wish(
        email=email,
        name=_text(mapping.name, document, most=200) or beside[:200],
        customer=_text(mapping.customer, document, most=120),
        language=_language(_text(mapping.language, document, most=40)),
        delay=_delay(mapping.delay, document),
        once=_text(mapping.once, document, most=120),
        properties=dict(_properties(mapping.properties, document)),
    )


def _check_meant(mapping: FieldMap, document: Any) -> None:
    said = _plain(value_at(document, mapping.only_path))
    if said.casefold() not in {value.casefold() for value in mapping.only_values}:
        shown = f"“{said[:60]}”" if said else _("nothing")
        raise Ignored(f"{mapping.only_path}: {shown}")


def _there_is(document: Any, path: str) -> str:
    """Say which paths there are, when the one looked at holds nothing."""
    if value_at(document, path) is not None:
        return ""
    found = list(paths_of(document))
    names = ", ".join(path[:80] for path in found[:_SHOWN_PATHS]) + (
        " …" if len(found) > _SHOWN_PATHS else ""
    )
    return _("The call holds: %(paths)s.") % {"paths": names} if found else ""


def _text(path: str, document: Any, *, most: int) -> str:
    if not path:
        return ""
    return " ".join(_plain(value_at(document, path)).split())[:most]


def _plain(value: Any) -> str:
    """Return a single value as a text; objects, lists and null are none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return ""
    return "".join(c for c in str(value) if c.isprintable() or c in "\n\t ")


def _language(text: str) -> str:
    code = text.replace("_", "-").split("-")[0].lower()
    return code if re.fullmatch("[a-z]{2}", code) else ""


def _delay(path: str, document: Any) -> int | None:
    if not path or (value := value_at(document, path)) is None:
        return None
    text = _plain(value)
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text) or float(text) > LONGEST_DELAY:
        raise Refused(
            _("%(path)s: “%(text)s” is no number of seconds up to a year.")
            % {"path": path, "text": text[:60]}
        )
    return int(float(text))


def _properties(paths: Mapping[str, str], document: Any) -> Iterator[tuple[str, Any]]:
    for name, path in list(paths.items())[:MOST_PROPERTIES]:
        value = value_at(document, path)
        if isinstance(value, str):
            value = "".join(c for c in value if c.isprintable() or c == " ")[:MOST_PROPERTY].strip()
        is_number = isinstance(value, int | float) and abs(value) <= 2**53
        if isinstance(value, bool) or is_number or (isinstance(value, str) and value):
            yield property_name(name), value
