"""Rows behind what customers and their people do: buy, refer, come, are helped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.success import words
from analytics.success.friction_reports import spots
from analytics.success.friction_words import (
    before_words,
    kind_words,
    place_words,
    share_words,
    tone_of,
)
from analytics.success.metrics.facts import Leg, Referral
from analytics.success.metrics.referrals import valid_referrals
from analytics.success.order_sums import each_buyer, each_spender
from analytics.success.queries import Facts
from analytics.success.tables import (
    MOST,
    Cell,
    Table,
    customer_cell,
    first_rows,
    number_cell,
    table_of,
)


def _buyers(facts: Facts, period: Period) -> Table:
    """Who bought in the period, most checkouts first."""
    rows, count = facts.once(
        ("buyers", period), lambda: first_rows(each_buyer(facts, period), key=itemgetter(0, 1, 2))
    )
    return table_of(
        _("Who bought"),
        (_("Customer"), _("Checkouts in this time"), _("So far"), _("Last")),
        [
            (
                customer_cell(who),
                number_cell(figures.count_text(inside)),
                number_cell(figures.count_text(ever)),
                number_cell(figures.day_text(last, has_year=True)),
            )
            for inside, ever, last, who in rows
        ],
        count,
    )


def _spenders(facts: Facts, period: Period) -> Table:
    """Every buyer so far by what they brought, refunds taken off."""
    rows, total = facts.once(
        ("spenders", period), lambda: first_rows(each_spender(facts, period), key=itemgetter(2))
    )
    return table_of(
        _("Who brought most so far"),
        (_("Customer"), _("Orders"), _("Refunded"), _("Less refunds")),
        [
            (
                customer_cell(who),
                number_cell(figures.count_text(count)),
                number_cell(words.money(refunded, facts.base) if refunded else "–"),
                number_cell(words.money(net, facts.base)),
            )
            for who, count, net, refunded in rows
        ],
        total,
    )


def _referrals(facts: Facts, period: Period) -> Table:
    """Every referral of the period, and why one does not count."""
    newest, count = facts.once(
        ("referrals", period),
        lambda: first_rows(_each_referral(facts, period), key=lambda pair: pair[0].day),
    )
    return table_of(
        _("Referrals of this time"),
        (_("Customer"), _("On"), _("Counts"), _("Became a customer")),
        [
            (
                customer_cell(referral.referrer),
                Cell(figures.day_text(referral.day, has_year=True)),
                Cell(_why_not(referral, is_valid=is_valid)),
                Cell(_("yes") if referral.is_converted else _("not yet")),
            )
            for referral, is_valid in newest
        ],
        count,
    )


def _each_referral(facts: Facts, period: Period) -> Iterator[tuple[Referral, bool]]:
    """Yield the referrals of a period, each with whether it counts."""
    for referrals in facts.referrals_by_person():
        valid = {referral.id for referral in valid_referrals(referrals)}
        for referral in referrals:
            if period.start <= referral.day < period.stop:
                yield referral, referral.id in valid


def _why_not(referral: Referral, *, is_valid: bool) -> str:
    if is_valid:
        return _("yes")
    if not referral.is_by_customer:
        return _("no: not by a customer")
    if referral.referrer == referral.referred:
        return _("no: of itself")
    return _("no: a customer already") if referral.is_customer_already else _("no: named before")


def _comers(facts: Facts, period: Period) -> Table:
    """Customers by how many of their people came, and on how many days each."""
    rows, total = facts.once(
        ("comers", period),
        lambda: first_rows(facts.comers(period.start, period.stop), key=itemgetter(1, 2)),
    )
    return table_of(
        _("Whose people came"),
        (_("Customer"), _("Active users"), _("Days each, on average")),
        [
            (
                customer_cell(who),
                number_cell(figures.count_text(people)),
                number_cell(figures.number(days / people, decimals=1)),
            )
            for who, people, days in rows
        ],
        total,
    )


def _stayers(facts: Facts, period: Period) -> Table:
    """Users by the time they spent."""
    rows, total_users = facts.once(
        ("stayers", period), lambda: first_rows(_each_stayer(facts, period))
    )
    return table_of(
        _("Who spent most time"),
        (_("User"), _("Sessions"), _("Together"), _("Each")),
        [
            (
                Cell(user),
                number_cell(figures.count_text(count)),
                number_cell(words.duration(total)),
                number_cell(words.duration(total / count)),
            )
            for total, count, user in rows
        ],
        total_users,
    )


def _each_stayer(facts: Facts, period: Period) -> Iterator[tuple[float, int, str]]:
    """Yield (seconds, sessions, user) of everybody who came."""
    for user, listed in facts.sessions(period):
        yield sum(session.seconds for session in listed), len(listed), str(user)


def _struggles(facts: Facts, period: Period) -> Table:
    """What people struggled with, and whether it became more."""
    found = spots(facts, period)
    return table_of(
        _("What people struggled with"),
        (_("Where"), _("What"), _("Kind"), _("Times"), _("Active users"), _("Share"), _("Before")),
        [
            (
                Cell(place_words(spot.place)),
                Cell(spot.name),
                Cell(kind_words(spot.kind)),
                number_cell(figures.count_text(spot.times)),
                number_cell(words.base(spot.result)),
                number_cell(share_words(spot.result)),
                number_cell(before_words(spot), tone_of(spot)),
            )
            for spot in found[:MOST]
        ],
        len(found),
    )


def _handled(facts: Facts, period: Period) -> Table:
    """Parts of contacts by the work they took; what nobody handled is no part of the figure."""
    longest, count = facts.once(
        ("longest legs", period), lambda: first_rows(_each_handled(facts, period), key=_work)
    )
    return table_of(
        _("Contacts that took longest"),
        (_("Contact"), _("Channel"), _("Talk"), _("Hold"), _("Wrap-up"), _("Together")),
        [
            (
                Cell(str(leg.contact)),
                Cell(leg.channel),
                *(number_cell(words.duration(part)) for part in (leg.talk, leg.hold, leg.wrap)),
                number_cell(words.duration(_work(leg))),
            )
            for leg in longest
        ],
        count,
    )


def _each_handled(facts: Facts, period: Period) -> Iterator[Leg]:
    return (leg for leg in facts.legs(period) if not leg.is_abandoned and not leg.is_bot)


def _work(leg: Leg) -> float:
    return leg.talk + leg.hold + leg.wrap


TABLES: dict[str, Callable[[Facts, Period], Table]] = {
    "repeat-purchase": _buyers,
    "lifetime-historic": _spenders,
    "lifetime-simple": _spenders,
    "referral": _referrals,
    "active-users": _comers,
    "stickiness": _comers,
    "time-on-platform": _stayers,
    "friction": _struggles,
    "handle-time": _handled,
}
