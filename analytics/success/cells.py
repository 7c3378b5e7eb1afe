"""One value of a fact, from JSON or from a table's cell: exactly what it says, or why not.

Every reader takes a text, number or flag and returns the value to store;
`BadCell` says what is wrong with it and what to send instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_time
from django.utils.translation import gettext as _

from outbox.days import day_bounds
from surveys.roster import property_name

Reader = Callable[[Any], Any]
CLOCK_SLACK = timedelta(hours=1)
"""How far a sender's clock may run ahead before its event lies in the future."""
_MOST_AMOUNT = Decimal(10) ** 13
CURRENCIES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
)


class BadCell(ValueError):
    """This value cannot be stored; the text says why and what to send."""


def shown(value: Any) -> str:
    """Return a value short and printable, for a message."""
    text = str(value)[:60]
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def line(most: int) -> Reader:
    """Read one line of text of at most `most` characters; a number is taken as written."""

    def read(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadCell(_("send a text"))
        text = unicodedata.normalize("NFC", str(value).strip())
        if len(text) > most:
            raise BadCell(_("at most %(most)s characters fit") % {"most": most})
        if not text.isprintable():
            raise BadCell(_("line breaks and control characters do not fit"))
        return text

    return read


def passage(most: int) -> Reader:
    """Read a text of several lines, of at most `most` characters; other control characters go."""

    def read(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadCell(_("send a text"))
        text = unicodedata.normalize("NFC", str(value).replace("\r\n", "\n").strip())
        if len(text) > most:
            raise BadCell(_("at most %(most)s characters fit") % {"most": most})
        return "".join(
            char
            for char in text
            if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
        )

    return read


def choice(known: Iterable[str]) -> Reader:
    words = tuple(known)

    def read(value: Any) -> str:
        text = value.strip().lower() if isinstance(value, str) else value
        if text not in words:
            names = ", ".join(word or "“”" for word in words)
            raise BadCell(
                _("%(value)s is not known; use one of %(known)s")
                % {"value": shown(value), "known": names}
            )
        return str(text)

    return read


def whole(low: int, high: int) -> Reader:
    """Read a whole number low..high, from JSON or from digits."""

    def read(value: Any) -> int:
        number = _decimal(value)
        if number != number.to_integral_value():
            raise BadCell(_("%(value)s is not a whole number") % {"value": shown(value)})
        if not low <= number <= high:
            raise BadCell(_range_words(value, low, high))
        return int(number)

    return read


def _range_words(value: Any, low: object, high: object) -> str:
    return _("%(value)s is not between %(low)s and %(high)s") % {
        "value": shown(value), "low": low, "high": high,
    }  # fmt: skip


def _decimal(value: Any) -> Decimal:
    """Return a finite number exactly as written: 0.1 is 0.1."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadCell(_("send a number"))
    try:
        number = Decimal(value.strip() if isinstance(value, str) else repr(value))
    except InvalidOperation:
        raise BadCell(
            _("%(value)s is not a number; write 1234.50") % {"value": shown(value)}
        ) from None
    if not number.is_finite():
        raise BadCell(_("%(value)s is not a number; write 1234.50") % {"value": shown(value)})
    return number


def amount(value: Any) -> Decimal:
    """Read money, zero or more, to four decimals."""
    number = decimal(0, _MOST_AMOUNT, places=4)(value)
    return Decimal(number)


def decimal(low: Decimal | int, high: Decimal | int, *, places: int) -> Reader:
    def read(value: Any) -> Decimal:
        number = _decimal(value)
        if not low <= number <= high:
            if number < low == 0:
                raise BadCell(_("%(value)s is below zero") % {"value": shown(value)})
            raise BadCell(_range_words(value, low, high))
        if -int(number.normalize().as_tuple().exponent) > places:
            raise BadCell(_("at most %(places)s decimals are kept") % {"places": places})
        return number

    return read


share = decimal(0, 1, places=6)


def seconds(value: Any) -> float:
    return float(decimal(0, 10**7, places=6)(value))


def positive_rate(value: Any) -> Decimal:
    number = Decimal(decimal(0, 10**9, places=10)(value))
    if not number:
        raise BadCell(_("a rate of 0 is no rate"))
    return number


_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


def flag(value: Any) -> bool:
    """Read true or false; yes, no, 1 and 0 from tables."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise BadCell(_("send true or false"))
    return text in _TRUE


def currency(value: Any) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    if text not in CURRENCIES:
        message = _("%(value)s is not a currency of ISO 4217 such as EUR or USD")
        raise BadCell(message % {"value": shown(value)})
    return text


def moment(value: Any) -> datetime:
    """Read an instant with its zone; a bare day is its first instant in the workspace's zone."""
    if isinstance(value, datetime):
        at: datetime | None = value
    elif isinstance(value, date):
        return day_bounds(value)[0].astimezone(UTC)
    else:
        at = _parsed_moment(value)
    if at is None:
        message = _("%(value)s is not a time like 2026-01-31T09:30:00Z")
        raise BadCell(message % {"value": shown(value)})
    if at.tzinfo is None:
        raise BadCell(_("say which zone: end the time with Z or an offset like +01:00"))
    _check_year(at.year, value)
    return at.astimezone(UTC)


def _parsed_moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if len(text) == 10:
            return day_bounds(date.fromisoformat(text))[0]
        return parse_datetime(text)
    except ValueError:
        return None


def _check_year(year: int, value: Any) -> None:
    if not 1990 <= year <= 2100:
        raise BadCell(_range_words(value, 1990, 2100))


def past_moment(value: Any) -> datetime:
    """Read the instant of something that has happened; the future is refused."""
    at = moment(value)
    if at > timezone.now() + CLOCK_SLACK:
        raise BadCell(_("%(value)s lies in the future") % {"value": shown(value)})
    return at


def day(value: Any) -> date:
    """Read a local day such as 2026-01-31."""
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        try:
            value = date.fromisoformat(str(value).strip())
        except ValueError:
            message = _("%(value)s is not a day like 2026-01-31")
            raise BadCell(message % {"value": shown(value)}) from None
    _check_year(value.year, value)
    return date(value.year, value.month, value.day)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(value: Any) -> str:
    """Read the name of a time zone such as Europe/Paris."""
    text = line(60)(value)
    if text not in _zones():
        message = _("%(value)s is not a time zone like Europe/Paris")
        raise BadCell(message % {"value": shown(value)})
    return text


def clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    try:
        found = parse_time(str(value).strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise BadCell(_("%(value)s is not a time of day like 09:30") % {"value": shown(value)})
    return found


def properties(value: Any) -> dict[str, str | int | float | bool]:
    """Read free facts such as {"plan": "Growth"}: names to texts, numbers or true/false."""
    if not isinstance(value, dict) or len(value) > 60:
        raise BadCell(_('send an object of at most 60 facts such as {"plan": "Growth"}'))
    for name, fact in value.items():
        is_plain = isinstance(fact, str | int | float | bool) and len(str(fact)) <= 1000
        if not is_plain or not name.strip() or len(name) > 80 or not name.isprintable():
            raise BadCell(
                _("%(name)s: send a text, a number, true or false") % {"name": shown(name)}
            )
    return {property_name(name): fact for name, fact in value.items()}
