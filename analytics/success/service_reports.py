"""Metrics of usage and support as functions of the facts of a period."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from analytics.periods import Period
from analytics.statistics.result import Result, null
from analytics.success.metrics import adoption, handling, resolution, sessions, usage, waiting
from analytics.success.metrics.activity import ActiveUsers, comings, stickiness
from analytics.success.metrics.facts import FeatureUser, SeatWeek, Ticket
from analytics.success.models import Conventions, Entitlement
from analytics.success.queries import Facts, Served
from analytics.success.reading import some_at_a_time
from analytics.success.reports import provisional
from analytics.success.sums import each_period

_WEEK = timedelta(days=7)
_PEOPLE = 10  # users one entitlement may stand for
_UNCOUNTED = ("spam", "merged", "outbound", "abandoned")
ACTIVE = "distinct users with a core event, by the days of the workspace"


# ---- Usage ---------------------------------------------------------------------------


def _active(facts: Facts, period: Period) -> ActiveUsers:
    last = min(period.stop, facts.today + timedelta(days=1))
    return facts.active_between(period.start, max(period.start, last))


def monthly_active_users(facts: Facts, period: Period) -> Result:
    """Distinct users of the period, none a true 0; before tracking began there is no figure."""
    if facts.tracked_since is None:
        return null("count", "not_configured", convention=ACTIVE)
    if period.stop <= facts.tracked_since:
        return null("count", "insufficient_history", convention=ACTIVE)
    found = _active(facts, period)
    before = period.start - timedelta(days=period.days)
    newcomers = facts.newcomers
    came = comings(
        now=facts.users_between(period.start, period.stop),
        just_before=facts.users_between(before, period.start),
        either=facts.users_between(before, period.stop),
        new=sum(n for day, n in newcomers.items() if period.start <= day < period.stop),
    )
    last = min(period.stop, facts.today + timedelta(days=1))
    since = facts.tracked_since
    parts = {
        "last_7_days": facts.users_between(last - timedelta(days=7), last),
        "last_28_days": facts.users_between(last - timedelta(days=28), last),
        "part_day": since.isoformat() if period.start <= since < period.stop else None,
        "average_daily": found.average_daily,
        "new": came.new,
        "returning": came.returning,
        "resurrected": came.resurrected,
        "gone": came.gone,
        "by_day": {day.isoformat(): count for day, count in found.by_day.items()},
    }
    result = Result(found.distinct, "count", found.distinct, convention=ACTIVE, parts=parts)
    return provisional(result, facts, period)


def sticky_users(facts: Facts, period: Period) -> Result:
    return provisional(stickiness(_active(facts, period)), facts, period)


def usage_rate(facts: Facts, period: Period) -> Result:
    """Customer-weeks with at least half of the seats active, whole weeks of the period only."""
    parts = facts.parts(Entitlement)
    return usage.usage_of(
        sum((usage.seat_use(seat_weeks(part, period)) for part in parts), usage.SeatUse())
    )


def seat_weeks(facts: Facts, period: Period) -> list[SeatWeek]:
    """Return seats and active users of each customer and whole week (Monday to Sunday)."""
    return facts.once(("seat weeks", period.start, period.stop), lambda: _seat_weeks(facts, period))


def _seat_weeks(facts: Facts, period: Period) -> list[SeatWeek]:
    if not any(held.seats is not None for held in facts.entitlements):
        return []
    active = facts.users_by_week(_monday(period.start), period.stop)
    since = facts.tracked_since or date.max
    found = []
    for number, monday in enumerate(_whole_weeks(period, facts.today)):
        for customer, seats in _seats_in(facts, monday).items():
            count = active.get((customer, monday), 0) if since <= monday else None
            found.append(SeatWeek(customer, number, seats, count))
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _whole_weeks(period: Period, today: date) -> Iterator[date]:
    monday = _monday(period.start + timedelta(days=6))
    while monday + _WEEK <= min(period.stop, today):
        yield monday
        monday += _WEEK


def _seats_in(facts: Facts, monday: date) -> dict[int, int]:
    """Return customer -> seats of the whole product in a week they held them all through."""
    seats: dict[int, int] = {}
    for held in facts.entitlements:
        is_whole = held.first_date <= monday and (
            held.last_date is None or held.last_date >= monday + timedelta(days=6)
        )
        if held.seats is not None and not held.feature and is_whole:
            seats[held.customer_id] = seats.get(held.customer_id, 0) + held.seats
    return seats


def feature_users(facts: Facts, period: Period | None = None) -> dict[str, list[FeatureUser]]:
    """Return feature -> its users with access; a user's access begins when first there.

    With a period only those whose access began in it, with their uses in time.
    """
    return facts.once(("feature users", period), lambda: _feature_users(facts, period))


def _feature_users(facts: Facts, period: Period | None) -> dict[str, list[FeatureUser]]:
    people: dict[int | None, list[tuple[str, date]]] = {}
    for (user, customer), first in facts.first_days.items():
        people.setdefault(customer, []).append((user, first))
    eligible: dict[tuple[str, int | None, str], date] = {}
    for held in facts.entitlements:  # oldest first
        for user, first in people.get(held.customer_id, ()) if held.feature else ():
            since = max(held.first_date, first)
            if held.last_date is None or since <= held.last_date:
                eligible.setdefault((user, held.customer_id, held.feature), since)
    first_use, after_use = date.min, date.max
    if period is not None:
        eligible = {k: day for k, day in eligible.items() if period.start <= day < period.stop}
        first_use = period.start
        after_use = period.stop + timedelta(days=facts.conventions.adoption_days + 1)
    if not eligible:
        return {}
    days = facts.feature_days(eligible.__contains__, first=first_use, after=after_use)
    found: dict[str, list[FeatureUser]] = {}
    for key, since in eligible.items():
        user, _who, feature = key
        found.setdefault(feature, []).append(FeatureUser(user, since, tuple(days.get(key, ()))))
    return found


def product_adoption(facts: Facts, period: Period) -> Result:
    """Adopted of those given access in the period, all features; `parts` has each one."""
    if facts.tracked_since is not None and period.stop <= facts.tracked_since:
        return null("fraction", "insufficient_history", convention=_adopting(facts))
    by_feature = _adopted(facts, period)
    everyone = sum(by_feature.values(), adoption.Adopted())
    result = adoption.adoption_of(everyone, convention=_adopting(facts))
    each = {
        feature: adoption.adoption_of(found, convention=_adopting(facts))
        for feature, found in by_feature.items()
    }
    parts = result.parts | {
        "by_feature": {name: found.value for name, found in each.items()},
        "popularity": _popularity(facts, period),
    }
    return replace(result, parts=parts)


def _adopting(facts: Facts) -> str:
    return adoption.convention_of(facts.conventions.adoption_days)


def _adopted(facts: Facts, period: Period) -> dict[str, adoption.Adopted]:
    """Return feature -> what became of those given access in a period."""
    found: dict[str, adoption.Adopted] = {}
    days = facts.conventions.adoption_days
    for part in facts.parts(Entitlement, weight=_PEOPLE):
        for feature, users in feature_users(part, period).items():
            own = adoption.adopted(users, as_of=facts.today, window_days=days)
            found[feature] = found.get(feature, adoption.Adopted()) + own
    return found


def tried_so_far(facts: Facts) -> dict[str, tuple[int, int]]:
    """Return feature -> users with access so far, and those of them who used it."""

    def make() -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for part in facts.parts(Entitlement, weight=_PEOPLE):
            for feature, users in feature_users(part).items():
                may, tried = found.get(feature, (0, 0))
                tried += sum(bool(user.use_days) for user in users)
                found[feature] = (may + len(users), tried)
        return found

    return facts.once(("tried",), make)


def _popularity(facts: Facts, period: Period) -> dict[str, float | None]:
    """Return feature -> share of the period's active users who used it."""
    found = adoption.feature_popularity(
        facts.feature_users_between(period.start, period.stop),
        facts.users_between(period.start, period.stop),
    )
    return {name: float(r.value) for name, r in found.items() if r.value is not None}


def time_on_platform(facts: Facts, period: Period) -> Result:
    found = sessions.time_on_platform(own for _user, own in facts.sessions(period))
    return provisional(found, facts, period)


# ---- Support -------------------------------------------------------------------------


def first_contact_resolution(facts: Facts, period: Period) -> Result:
    found = each_period(facts, "resolved", period, _count_resolved)
    return resolution.resolution_of(found, policy=contact_policy(facts.conventions))


def _count_resolved(facts: Facts, spans: Collection[Period]) -> dict[Period, resolution.Resolved]:
    found = dict.fromkeys(spans, resolution.Resolved())
    as_of, policy = facts.as_of, contact_policy(facts.conventions)
    for served in facts.served_by_issue():
        tickets = (one.ticket for one in served)
        solved = resolution.solved_threads(tickets, as_of=as_of, policy=policy)
        for span in spans:
            inside = facts.instants(span)
            found[span] += resolution.resolved(solved, inside, as_of=as_of, policy=policy)
    return found


def contact_policy(said: Conventions) -> resolution.Policy:
    return resolution.Policy(
        window_days=said.contact_days,
        abandoned_counts=said.is_abandoned_contact,
        escalation_ok=said.is_escalation_solved,
        other_departments_count=said.is_other_department_contact,
        mail_seconds=3600 if said.is_mail_hour else None,
    )


def handle_time(facts: Facts, period: Period) -> Result:
    """Seconds of work per contact over all channels; `parts["by_channel"]` has each one whole."""
    work = handled_in(facts, period)
    result = handling.handle_time_of(work.everything)
    if result.value is None:
        return result
    each = {name: handling.handle_time_of(own) for name, own in sorted(work.by_channel.items())}
    parts = result.parts | {
        "by_channel": {name: {"value": r.value, "n": r.n} | r.parts for name, r in each.items()}
    }
    return provisional(replace(result, parts=parts), facts, period)


class Work(NamedTuple):
    """The work on contacts, in all and by channel."""

    everything: handling.Handled
    by_channel: dict[str, handling.Handled]


def handled_in(facts: Facts, period: Period) -> Work:
    """Add up the work on contacts that ended in a period."""
    return facts.once(("handled", period), lambda: _handled_in(facts, period))


def _handled_in(facts: Facts, period: Period) -> Work:
    everything, by_channel = handling.Handled(), dict[str, handling.Handled]()
    for legs in facts.legs_by_contact(period):
        everything += handling.handled(legs)
        for channel in {leg.channel for leg in legs}:
            own = handling.handled(leg for leg in legs if leg.channel == channel)
            by_channel[channel] = by_channel.get(channel, handling.Handled()) + own
    return Work(everything, by_channel)


def first_reply_time(facts: Facts, period: Period) -> Result:
    return _waits(facts, period, is_reply=True)


def resolution_time(facts: Facts, period: Period) -> Result:
    return _waits(facts, period, is_reply=False)


def _waits(facts: Facts, period: Period, *, is_reply: bool) -> Result:
    """Median wait of the tickets opened in the period, in business time where hours are known."""
    target = facts.conventions.first_reply_hours if is_reply else facts.conventions.resolution_hours
    clocks = ("calendar", "business") if facts.hours else ("calendar",)
    waited = dict.fromkeys(clocks, waiting.Waited())
    for served in some_at_a_time(facts.opened(period)):
        for clock in clocks:
            waits = (
                _wait(facts, one, is_reply=is_reply, is_business=clock == "business")
                for one in served
                if one.ticket.flag not in _UNCOUNTED
            )
            waited[clock] += waiting.waited(waits, target=target * 3600)
    found = {name: waiting.times_of(own, target=target * 3600) for name, own in waited.items()}
    headline = clocks[-1]
    result, within = found[headline].median, found[headline].within
    parts = result.parts | {
        "within_target": within.value if within else None,
        "target_hours": target,
        **{f"{name}_median": times.median.value for name, times in found.items()},
    }
    return replace(result, convention=f"median, {headline} time, tickets opened", parts=parts)


def calendar_waits(facts: Facts, period: Period, *, is_reply: bool) -> array[float]:
    """Return the seconds to the first reply or the solution of the tickets opened in a period."""

    def make() -> array[float]:
        each = ((s.replied if is_reply else s.ticket.solved, s) for s in facts.opened(period))
        return array(
            "d", ((end - s.ticket.opened).total_seconds() for end, s in each if end is not None)
        )

    return facts.once(("calendar waits", period, is_reply), make)


def _wait(facts: Facts, served: Served, *, is_reply: bool, is_business: bool) -> waiting.Wait:
    ticket: Ticket = served.ticket
    end: datetime | None = served.replied if is_reply else ticket.solved
    is_over = end is not None and end <= facts.as_of
    stop = end if end is not None and is_over else max(facts.as_of, ticket.opened)
    if is_business and facts.hours:
        found = waiting.business_time(ticket.opened, stop, facts.hours)
    else:
        found = waiting.calendar_time(ticket.opened, stop)
    return waiting.Wait(float(found.value or 0), is_over)
