"""When a number may be shown, and how boldly: the one rule for every page.

Thresholds are the product's own judgement (docs/metrics.md), not a standard.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from analytics.statistics.result import Result, Status, Unit

Audience = Literal["overall", "segment", "agent"]
Words = Literal["", "no_answers", "too_few", "indicative", "early_reading"]

PRIVATE_BELOW = 5
INDICATIVE_BELOW = 10
EARLY_BELOW = 30
DRIVERS_FROM = 100
AGENT_FROM = 20
"""A person's own figure needs more answers than a segment's: it may cost them."""

WIDE: dict[Unit, float] = {"points": 20.0, "fraction": 0.15}
"""Half-widths (points, fraction) above which a value is grey whatever its n."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a page may show of one figure.

    `words` is a code for the caller's sentence: "no_answers", "too_few",
    "indicative", "early_reading" or "".
    """

    status: Status
    show_value: bool
    show_interval: bool
    show_arrow: bool
    show_drivers: bool
    is_grey: bool
    words: Words


def guard(
    n: int,
    *,
    half_width: float | None = None,
    unit: Unit = "points",
    audience: Audience = "overall",
) -> Guard:
    """Return what n answers allow; `half_width` is that of the interval, in `unit`."""
    status, words = _status_and_words(n, audience)
    is_shown = status not in ("null", "suppressed")
    return Guard(
        status=status,
        show_value=is_shown,
        show_interval=is_shown,
        show_arrow=n >= EARLY_BELOW,
        show_drivers=n >= DRIVERS_FROM,
        is_grey=is_shown and (n < INDICATIVE_BELOW or _is_wide(half_width, unit)),
        words=words,
    )


def _status_and_words(n: int, audience: Audience) -> tuple[Status, Words]:
    if n <= 0:
        return "null", "no_answers"
    if n < (AGENT_FROM if audience == "agent" else PRIVATE_BELOW):
        return "suppressed", "too_few"
    if n < INDICATIVE_BELOW:
        return "low_n", "indicative"
    return "ok", "early_reading" if n < EARLY_BELOW else ""


def _is_wide(half_width: float | None, unit: Unit) -> bool:
    return half_width is not None and half_width > WIDE.get(unit, float("inf"))


def guard_of(result: Result, *, audience: Audience = "overall") -> Guard:
    """Return the guard of a survey figure from its own n and interval."""
    half_width = result.interval.half_width if result.interval else None
    return guard(result.n, half_width=half_width, unit=result.unit, audience=audience)


def guarded(result: Result, *, audience: Audience = "overall") -> Result:
    """Return the figure as it may leave the product.

    Under five answers (twenty for an agent) the value and interval are
    suppressed and only counts remain; five to nine are marked "low_n".
    """
    status = guard_of(result, audience=audience).status
    if result.value is None or status == "ok":
        return result
    if status == "low_n":
        return replace(result, status="low_n")
    parts = {key: part for key, part in result.parts.items() if isinstance(part, int)}
    return replace(
        result,
        value=None,
        numerator=None,
        interval=None,
        status="suppressed",
        reason="too_few_to_show",
        parts=parts,
    )


def may_show_arrow(n_before: int, n_after: int) -> bool:
    """Say whether both sides of a comparison are large enough for an arrow."""
    return min(n_before, n_after) >= EARLY_BELOW
