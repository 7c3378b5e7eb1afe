"""Worked cases about customers and money, told and asked over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from analytics.golden.reading import Input, Output, amount, table, take
from analytics.golden.world import as_of, days_of, world, zone_of
from analytics.success.metrics.revenue_retention import revenue_churn

LONG_AGO = "2020-01-01"
_STATUS = {"paid": "active", "trial": "trialing", "free": "active", "paused": "paused"}


def reasoned(output: Output, told: dict[str, Any]) -> Output:
    return output | ({"reason": told["reason"]} if told["reason"] else {})


def churn_rows(given: Input) -> Output:
    zone = zone_of(given)
    with world(zone) as w:
        rows = table(given)
        w.customers(row["customer"] for row in rows)
        w.tell("subscriptions", _spells(rows))
        told = w.ask("customer-churn", days_of(given, zone))
        kept = w.ask("customer-retention", days_of(given, zone))
    names = ("start", "retained", "churned", "new", "end", "churn_events",
             "events_over_start_plus_new")  # fmt: skip
    output = take(told["parts"], names) | {
        "reactivated_from_before": told["parts"]["reactivated"],
        "churn_rate": told["value"],
        "retention_rate": kept["value"],
    }
    return reasoned(output, told)


def _spells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn spells into states: what follows an end at once replaces it."""
    states: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: str(row["start"])):
        name = f"{row['customer']}-{row['subscription']}"
        state = {
            "external_id": name,
            "customer": row["customer"],
            "amount": 0 if row["kind"] == "free" else 10,
            "currency": "USD",
        }
        states[name, row["start"]] = state | {"at": row["start"], "status": _STATUS[row["kind"]]}
        if row["end"]:
            states[name, row["end"]] = state | {"at": row["end"], "status": "cancelled"}
    return list(states.values())


def renewal_rows(given: Input) -> Output:
    with world() as w:
        w.agree(grace_days=given.get("grace_days", 30))
        w.customers(["acme"])
        w.tell(
            "terms",
            [
                {
                    "external_id": row["term"],
                    "customer": "acme",
                    "due_date": row["due"],
                    "amount": row["amount_due"],
                    "currency": "USD",
                    "renewed_date": row["renewed_at"],
                    "amount_renewed": row["amount_renewed"],
                    "cancelled_date": row["cancelled_at"],
                    "is_refunded": row["refunded"],
                }
                for row in table(given)
            ],
        )
        told = w.ask("renewal", days_of(given) + as_of(given))
    return reasoned({"renewal_rate": told["value"], **told["parts"]}, told)


def mrr_rows(given: Input) -> Output:
    with world() as w:
        w.agree(base_currency=given.get("base", "USD"))
        rates = [
            {"day": LONG_AGO, "currency": c, "to_currency": given.get("base", "USD"), "rate": rate}
            for c, rate in given["fx_to_usd"].items()
        ]
        if rates:
            w.tell("exchange-rates", rates)
        rows = [_subscription(row) for row in table(given)]
        if rows:
            w.customers(row["customer"] for row in rows)
            w.tell("subscriptions", rows)
        month = "period=2025-07"
        mrr, arr, arpa = (w.ask(slug, month) for slug in ("mrr", "arr", "arpa"))
    output: Output = {"mrr": mrr["value"], "arr": arr["value"], "arpa": arpa["value"]}
    if mrr["reason"]:
        return {"mrr": None, "reason": mrr["reason"]}
    output["paying"] = mrr["parts"]["paying"]
    return reasoned(output, arpa)


def _subscription(row: dict[str, Any]) -> dict[str, Any]:
    taken = ("amount", "quantity", "currency", "interval", "interval_count", "status")
    return {
        "external_id": row["id"],
        "customer": row["id"],
        "at": "2025-01-01",
        "tax": row["tax_included"],
        "discount": str(Decimal(str(row["discount_pct"] or 0)) / 100),
        "is_forever": row["discount_duration"] == "forever",
        "is_metered": row["metered"],
        **{name: row[name] for name in taken},
    }


def mrr_plans(given: Input) -> Output:
    rows = [
        {
            "external_id": f"{index}-{copy}",
            "customer": f"{index}-{copy}",
            "at": "2025-01-01",
            "status": "active",
            "amount": row["amount"],
            "currency": "USD",
            "interval_count": row["months"],
        }
        for index, row in enumerate(given["plans"])
        for copy in range(row["subscribers"])
    ]
    with world() as w:
        w.customers(row["customer"] for row in rows)
        w.tell("subscriptions", rows)
        mrr, arpa = w.ask("mrr", "period=2025-07"), w.ask("arpa", "period=2025-07")
    return {"mrr": mrr["value"], "arpa": arpa["value"]}


def mrr_bridge(given: Input) -> Output:
    march = "period=2025-03"
    with world() as w:
        rows = table(given)
        w.customers(row["customer"] for row in rows)
        w.tell("subscriptions", [state for row in rows for state in _levels(row)])
        moved, grown = w.ask("mrr-movements", march), w.ask("expansion", march)
        net, gross = w.ask("nrr", march), w.ask("grr", march)
    names = ("start", "end", "new", "reactivation", "expansion", "contraction", "churn",
             "expansion_gross", "contraction_gross", "quick_ratio")  # fmt: skip
    output = take(moved["parts"], names) | {
        "net": moved["value"],
        "expansion_rate": grown["value"],
        "nrr": net["value"],
        "grr": gross["value"],
        "revenue_churn_rate": revenue_churn(gross["value"]),
        "nrr_with_reactivation": net["parts"].get("with_reactivation"),
    }
    return reasoned(output, net)


def _levels(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the states of a customer with a level at the start of March and steps in it."""
    level = amount(row["start"])
    steps = [("2024-01-01", level)] if level else []
    if not level and row["was_customer_before"]:
        steps = [("2023-01-01", Decimal(10)), ("2023-06-01", Decimal(0))]
    for day, change in enumerate(row["events"], start=2):
        level += amount(change)
        steps.append((f"2025-03-{day:02}", level))
    return [
        {
            "external_id": row["customer"],
            "customer": row["customer"],
            "at": at,
            "status": "active" if paid else "cancelled",
            "amount": str(paid),
            "currency": "USD",
        }
        for at, paid in steps
    ]


def clv_historic(given: Input) -> Output:
    with world() as w:
        w.agree(gross_margin=given["gross_margin"])
        w.customers(["acme"])
        w.tell(
            "orders",
            [
                {
                    "external_id": f"o{index}",
                    "customer": "acme",
                    "checkout": f"o{index}",
                    "placed_at": "2025-01-05",
                    "currency": "USD",
                    **{name: row[name] for name in ("amount", "refund", "serving_cost")},
                }
                for index, row in enumerate(table(given))
            ],
        )
        told = w.ask("lifetime-historic", "period=2025-01")
    if given["gross_margin"] is None:
        return {"net_revenue": told["value"]}
    return {"net_revenue": told["parts"]["revenue"], "contribution": told["value"]}


def crc_rows(given: Input) -> Output:
    opening, kept = given["start_customers"], given["retained_customers"]
    newcomers = int(2 * given["average_customers"] - opening - kept)
    with world() as w:
        w.agree(base_currency="USD")
        paid = {"amount": 10, "currency": "USD", "status": "active"}
        rows = [paid | {"external_id": f"c{n}", "at": "2024-01-01"} for n in range(opening)]
        rows += [row | {"at": "2025-03-09", "status": "cancelled"} for row in rows[kept:]]
        rows += [paid | {"external_id": f"n{n}", "at": "2025-03-09"} for n in range(newcomers)]
        w.customers(row["external_id"] for row in rows)  # type: ignore[misc]
        w.tell("subscriptions", [row | {"customer": row["external_id"]} for row in rows])
        rates = given["fx_to_usd"].items()
        if rates:
            rate = {"day": LONG_AGO, "to_currency": "USD"}
            w.tell("exchange-rates", [rate | {"currency": c, "rate": r} for c, r in rates])
        costs = [
            row | {"external_id": f"k{n}", "first_date": "2025-03-01", "last_date": "2025-03-31"}
            for n, row in enumerate(table(given, "costs"))
        ]
        if costs:
            w.tell("costs", costs)
        told = w.ask("retention-cost", "period=2025-03")
    output = {
        "total": told["parts"]["total"],
        "crc_existing": told["value"],
        "crc_retained": told["parts"]["per_retained"],
        "crc_average": told["parts"]["per_average"],
    }
    return reasoned(output, told)


FNS = {
    "churn.rows": churn_rows,
    "renewal.rows": renewal_rows,
    "mrr.rows": mrr_rows,
    "mrr.plans": mrr_plans,
    "mrr.bridge": mrr_bridge,
    "clv.historic": clv_historic,
    "crc.rows": crc_rows,
}
