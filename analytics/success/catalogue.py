"""The metrics there are: name, group, formula, the facts they need, how they are read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.periods import Period, month_of
from analytics.statistics.result import Result, Unit
from analytics.success import friction_reports, lifetime_reports, reports, service_reports
from analytics.success.metrics.periods import add_months
from analytics.success.queries import Facts

Text = str | Promise
LOYALTY, REVENUE, USAGE, SUPPORT = "loyalty", "revenue", "usage", "support"
FEEDBACK = "feedback"
GROUPS: dict[str, Text] = {
    LOYALTY: _("Loyalty"),
    REVENUE: _("Revenue"),
    USAGE: _("Usage"),
    SUPPORT: _("Support"),
    FEEDBACK: _("Feedback"),
}
MONTHS = 13  # a page shows
MOST_MONTHS = 36
_EVERYWHERE = ("customers", "users", "exchange-rates", "opening-hours", "holidays")
_CURRENCY = ("subscriptions", "orders", "terms", "costs")
"""Without a currency set, that of all totals is the most frequent one of these."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric. `better` is "up", "down" or "" where neither direction is good by itself.

    `needs` names the kinds of facts it is made from, none for what surveys tell;
    `also` further ones it reads.
    """

    slug: str
    group: str
    name: Text
    unit: Unit
    better: str
    formula: Text
    note: Text
    needs: tuple[str, ...]
    compute: reports.Compute
    version: int = 1
    also: tuple[str, ...] = ()

    @property
    def reads(self) -> frozenset[str]:
        """Return every kind of fact that can change the figure."""
        return frozenset({*self.facts, *_EVERYWHERE})

    @property
    def facts(self) -> tuple[str, ...]:
        """Return the kinds of facts it is made of."""
        return (*self.needs, *self.also)


METRICS: dict[str, Definition] = {
    found.slug: found
    for found in (
        Definition(
            "customer-churn", LOYALTY, _("Customer churn"), "fraction", "down",
            _("customers lost ÷ customers at the start"),
            _("Closed cohort: who joined in the period is in neither part. A pause is churn; an "
              "overdue payment is not, an unpaid one is."),
            ("subscriptions",), reports.customer_churn,
        ),
        Definition(
            "customer-retention", LOYALTY, _("Customer retention"), "fraction", "up",
            _("customers there at both ends ÷ customers at the start"),
            _("One minus churn, never above 100 %."),
            ("subscriptions",), reports.customer_retention,
        ),
        Definition(
            "renewal", LOYALTY, _("Renewal rate"), "fraction", "up",
            _("terms renewed by the end of grace ÷ mature terms due"),
            _("Only terms whose grace is over count; the others are pending, because lapses take "
              "until its end."),
            ("terms",), reports.renewal, also=_CURRENCY,
        ),
        Definition(
            "repeat-purchase", LOYALTY, _("Repeat purchase"), "fraction", "up",
            _("buyers with two checkouts or more ÷ buyers"),
            _("Paid checkouts of the period; cancelled and test orders are out, and fully refunded "
              "ones unless the conventions count them."),
            ("orders",), reports.repeat_purchase,
        ),
        Definition(
            "referral", LOYALTY, _("Referral rate"), "fraction", "up",
            _("customers with a valid referral ÷ customers active in the period"),
            _("Self-referrals, existing customers and second referrals of a person are no "
              "referrals."),
            ("referrals", "subscriptions"), reports.referral,
        ),
        Definition(
            "trial-conversion", LOYALTY, _("Trial conversion"), "fraction", "up",
            _("trials paid in time ÷ trials started whose time is over"),
            _("Young trials wait as pending, early deciders among them too; refunded payments are "
              "none."),
            ("trials",), reports.trial_conversion,
        ),
        Definition(
            "mrr", REVENUE, _("Monthly recurring revenue"), "money", "up",
            _("Σ (amount − tax) × quantity, made monthly, less discounts for good"),
            _("Active and overdue subscriptions at the end of the period; no trials, no metered "
              "and no one-off items."),
            ("subscriptions",), reports.recurring_revenue,
        ),
        Definition(
            "arr", REVENUE, _("Annual recurring revenue"), "money", "up",
            _("12 × MRR"), _("A run rate, not what a year will bring."),
            ("subscriptions",), reports.annual_revenue,
        ),
        Definition(
            "arpa", REVENUE, _("Revenue per account"), "money", "up",
            _("MRR ÷ paying customers"), _("At the end of the period."),
            ("subscriptions",), reports.average_revenue,
        ),
        Definition(
            "mrr-movements", REVENUE, _("MRR movements"), "money", "up",
            _("new + back again + expansion − contraction − churn"),
            _("Net per customer. A second subscription is expansion; a return after churn is “back "
              "again”, not new. At the rates of the first day, so that no exchange rate looks like "
              "an upgrade."),
            ("subscriptions",), reports.revenue_movements,
        ),
        Definition(
            "expansion", REVENUE, _("Expansion rate"), "fraction", "up",
            _("expansion MRR ÷ MRR at the start"),
            _("Recurring revenue more from customers who paid already; one-off sales are not in "
              "it."),
            ("subscriptions",), reports.expansion,
        ),
        Definition(
            "nrr", REVENUE, _("Net revenue retention"), "fraction", "up",
            _("MRR now of the customers of a year ago ÷ their MRR then"),
            _("Closed cohort of the twelve months that end with the period; new customers are in "
              "neither part."),
            ("subscriptions",), reports.net_revenue_retention,
        ),
        Definition(
            "grr", REVENUE, _("Gross revenue retention"), "fraction", "up",
            _("the same, each customer counted at most at the old amount"),
            _("Never above 100 %, never above net: one account’s growth does not hide another’s "
              "loss."),
            ("subscriptions",), reports.gross_revenue_retention,
        ),
        Definition(
            "lifetime-value", REVENUE, _("Lifetime value, subscription"), "money", "up",
            _("revenue per account × gross margin ÷ monthly churn"),
            _("Without a margin it is revenue, not profit. Without churn there is none: a figure "
              "capped at 60 months stands beside it."),
            ("subscriptions",), lifetime_reports.lifetime_value,
        ),
        Definition(
            "lifetime-historic", REVENUE, _("Lifetime value, historic"), "money", "up",
            _("Σ (orders − refunds) ÷ buyers"),
            _("What the average buyer has brought so far; nothing is predicted."),
            ("orders",), lifetime_reports.historic_value, also=_CURRENCY,
        ),
        Definition(
            "lifetime-simple", REVENUE, _("Lifetime value, simple"), "money", "up",
            _("order value × orders a month × months a customer stays"),
            _("For each buyer of the last twelve months, then averaged. Without a margin it is "
              "revenue, not profit."),
            ("orders",), lifetime_reports.simple_value, also=_CURRENCY,
        ),
        Definition(
            "lifetime-discounted", REVENUE, _("Lifetime value, discounted"), "money", "up",
            _("monthly margin × r ÷ (1 + d − r), r kept and d discounted a month"),
            _("What all coming payments are worth today, the first one a month away. Without a "
              "margin it is revenue, not profit."),
            ("subscriptions",), lifetime_reports.discounted_value,
        ),
        Definition(
            "retention-cost", REVENUE, _("Retention cost"), "money", "down",
            _("Σ costs × share for keeping customers ÷ customers at the start"),
            _("Higher is worse at equal retention. Costs that span months are spread by day."),
            ("costs", "subscriptions"), lifetime_reports.retention_cost,
        ),
        Definition(
            "acquisition-cost", REVENUE, _("Acquisition cost"), "money", "down",
            _("Σ costs × share for winning customers ÷ customers who paid for the first time"),
            _("Money is spent before it wins anybody: a month says little, a year more. Beside "
              "lifetime value once a gross margin is set; revenue over cost would flatter."),
            ("costs", "subscriptions"), lifetime_reports.acquisition_cost,
        ),
        Definition(
            "active-users", USAGE, _("Active users"), "count", "up",
            _("distinct users with a core event"),
            _("Daily counts are not added up: the same people come back."),
            ("usage-events",), service_reports.monthly_active_users,
        ),
        Definition(
            "stickiness", USAGE, _("Stickiness"), "fraction", "up",
            _("mean daily users ÷ users of the period"), _("How many of them come on a day."),
            ("usage-events",), service_reports.sticky_users,
        ),
        Definition(
            "usage-rate", USAGE, _("Product usage rate"), "fraction", "up",
            _("customer-weeks with half of the seats active ÷ customer-weeks with seats"),
            _("Our own definition. Whole weeks only; a contract counts from its own first week."),
            ("entitlements", "usage-events"), service_reports.usage_rate,
        ),
        Definition(
            "adoption", USAGE, _("Feature adoption"), "fraction", "up",
            _("users with 3 uses on 2 days within 30 days ÷ users given access"),
            _("Of those given access in the period whose time is over. A first try is no "
              "adoption."),
            ("entitlements", "usage-events"), service_reports.product_adoption,
        ),
        Definition(
            "time-on-platform", USAGE, _("Time on platform"), "seconds", "",
            _("Σ length of sessions ÷ sessions"),
            _("More is not better by itself: it can mean trouble. A pause of over 30 minutes opens "
              "the next session."),
            ("usage-events",), service_reports.time_on_platform,
        ),
        Definition(
            "friction", USAGE, _("Friction"), "fraction", "down",
            _("active users with a rage click or an error ÷ active users"),
            _("People, not clicks: who presses a dead button forty times is one of them. Only from "
              "the first day on which a page was watched. In no figure of use."),
            ("usage-events",), friction_reports.friction,
        ),
        Definition(
            "first-contact-resolution", SUPPORT, _("First contact resolution"), "fraction", "up",
            _("issues solved by one contact ÷ issues solved"),
            _("No reopening, no escalation, no follow-up within the window; younger ones are "
              "pending."),
            ("tickets",), service_reports.first_contact_resolution,
        ),
        Definition(
            "handle-time", SUPPORT, _("Average handle time"), "seconds", "",
            _("Σ (talk + hold + wrap-up) ÷ contacts handled"),
            _("Agents’ work per contact; a transfer is one contact. Never a goal alone."),
            ("contact-legs",), service_reports.handle_time,
        ),
        Definition(
            "first-reply-time", SUPPORT, _("First reply time"), "seconds", "down",
            _("median of opened → first public reply by a person"),
            _("Tickets opened in the period. In business time once opening hours are known."),
            ("tickets",), service_reports.first_reply_time,
        ),
        Definition(
            "resolution-time", SUPPORT, _("Resolution time"), "seconds", "down",
            _("median of opened → last solved"),
            _("Tickets opened in the period. In business time once opening hours are known."),
            ("tickets",), service_reports.resolution_time,
        ),
    )
}  # fmt: skip


def add(found: Definition) -> None:
    """Take in a metric made from more than facts; a room above adds its own when it starts."""
    METRICS[found.slug] = found


def measure(found: Definition, facts: Facts, period: Period) -> Result:
    """Return a metric of a period, complete with what it was measured on."""
    return replace(
        found.compute(facts, period),
        period=str(period),
        zone=facts.zone,
        segment=facts.segment,
        computed_at=facts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        definition_version=found.version,
    )


def facts_for(
    period: Period,
    *,
    segment: str = "",
    as_of: datetime | None = None,
    spans: Collection[Period] = (),
) -> Facts:
    """Return the facts one period needs. LookupError for an unknown segment."""
    at = as_of or timezone.now()
    return Facts(since=period.start, after=period.stop, as_of=at, segment=segment, spans=spans)


def months_to(period: Period, months: int) -> list[Period]:
    """Return so many calendar months, the last one holding the last day of `period`."""
    last = period.last.replace(day=1)
    return [month_of(add_months(last, -back)) for back in reversed(range(months))]


def series(found: Definition, facts: Facts, spans: Sequence[Period]) -> list[tuple[Period, Result]]:
    """Compute a metric of each span; `facts` must hold all of them."""
    return [(span, measure(found, facts, span)) for span in spans]


def facts_of_months(
    period: Period, months: int, *, segment: str = "", as_of: datetime | None = None
) -> Facts:
    spans = months_to(period, months)
    since = min(spans[0].start, period.start)
    whole = Period(since, max(spans[-1].stop, period.stop))
    return facts_for(whole, segment=segment, as_of=as_of, spans={*spans, period})
