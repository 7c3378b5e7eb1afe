"""Loading a file of worked cases, running them, comparing what came out.

Numbers may differ by the case's tolerance plus half the last printed digit;
nulls and strings must be equal. A key the product does not offer may be
missing, but a null never becomes a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from analytics.golden.adapters import OFFERED, Adapter

_HALF_DIGIT = 5e-7


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case with its fixture already put in place as `rows`."""

    id: str
    fn: str
    title: str
    given: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one case: `differences` fail it, `left_out` keys do not."""

    case: Case
    is_offered: bool
    differences: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        return self.is_offered and not self.differences


@dataclass(frozen=True, slots=True)
class Report:
    """All outcomes, in the order of the file."""

    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.is_passed]

    @property
    def failed(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.is_offered and o.differences]

    @property
    def not_offered(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.is_offered]


def load(path: Path) -> list[Case]:
    """Read a file of cases; ValueError says which case is malformed."""
    document = json.loads(path.read_text(encoding="utf-8"))
    fixtures = document.get("fixtures", {})
    return [_case(raw, fixtures) for raw in document["cases"]]


def _case(raw: Mapping[str, Any], fixtures: Mapping[str, Any]) -> Case:
    given = dict(raw["input"])
    name = given.pop("fixture", None)
    if name is not None and name not in fixtures:
        raise ValueError(f"case {raw['id']}: no fixture is called {name!r}")
    return Case(
        id=raw["id"],
        fn=raw["fn"],
        title=raw.get("title", ""),
        given={**(fixtures[name] if name is not None else {}), **given},
        expected=raw["expected"],
        tolerance=float(raw.get("tolerance", 0.0)),
    )


def verify(cases: list[Case], offered: Mapping[str, Adapter] = OFFERED) -> Report:
    """Run every case through the product's own functions, or through others `offered`."""
    return Report(tuple(_run(case, offered.get(case.fn)) for case in cases))


def _run(case: Case, adapter: Adapter | None) -> Outcome:
    if adapter is None:
        return Outcome(case, is_offered=False)
    try:
        got = adapter(case.given)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Outcome(case, True, (f"raised {type(error).__name__}: {error}",))
    differences: list[str] = []
    left_out: list[str] = []
    _compare(case.expected, got, "", case.tolerance + _HALF_DIGIT, differences, left_out)
    return Outcome(case, True, tuple(differences), tuple(left_out))


def _compare(
    expected: Any,
    got: Any,
    path: str,
    tolerance: float,
    differences: list[str],
    left_out: list[str],
) -> None:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key, value in expected.items():
            where = f"{path}.{key}" if path else str(key)
            if key in got:
                _compare(value, got[key], where, tolerance, differences, left_out)
            elif key == "reason":
                # not an output one may leave out: every null carries its reason
                differences.append(f"{where}: expected {value!r}, got no reason")
            else:
                left_out.append(where)
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (value, other) in enumerate(zip(expected, got, strict=True)):
            _compare(value, other, f"{path}.{index}", tolerance, differences, left_out)
    elif not _is_equal(expected, got, tolerance):
        differences.append(f"{path}: expected {expected!r}, got {_plain(got)!r}")


def _is_equal(expected: Any, got: Any, tolerance: float) -> bool:
    if _is_number(expected) and _is_number(got):
        return abs(float(expected) - float(got)) <= tolerance
    return type(expected) is type(got) and bool(expected == got)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
