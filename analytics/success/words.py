"""Results as people read them: money with its sign, durations, and why there is no number."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.statistics.result import Number, Result, Unit
from analytics.success.spans import name_of

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "": ""}
_HOUR = 3600


def money(amount: Number, currency: str, *, is_signed: bool = False) -> str:
    """Return an amount without cents from a hundred on: €8,690, −€12.50, SEK 900."""
    size = -amount if amount < 0 else amount
    decimals = 0 if size >= 100 or amount == round(amount) else 2
    text = figures.number(size, decimals=decimals)
    sign = figures.MINUS if amount < 0 else "+" if is_signed and amount > 0 else ""
    return f"{sign}{_SIGNS.get(currency, f'{currency} ')}{text}"


def duration(seconds: Number) -> str:
    """Return 6:57 below an hour, 8 h 30 min below two days, else days."""
    whole = round(float(seconds))
    if whole < _HOUR:
        return f"{whole // 60}:{whole % 60:02}"
    if whole < 48 * _HOUR:
        return _("%(hours)s h %(minutes)s min") % {
            "hours": whole // _HOUR,
            "minutes": whole % _HOUR // 60,
        }
    return _("%(days)s days") % {"days": figures.number(whole / 86400, decimals=1)}


def value(amount: Number, unit: Unit, currency: str = "", *, is_signed: bool = False) -> str:
    """Return a value in the words of its unit."""
    if unit == "money":
        return money(amount, currency, is_signed=is_signed)
    if unit == "seconds":
        return duration(amount)
    if unit == "fraction":
        return figures.share_text(amount, decimals=1)
    return figures.number(
        amount, decimals=int(unit == "mean"), is_signed=is_signed or unit == "points"
    )


def interval(result: Result) -> str:
    """Return both ends of the likely range; "" without an interval."""
    if result.interval is None:
        return ""
    low, high = result.interval.low, result.interval.high
    ends = [value(end, result.unit, result.currency) for end in (low, high)]
    return f"{ends[0].removesuffix(figures.PERCENT)} … {ends[1]}"


def base(result: Result) -> str:
    """Return what was divided by what: 12 of 240; "" where nothing was."""
    above, below = result.numerator, result.denominator
    if above is None or below is None:
        return ""
    if result.unit == "fraction" and float(above).is_integer() and float(below).is_integer():
        counts = {"k": figures.number(above), "n": figures.number(below)}
        return _("%(k)s of %(n)s") % counts
    return f"{_amount(above, result)} ÷ {_amount(below, result)}"


def _amount(part: Number, result: Result) -> str:
    is_whole = float(part).is_integer() or abs(float(part)) >= 1000
    return figures.number(part, decimals=0 if is_whole else 2)


def reason(result: Result) -> str:
    """Say why there is no number and what would change that."""
    missing = ", ".join(result.parts.get("missing_rates", ()))
    said = {
        "no_responses": _("Nobody has answered in this time."),
        "too_few_to_show": _("Fewer than five answers: too few to show."),
        "too_many_to_combine": _("This segment holds too many answers to count on the spot."),
        "no_population": _("Nobody to count in this time."),
        "immature_cohort": _("Too early: nobody’s time is over yet."),
        "insufficient_history": _("Not enough history before this time."),
        "insufficient_data": _("Too little is known."),
        "not_configured": _("No facts of this kind have been sent yet."),
        "not_by_segment": _("Costs are told for the whole company, not for a segment."),
        "zero_churn": _("Nobody left, so there is no end to estimate."),
        "not_happened_yet": _("It has not happened yet."),
        "not_computed_yet": _("Not computed yet."),
        "currency_rate_missing": _("An exchange rate is missing: %(codes)s.") % {"codes": missing},
    }
    return said.get(result.reason, result.reason)


def length(period: Period) -> str:
    """Return the name of a time that ends today."""
    return {
        "7d": _("The last 7 days"),
        "30d": _("The last 30 days"),
        "13w": _("The last 13 weeks"),
        "12m": _("The last 12 months"),
    }[period.name]


def span(period: Period) -> str:
    """Return October 2026 for a calendar month, else both ends."""
    if name_of(period):
        # Translators: month and year of a metric, see Django's date format letters.
        return date_format(period.start, _("F Y"))
    return figures.days_text(period.start, period.last)
