"""Worked cases about buying, referring, trying and using, told and asked over REST."""

from __future__ import annotations

from datetime import date, timedelta

from analytics.golden.reading import Input, Output, table, the_day
from analytics.golden.rest_money import reasoned
from analytics.golden.world import Row, World, as_of, days_of, world

_MONDAY = date(2025, 3, 3)


def rpr_rows(given: Input) -> Output:
    rows = table(given)
    with world() as w:
        w.customers(row["customer"] for row in rows)
        w.tell(
            "orders",
            [
                {
                    "external_id": f"{row['checkout']}-{index}",
                    "customer": row["customer"],
                    "checkout": row["checkout"],
                    "placed_at": row["at"],
                    "status": row["status"],
                    "amount": 10,
                    "currency": "USD",
                }
                for index, row in enumerate(rows)
            ],
        )
        told = w.ask("repeat-purchase", days_of(given))
    return reasoned({"repeat_purchase_rate": told["value"], **told["parts"]}, told)


def referral_rows(given: Input) -> Output:
    """The case counts customers; they are there all the time, the new ones from mid-period."""
    rows, number = table(given), given["customers"]
    known = {row["referrer"] for row in rows if row["referrer_is_customer"]}
    names = [*sorted(known), *(f"other{n}" for n in range(number))][:number]
    new = set(names[number - given.get("new_customers", 0) :])
    paid = {"amount": 10, "currency": "USD", "status": "active"}
    with world() as w:
        if names:
            w.customers(names)
            w.tell(
                "subscriptions",
                [
                    paid | {"external_id": name, "customer": name,
                            "at": "2025-02-01" if name in new else "2024-01-01"}
                    for name in names
                ],
            )  # fmt: skip
        told_rows = [
            {
                "external_id": row["id"],
                "customer": row["referrer"] if row["referrer_is_customer"] else None,
                "referred": row["referred"],
                "is_customer_already": row["referred_is_existing_customer"],
                "at": row["at"],
                "converted_at": row["at"] if row["converted"] else None,
            }
            for row in rows
        ]
        if told_rows:
            w.tell("referrals", told_rows)
        told = w.ask("referral", "from=2025-01-01&to=2025-03-31")
    parts = told["parts"]
    output = {
        "valid": parts["valid"],
        "referrers": parts["referrers"],
        "referred_customers": parts["converts"],
        "referral_rate": told["value"],
        "referred_per_customer": parts["converts_per_customer"],
        "referred_share_of_new": parts["share_of_new"],
        "conversion": parts["conversion"],
    }
    return reasoned(output, told)


def trial_rows(given: Input) -> Output:
    rows = table(given)
    with world() as w:
        w.agree(trial_days=given.get("window_days", 30))
        for is_internal in (False, True):
            names = [_owner(row) for row in rows if row["internal"] == is_internal]
            if names:
                w.customers(names, is_internal=is_internal)
        w.tell(
            "trials",
            [
                {
                    "external_id": row["trial"],
                    "customer": _owner(row),
                    "started_at": row["start"],
                    "first_paid_at": row["first_paid"],
                    "amount": row["amount"],
                    "is_refunded": row["refunded"],
                }
                for row in rows
            ],
        )
        told = w.ask("trial-conversion", days_of(given) + as_of(given))
    parts = told["parts"]
    output = {
        "started": parts["started"],
        "mature": parts["mature"],
        "immature": told["pending"],
        "converted": told["numerator"] or 0,
        "conversion_rate": told["value"],
        "conversion_rate_with_refunds": parts["rate_with_refunds"],
        "same_period_ratio": parts["same_period_ratio"],
    }
    return reasoned(output, told)


def _owner(row: Row) -> str:
    return str(row.get("customer", row["trial"]))


def active_rows(given: Input) -> Output:
    with world(given["tz"]) as w:
        first = {"external_id": "first", "user": "watcher", "name": "look", "is_core": False}
        w.tell("usage-events", [first | {"at": "2020-01-01T00:00:00Z"}])  # somebody was watching
        rows = [
            {
                "external_id": f"e{index}",
                "user": row["user"],
                "at": row["at"],
                "name": row["name"],
                "is_core": row["name"] == "core",
                "is_internal": row["internal"],
            }
            for index, row in enumerate(table(given))
        ]
        if rows:
            w.tell("usage-events", rows)
        month = _between(given["first_day"], given["day_after_last"])
        active, sticky = w.ask("active-users", month), w.ask("stickiness", month)
        output = {
            "mau": active["value"],
            "sum_of_daily": sum(active["parts"]["by_day"].values()),
            "average_dau": active["parts"]["average_daily"],
            "stickiness": sticky["value"],
        }
        if week := given.get("week"):
            last = the_day(week[1]) - timedelta(days=1)
            name = f"wau_{the_day(week[0]).day}_to_{last.day}"
            output[name] = w.ask("active-users", _between(*week))["value"]
    return reasoned(output, sticky)


def _between(first: str, after: str) -> str:
    return f"from={first}&to={the_day(after) - timedelta(days=1)}"


def usage_rows(given: Input) -> Output:
    rows, weeks = table(given), 1
    with world() as w:
        w.customers(row["customer"] for row in rows)
        first = {"external_id": "first", "user": "watcher", "name": "look", "is_core": False}
        w.tell("usage-events", [first | {"at": "2020-01-01T00:00:00Z"}])
        for row in rows:
            weeks = max(weeks, len(row["seats_by_week"]))
            both = zip(row["seats_by_week"], row["active_by_week"], strict=True)
            for number, (seats, active) in enumerate(both):
                _tell_week(w, row["customer"], number, seats, active or 0)
        last = _MONDAY + timedelta(days=7 * weeks - 1)
        told = w.ask("usage-rate", f"from={_MONDAY}&to={last}")
    output = {"usage_rate": told["value"], **told["parts"]}
    if told["value"] is None:
        output |= dict.fromkeys(("customers_on_target", "seat_utilisation_last_week"))
    return reasoned(output, told)


def _tell_week(w: World, customer: str, number: int, seats: int, active: int) -> None:
    monday = _MONDAY + timedelta(days=7 * number)
    held = {
        "external_id": f"{customer}-{number}",
        "customer": customer,
        "first_date": str(monday),
        "last_date": str(monday + timedelta(days=6)),
        "seats": seats,
    }
    w.tell("entitlements", [held])
    events = [
        {
            "external_id": f"{customer}-{number}-{user}",
            "user": f"{customer}-{user}",
            "customer": customer,
            "at": f"{monday + timedelta(days=1)}T10:00:00Z",
            "name": "saved",
        }
        for user in range(active)
    ]
    if events:
        w.tell("usage-events", events)


def adoption_rows(given: Input) -> Output:
    rows = table(given)
    with world() as w:
        w.agree(adoption_days=given.get("window_days", 30))
        w.customers(row["user"] for row in rows)
        w.tell("users", [{"external_id": r["user"], "customer": r["user"],
                          "created_at": "2024-01-01"} for r in rows])  # fmt: skip
        entitled = [row for row in rows if row["eligible_from"]]
        if entitled:
            w.tell(
                "entitlements",
                [
                    {"external_id": row["user"], "customer": row["user"], "feature": "reports",
                     "first_date": row["eligible_from"]}
                    for row in entitled
                ],
            )  # fmt: skip
        events = [
            {
                "external_id": f"{row['user']}-{index}",
                "user": row["user"],
                "customer": row["user"],
                "at": f"{day}T10:00:00Z",
                "name": "open",
                "feature": "reports",
            }
            for row in rows
            for index, day in enumerate(row["use_days"])
        ]
        if events:
            w.tell("usage-events", events)
        told = w.ask("adoption", f"from=2024-01-01&to=2026-06-30{as_of(given)}")
    output = {
        "eligible": told["n"],
        "immature": told["pending"],
        "adopted": told["parts"]["adopted"],
        "adoption_rate": told["value"],
        "tried_rate": told["parts"]["tried_rate"],
        "median_days_to_adopt": told["parts"]["median_days_to_adopt"],
    }
    return reasoned(output, told)


FNS = {
    "rpr.rows": rpr_rows,
    "referral.rows": referral_rows,
    "trial.rows": trial_rows,
    "active.rows": active_rows,
    "usage.rows": usage_rows,
    "adoption.rows": adoption_rows,
}
