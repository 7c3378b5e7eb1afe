"""The one shape in which every number leaves the product.

A number is never alone: it carries its interval, its n and its convention,
or the reason why there is none. Null is not zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

Status = Literal["ok", "null", "provisional", "low_n", "suppressed"]
Reason = Literal[
    "",
    "no_responses",
    "no_population",
    "immature_cohort",
    "insufficient_history",
    "insufficient_data",
    "currency_rate_missing",
    "not_configured",
    "not_by_segment",
    "zero_churn",
    "missing_features",
    "not_happened_yet",
    "not_computed_yet",
    "too_few_to_show",
    "too_many_to_combine",
]
Unit = Literal["points", "fraction", "mean", "count", "seconds", "money", "score", "days"]

Number = float | Decimal
"""Money is Decimal until it leaves the product; everything else is float."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value likely lies.

    `low` and `high` are in the unit of the value they belong to; `level` is
    a probability (0.95); `method` names the formula ("tango score", "wilson").
    """

    low: Number
    high: Number
    level: float
    method: str

    @property
    def half_width(self) -> float:
        return (float(self.high) - float(self.low)) / 2


@dataclass(frozen=True, slots=True)
class Result:
    """One metric's value with everything needed to trust it.

    `value` is None exactly when `status` is "null" or "suppressed", and then
    `reason` says why. Rates are fractions 0..1, NPS is points -100..100,
    durations are seconds, money is Decimal in `currency`. `parts` holds the
    metric's further outputs by name, `pending` the units not yet mature.
    """

    value: Number | None
    unit: Unit
    n: int
    numerator: Number | None = None
    denominator: Number | None = None
    interval: Interval | None = None
    status: Status = "ok"
    reason: Reason = ""
    convention: str = ""
    currency: str = ""
    period: str = ""
    zone: str = ""
    segment: str = ""
    pending: int = 0
    computed_at: str = ""
    definition_version: int = 1
    parts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        absent = self.status in ("null", "suppressed")
        if absent != (self.value is None):
            raise ValueError(f"value {self.value!r} contradicts status {self.status!r}")
        if absent and not self.reason:
            raise ValueError("a null carries its reason")

    def for_period(self, period: str, *, zone: str) -> Result:
        return replace(self, period=period, zone=zone)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON shape, the same for pages, API and exports."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    """Turn Decimals into floats: exact to the cent up to ten thousand billion."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def null(
    unit: Unit,
    reason: Reason,
    *,
    n: int = 0,
    convention: str = "",
    parts: dict[str, Any] | None = None,
) -> Result:
    """Return the absence of a number, with its reason; `parts` keeps what is known."""
    return Result(
        value=None,
        unit=unit,
        n=n,
        status="null",
        reason=reason,
        convention=convention,
        parts=parts or {},
    )
