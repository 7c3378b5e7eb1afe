"""Cases about worth and cost: lifetime value, retention cost."""

from __future__ import annotations

from datetime import date

from analytics.golden.reading import Input, Output, amount, rates, table, with_reason
from analytics.success.metrics.costs import cost_per_customer, retention_cost
from analytics.success.metrics.facts import Cost, Order
from analytics.success.metrics.lifetime import (
    discounted_value,
    finite_value,
    historic_value,
    simple_value,
    spending_averages,
    subscription_value,
)


def clv_customers(given: Input) -> Output:
    found = spending_averages(list(zip(given["spend"], given["visits"], strict=True)))
    if found is None:
        names = ("mean_spend", "mean_visits", "mean_of_products", "product_of_means", "lifetime")
        return {**dict.fromkeys(names), "reason": "no_population"}
    lifetime = simple_value(found.mean_of_products, given["weeks"], given["years"])
    return {
        "mean_spend": found.mean_spend,
        "mean_visits": found.mean_visits,
        "mean_of_products": found.mean_of_products,
        "product_of_means": found.product_of_means,
        "lifetime": lifetime.revenue,
    }


def clv_simple(given: Input) -> Output:
    found = simple_value(
        given["value"], given["frequency"], given["lifespan"], margin=given.get("margin")
    )
    return {"revenue": found.revenue, "margin": found.profit}


def clv_subscription(given: Input) -> Output:
    result = subscription_value(
        given["arpa"],
        given["churn"],
        margin=given.get("gross_margin"),
        cap_months=given.get("cap_months", 60),
    )
    output = {
        "ltv": result.value,
        "ltv_capped": result.parts.get("capped"),
        "lifetime_months": result.parts.get("lifetime_months"),
    }
    return with_reason(output, result)


def clv_retention(given: Input) -> Output:
    found = discounted_value(
        given["margin"], retention=given["retention"], discount=given["discount"]
    )
    output: Output = {"clv_end_of_period": found.later, "clv_with_first_period": found.now}
    return output | ({"reason": "zero_churn"} if found.now is None else {})


def clv_discounted(given: Input) -> Output:
    value = finite_value(
        given["margin"],
        retention=given["retention"],
        discount=given["discount"],
        periods=given["periods"],
    )
    return {"clv": value}


def clv_historic(given: Input) -> Output:
    orders = [
        Order(
            customer="",
            checkout=index,
            day=date.min,
            amount=amount(row["amount"]),
            refund=amount(row["refund"]),
            serving_cost=amount(row["serving_cost"]),
        )
        for index, row in enumerate(table(given))
    ]
    found = historic_value(orders, margin=given["gross_margin"])
    output: Output = {"net_revenue": found.revenue, "contribution": found.profit}
    return output | ({"reason": "not_configured"} if found.profit is None else {})


def crc_rows(given: Input) -> Output:
    costs = [
        Cost(r["category"], amount(r["amount"]), r["currency"], amount(r["retention_share"]))
        for r in table(given, "costs")
    ]
    total = retention_cost(costs, rates=rates(given["fx_to_usd"]), base="USD")
    found = cost_per_customer(
        total,
        opening=given["start_customers"],
        retained=given["retained_customers"],
        average=given["average_customers"],
    )
    output = {
        "total": total.value,
        "crc_existing": found.per_existing.value,
        "crc_retained": found.per_retained.value,
        "crc_average": found.per_average.value,
    }
    return with_reason(output, found.per_existing)


FNS = {
    "clv.customers": clv_customers,
    "clv.simple": clv_simple,
    "clv.subscription": clv_subscription,
    "clv.retention": clv_retention,
    "clv.discounted": clv_discounted,
    "clv.historic": clv_historic,
    "crc.rows": crc_rows,
}
