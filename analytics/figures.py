"""Numbers as people read them: real minus signs, grouped by the locale, never a bare value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from analytics.statistics.guards import guard_of
from analytics.statistics.result import Number, Result, Unit

MINUS = "−"
PERCENT = "\u00a0%"
REMEMBERED = 8_192
"""Texts kept of each function and process: a page says some 600, mostly those of its last visit."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


def remembered(write: Callable[_P, _T]) -> Callable[_P, _T]:
    """Keep what was written, by language: formatting was a third of a survey page's time."""
    written = lru_cache(maxsize=REMEMBERED)(_in_language(write))

    @wraps(write)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return written(get_language(), *args, **kwargs)  # type: ignore[arg-type]

    return told


def _in_language(write: Callable[_P, _T]) -> Callable[..., _T]:
    return lambda _language, *args, **kwargs: write(*args, **kwargs)


@remembered
def number(value: Number, *, decimals: int = 0, is_signed: bool = False) -> str:
    """Return a number of the locale; with `is_signed` also a plus before a positive one."""
    rounded = round(float(value), decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    text = number_format(abs(rounded), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    if rounded < 0:
        return _isolated(MINUS + text)
    return _isolated(f"+{text}") if is_signed and rounded > 0 else text


def _isolated(text: str) -> str:
    """Keep a sign before its number where people read from right to left."""
    return f"\u2066{text}\u2069" if get_language_bidi() else text


def _decimals(unit: Unit, *, is_exact: bool) -> int:
    if unit == "mean":
        return 2 if is_exact else 1
    return int(is_exact)


@remembered
def value_text(value: Number, unit: Unit, *, is_exact: bool = False) -> str:
    """Return a score's value: +42, 87 %, 4.3; `is_exact` gives one digit more."""
    decimals = _decimals(unit, is_exact=is_exact)
    if unit == "fraction":
        return number(100 * float(value), decimals=decimals) + PERCENT
    return number(value, decimals=decimals, is_signed=unit == "points")


@remembered
def delta_text(value: Number, unit: Unit, *, is_exact: bool = False, is_signed: bool = True) -> str:
    """Return a difference in the unit's steps; shares differ by percentage points."""
    factor = 100 if unit == "fraction" else 1
    decimals = _decimals(unit, is_exact=is_exact)
    return number(factor * float(value), decimals=decimals, is_signed=is_signed)


def interval_text(result: Result, *, is_exact: bool = False) -> str:
    """Return where the true value likely lies: +35 … +49, 86 … 89 %; "" without an interval."""
    if result.interval is None:
        return ""
    return range_text(result.interval.low, result.interval.high, result.unit, is_exact=is_exact)


@remembered
def range_text(low: Number, high: Number, unit: Unit, *, is_exact: bool = False) -> str:
    start = value_text(low, unit, is_exact=is_exact)
    stop = value_text(high, unit, is_exact=is_exact)
    return _isolated(f"{start.removesuffix(PERCENT)} … {stop}")


@remembered
def share_text(fraction: Number, *, decimals: int = 0) -> str:
    return number(100 * float(fraction), decimals=decimals) + PERCENT


def count_text(count: int) -> str:
    return number(count)


@remembered
def day_text(day: date, *, has_year: bool = False) -> str:
    """Return a day as it stands on an axis: 24 Aug (the format is the translator's)."""
    # Translators: day and month on a chart axis, see Django's date format letters.
    return date_format(day, _("j M Y") if has_year else _("j M"))


@remembered
def days_text(start: date, last: date) -> str:
    """Return both ends of a stretch of days: 24 Aug to 22 Nov 2026."""
    first = day_text(start, has_year=start.year != last.year)
    return _("%(start)s to %(last)s") % {"start": first, "last": day_text(last, has_year=True)}


def score_view(result: Result) -> dict[str, Any]:
    """Return what a page shows of a score, as far as its sample allows.

    Keys: text and interval ("" when withheld), n, is_grey, words (for the
    reader: why there is none, or how to take it), exact (one digit more).
    """
    guard = guard_of(result)
    found = result.interval
    bounds = None if found is None else (found.low, found.high)
    text, exact, interval, interval_exact, n = _score_texts(
        result.value, bounds, result.unit, result.n
    )
    return {
        "text": text,
        "exact": exact,
        "interval": interval,
        "interval_exact": interval_exact,
        "n": n,
        "is_grey": guard.is_grey,
        "words": _guard_words(guard.words, result.n) if guard.words else "",
    }


@remembered
def _score_texts(
    value: Number | None, bounds: tuple[Number, Number] | None, unit: Unit, n: int
) -> tuple[str, str, str, str, str]:
    if value is None:
        return "", "", "", "", count_text(n)
    likely = ("", "")
    if bounds is not None:
        low, high = bounds
        likely = (
            range_text(low, high, unit, is_exact=False),
            range_text(low, high, unit, is_exact=True),
        )
    return value_text(value, unit), value_text(value, unit, is_exact=True), *likely, count_text(n)


def _guard_words(code: str, n: int) -> str:
    match code:
        case "no_answers":
            return _("no answers yet")
        case "too_few":
            return _("too few to say (n %(n)s)") % {"n": count_text(n)}
        case "indicative":
            return _("indicative")
        case "early_reading":
            return _("early reading")
    return ""
