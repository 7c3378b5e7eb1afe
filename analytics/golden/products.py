"""Cases about using the product: active users, seats, adoption, time."""

from __future__ import annotations

from datetime import timedelta

from analytics.golden.reading import Input, Output, day, table, the_day, the_instant, with_reason
from analytics.success.metrics.activity import active_users, stickiness, user_days
from analytics.success.metrics.adoption import adoption_rate
from analytics.success.metrics.facts import FeatureUser, SeatWeek, UsageEvent
from analytics.success.metrics.sessions import average_seconds, sessions, time_on_platform
from analytics.success.metrics.usage import usage_rate


def active_rows(given: Input) -> Output:
    events = [
        UsageEvent(row["user"], the_instant(row["at"]), row["name"] == "core", row["internal"])
        for row in table(given)
    ]
    pairs = user_days(events, zone=given["tz"])
    month = active_users(
        pairs, first=the_day(given["first_day"]), after=the_day(given["day_after_last"])
    )
    sticky = stickiness(month)
    output = {
        "mau": month.distinct,
        "sum_of_daily": month.sum_of_daily,
        "average_dau": month.average_daily,
        "stickiness": sticky.value,
    }
    if week := given.get("week"):
        first, after = map(the_day, week)
        name = f"wau_{first.day}_to_{(after - timedelta(days=1)).day}"
        output[name] = active_users(pairs, first=first, after=after).distinct
    return with_reason(output, sticky)


def usage_rows(given: Input) -> Output:
    weeks = [
        SeatWeek(row["customer"], week, seats, active)
        for row in table(given)
        for week, (seats, active) in enumerate(
            zip(row["seats_by_week"], row["active_by_week"], strict=True)
        )
    ]
    result = usage_rate(weeks, seat_threshold=given["seat_threshold"], target=given["target"])
    output = {"usage_rate": result.value, **result.parts}
    if result.value is None:
        output |= dict.fromkeys(("customers_on_target", "seat_utilisation_last_week"))
    return with_reason(output, result)


def adoption_rows(given: Input) -> Output:
    users = [
        FeatureUser(
            row["user"], day(row["eligible_from"]), tuple(the_day(used) for used in row["use_days"])
        )
        for row in table(given)
    ]
    result = adoption_rate(
        users,
        as_of=the_day(given["as_of"]),
        window_days=given.get("window_days", 30),
        min_uses=given.get("min_uses", 3),
        min_days=given.get("min_days", 2),
    )
    output = {
        "eligible": result.n,
        "immature": result.pending,
        "adopted": result.parts["adopted"],
        "adoption_rate": result.value,
        "tried_rate": result.parts["tried_rate"],
        "median_days_to_adopt": result.parts["median_days_to_adopt"],
    }
    return with_reason(output, result)


def time_sessions(given: Input) -> Output:
    events = [the_instant(at) for at in given["events"]]
    found = sessions(events, timeout_seconds=given.get("timeout_seconds", 1800))
    result = time_on_platform([found])
    output = {
        "sessions": len(found),
        "durations": [session.seconds for session in found],
        "average_seconds": result.value,
        "median_seconds": result.parts.get("median"),
        "average_without_zero": result.parts.get("average_without_zero"),
    }
    return with_reason(output, result)


def time_average(given: Input) -> Output:
    result = average_seconds([(count, seconds) for count, seconds in given["groups"]])
    return with_reason({"average_seconds": result.value}, result)


FNS = {
    "active.rows": active_rows,
    "usage.rows": usage_rows,
    "adoption.rows": adoption_rows,
    "time.sessions": time_sessions,
    "time.average": time_average,
}
