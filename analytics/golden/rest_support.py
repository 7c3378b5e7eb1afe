"""Worked cases about getting help and time spent, told and asked over REST."""

from __future__ import annotations

from datetime import date
from typing import Any

from analytics.golden.reading import Input, Output, instant, table, the_instant
from analytics.golden.rest_money import reasoned
from analytics.golden.world import as_of, days_of, world


def fcr_rows(given: Input) -> Output:
    with world() as w:
        w.agree(
            contact_days=given.get("window_days", 7),
            is_abandoned_contact=given.get("abandoned_counts", False),
            is_escalation_solved=given.get("escalation_ok", False),
        )
        rows = table(given)
        w.customers(row["customer"] for row in rows)
        w.tell(
            "tickets",
            [
                {
                    "external_id": row["id"],
                    "customer": row["customer"],
                    "issue": row["issue"],
                    "opened_at": row["opened"],
                    "solved_at": row["solved"],
                    "inbound_contacts": row["inbound_contacts"],
                    "reopened": row["reopened"],
                    "is_escalated": row["escalated"],
                    "flag": row["flag"] or "",
                }
                for row in rows
            ],
        )
        told = w.ask("first-contact-resolution", days_of(given) + as_of(given))
    output = {
        "eligible": told["n"],
        "immature": told["pending"],
        "resolved_first": told["numerator"] or 0,
        "fcr": told["value"],
    }
    return reasoned(output, told)


def aht_rows(given: Input) -> Output:
    with world() as w:
        rows = [
            {
                "external_id": f"l{index}",
                "contact": row["contact"],
                "channel": row["channel"],
                "ended_at": "2025-05-05T10:00:00Z",
                "talk_seconds": row["talk"],
                "hold_seconds": row["hold"],
                "wrap_seconds": row["wrap"],
                "is_abandoned": row["abandoned"],
                "concurrency": row["concurrency"],
            }
            for index, row in enumerate(table(given))
        ]
        if rows:
            w.tell("contact-legs", rows)
        told = w.ask("handle-time", "period=2025-05")
    channel = given.get("channel")
    parts: dict[str, Any] = told["parts"]
    if channel is not None and told["value"] is not None:
        parts = parts["by_channel"].get(channel, {})
    output = {
        "aht_seconds": told["value"] if channel is None else parts.get("value"),
        "aht_per_leg": parts.get("per_leg"),
        "aht_concurrency_adjusted": parts.get("concurrency_adjusted"),
    }
    return reasoned(output, told)


def hours_elapsed(given: Input) -> Output:
    week = given["week"]
    closes = "00:00" if week["close"] == "24:00" else week["close"]
    opened, closed = the_instant(given["opened"]), instant(given["closed"])
    with world(given["tz"]) as w:
        hours = [{"weekday": d, "opens": week["open"], "closes": closes} for d in week["days"]]
        w.tell("opening-hours", hours)
        if holidays := given.get("holidays"):
            w.tell("holidays", [{"day": day} for day in holidays])
        ticket = {"external_id": "t", "opened_at": opened.isoformat()}
        w.tell("tickets", [ticket | ({"solved_at": closed.isoformat()} if closed else {})])
        told = w.ask("resolution-time", f"from={opened:%Y-%m-%d}&to={opened:%Y-%m-%d}")
    output = {
        "business_seconds": told["value"],
        "calendar_seconds": told["parts"]["calendar_median"],
    }
    return reasoned(output, told)


def time_sessions(given: Input) -> Output:
    if given.get("timeout_seconds", 1800) != 1800:
        raise ValueError("the pause that opens a session is always half an hour")
    events = given["events"]
    with world() as w:
        rows = [
            {"external_id": f"e{index}", "user": "u", "name": "open", "at": at}
            for index, at in enumerate(events)
        ]
        if rows:
            w.tell("usage-events", rows)
        days = sorted(the_instant(at).date() for at in events) or [date(2025, 5, 1)]
        told = w.ask("time-on-platform", f"from={days[0]}&to={days[-1]}")
    output = {
        "sessions": told["parts"]["sessions"],
        "average_seconds": told["value"],
        "median_seconds": told["parts"].get("median"),
        "average_without_zero": told["parts"].get("average_without_zero"),
    }
    return reasoned(output, told)


FNS = {
    "fcr.rows": fcr_rows,
    "aht.rows": aht_rows,
    "hours.elapsed": hours_elapsed,
    "time.sessions": time_sessions,
}
