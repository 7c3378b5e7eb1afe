"""Cases about recurring revenue: MRR, its movements, NRR and GRR."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from analytics.golden.reading import Input, Output, amount, rates, table, with_reason
from analytics.success.metrics.facts import CustomerMrr, Plan
from analytics.success.metrics.movements import (
    bridge,
    currency_effect,
    expansion_rate,
    movements,
)
from analytics.success.metrics.recurring import mrr, mrr_by_plan
from analytics.success.metrics.revenue_retention import (
    gross_retention,
    net_retention,
    retention_from_totals,
    revenue_churn,
)


def _plan(row: Mapping[str, Any]) -> Plan:
    return Plan(
        id=row["id"],
        customer=row["id"],
        amount=amount(row["amount"]),
        currency=row["currency"],
        interval=row["interval"],
        interval_count=row["interval_count"],
        quantity=row["quantity"],
        status=row["status"],
        tax=amount(row["tax_included"]),
        discount=amount(row["discount_pct"]) / 100,
        is_forever=row["discount_duration"] == "forever",
        is_metered=row["metered"],
    )


def mrr_rows(given: Input) -> Output:
    plans = [_plan(row) for row in table(given)]
    known, base = rates(given["fx_to_usd"]), given.get("base", "USD")
    result = mrr(plans, rates=known, base=base)
    output = {
        "mrr": result.value,
        "arr": result.parts.get("arr"),
        "paying": result.parts["paying"],
        "arpa": result.parts.get("arpa"),
        "by_subscription": mrr_by_plan(plans, rates=known, base=base),
    }
    if result.value is not None and not result.parts["paying"]:
        output["reason"] = "no_population"
    return with_reason(output, result)


def mrr_plans(given: Input) -> Output:
    """Each row of plans stands for as many single subscriptions as it has subscribers."""
    plans = [
        Plan(
            id=f"{index}-{copy}",
            customer=f"{index}-{copy}",
            amount=amount(row["amount"]),
            currency="USD",
            interval="month",
            interval_count=row["months"],
        )
        for index, row in enumerate(given["plans"])
        for copy in range(row["subscribers"])
    ]
    result = mrr(plans, rates={}, base="USD")
    arpa = result.parts["arpa"]
    by_average = None if arpa is None else arpa * result.parts["paying"]
    return {"mrr": result.value, "arpa": arpa, "mrr_by_average": by_average}


def mrr_bridge(given: Input) -> Output:
    rows = [
        CustomerMrr(
            customer=row["customer"],
            start=amount(row["start"]),
            end=amount(row["end"]),
            has_paid_before=row["was_customer_before"],
            changes=tuple(amount(change) for change in row["events"]),
        )
        for row in table(given)
    ]
    found, net, gross = bridge(rows), net_retention(rows), gross_retention(rows)
    names = ("start", "end", "net", "new", "reactivation", "expansion", "contraction", "churn")
    output: Output = {name: getattr(found, name) for name in names}
    output |= {
        "expansion_gross": found.expansion_gross,
        "contraction_gross": found.contraction_gross,
        "nrr": net.value,
        "grr": gross.value,
        "revenue_churn_rate": revenue_churn(gross.value),  # type: ignore[arg-type]
        "expansion_rate": expansion_rate(found.start, found.expansion).value,
        "nrr_with_reactivation": net.parts.get("with_reactivation"),
        "quick_ratio": found.quick_ratio,
    }
    return with_reason(output, net)


def mrr_life(given: Input) -> Output:
    prices = {name: (amount(price), months) for name, (price, months) in given["plans"].items()}
    levels = [
        sum((_monthly(prices[sub["plan"]], sub["qty"]) for sub in step["subs"]), Decimal(0))
        for step in sorted(given["steps"], key=lambda step: step["at"])
    ]
    named = [[_LONG.get(kind, kind), step] for kind, step in movements(levels)]
    return {"movements": named, "mrr_after": levels}


_LONG = {"new": "new_business"}


def _monthly(price: tuple[Decimal, int], quantity: int) -> Decimal:
    plan = Plan(
        id="", customer="", amount=price[0], currency="USD", interval="month",
        interval_count=price[1], quantity=quantity,
    )  # fmt: skip
    return mrr_by_plan([plan], rates={}, base="USD")[""] or Decimal(0)


def mrr_fx(given: Input) -> Output:
    found = currency_effect(
        amount(given["start"]),
        amount(given["end"]),
        rate_start=amount(given["rate_start"]),
        rate_end=amount(given["rate_end"]),
    )
    return {
        "start": found.start,
        "end": found.end,
        "nrr_reported": found.reported,
        "nrr_constant": found.constant,
        "fx_impact": found.impact,
    }


def nrr_totals(given: Input) -> Output:
    names = ("start", "expansion", "contraction", "churn")
    net, gross = retention_from_totals(**{name: amount(given[name]) for name in names})
    lost = None if net.value is None else 1 - float(net.value)
    output = {"nrr": net.value, "grr": gross.value, "net_revenue_churn": lost}
    return with_reason(output, net)


def expansion(given: Input) -> Output:
    start, end = amount(given["start"]), amount(given["end"])
    grown = max(Decimal(0), end - start)
    result = expansion_rate(start, grown)
    return with_reason({"expansion": grown, "expansion_rate": result.value}, result)


FNS = {
    "mrr.rows": mrr_rows,
    "mrr.plans": mrr_plans,
    "mrr.bridge": mrr_bridge,
    "mrr.life": mrr_life,
    "mrr.fx": mrr_fx,
    "nrr.totals": nrr_totals,
    "expansion.rate": expansion,
}
