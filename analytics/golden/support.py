"""Cases about support: first contact resolution, handle time, business hours."""

from __future__ import annotations

from datetime import date, time

from analytics.golden.reading import Input, Output, instant, table, the_instant, with_reason
from analytics.success.metrics.facts import Leg, Ticket
from analytics.success.metrics.handling import handle_time, handle_time_from_totals
from analytics.success.metrics.periods import Period
from analytics.success.metrics.resolution import Policy, first_contact_resolution
from analytics.success.metrics.waiting import BusinessHours, business_time, calendar_time


def fcr_rows(given: Input) -> Output:
    tickets = [
        Ticket(
            id=row["id"],
            customer=row["customer"],
            issue=row["issue"],
            opened=the_instant(row["opened"]),
            solved=instant(row["solved"]),
            inbound_contacts=row["inbound_contacts"],
            reopened=row["reopened"],
            is_escalated=row["escalated"],
            flag=row["flag"] or "",
        )
        for row in table(given)
    ]
    result = first_contact_resolution(
        tickets,
        Period(the_instant(given["start"]), the_instant(given["end"])),
        as_of=the_instant(given["as_of"]),
        policy=Policy(
            window_days=given.get("window_days", 7),
            abandoned_counts=given.get("abandoned_counts", False),
            escalation_ok=given.get("escalation_ok", False),
        ),
    )
    output = {
        "eligible": result.n,
        "immature": result.pending,
        "resolved_first": result.numerator or 0,
        "fcr": result.value,
    }
    return with_reason(output, result)


def aht_rows(given: Input) -> Output:
    legs = [
        Leg(
            contact=row["contact"],
            channel=row["channel"],
            talk=row["talk"],
            hold=row["hold"],
            wrap=row["wrap"],
            is_abandoned=row["abandoned"],
            concurrency=row["concurrency"],
        )
        for row in table(given)
    ]
    channel = given.get("channel")
    result = handle_time(leg for leg in legs if channel is None or leg.channel == channel)
    output = {
        "aht_seconds": result.value,
        "aht_per_leg": result.parts.get("per_leg"),
        "aht_concurrency_adjusted": result.parts.get("concurrency_adjusted"),
    }
    return with_reason(output, result)


def aht_totals(given: Input) -> Output:
    work = given["talk"] + given["hold"] + given["wrap"]
    result = handle_time_from_totals(work, given["handled"])
    return with_reason({"aht_seconds": result.value}, result)


def hours_elapsed(given: Input) -> Output:
    week = given["week"]
    opening = (_clock(week["open"]), _clock(week["close"]))
    hours = BusinessHours(
        zone=given["tz"],
        week={weekday: [opening] for weekday in week["days"]},
        holidays=frozenset(date.fromisoformat(off) for off in given.get("holidays", ())),
    )
    opened, closed = the_instant(given["opened"]), instant(given["closed"])
    business = business_time(opened, closed, hours)
    output = {
        "business_seconds": business.value,
        "calendar_seconds": calendar_time(opened, closed).value,
    }
    return with_reason(output, business)


def _clock(text: str) -> time:
    return time.min if text == "24:00" else time.fromisoformat(text)


FNS = {
    "fcr.rows": fcr_rows,
    "aht.rows": aht_rows,
    "aht.totals": aht_totals,
    "hours.elapsed": hours_elapsed,
}
