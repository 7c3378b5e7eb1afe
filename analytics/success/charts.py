"""The chart that fits a metric, beside its months: bridge, triangle, funnel, histogram, bars."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.charts.bars import draw_lengths
from analytics.periods import Period
from analytics.statistics.result import Result, Unit
from analytics.success import friction_reports, panels, words
from analytics.success.friction_words import place_words
from analytics.success.order_sums import days_to_second
from analytics.success.queries import Facts
from analytics.success.service_reports import calendar_waits, handled_in

_MOST_BARS = 12
Chart = dict[str, Any]
"""`kind` names the template in charts/, the rest is what it draws."""


Maker = Callable[[Facts, panels.Months, Period, Result], "Chart | None"]


def chart_of(slug: str, facts: Facts, months: panels.Months) -> Chart | None:
    """Return the chart of a metric's period, None where its months say all."""
    period, result = months[-1]
    make = _CHARTS.get(slug)
    chart = make(facts, months, period, result) if make else None
    return chart and chart | {"template": f"analytics/success/charts/{chart['kind']}.html"}


def _bridge(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    drawn = panels.bridge_panel(result, period)
    return drawn and drawn | {"kind": "bridge", "title": _bridge_title(result)}


def _bridge_title(result: Result) -> str:
    parts = result.parts
    start, end = (words.money(parts[name], result.currency) for name in ("start", "end"))
    if not parts["start"]:
        return _("From nothing to %(end)s a month") % {"end": end}
    share = float((parts["end"] - parts["start"]) / parts["start"])
    moved = {"start": start, "end": end, "share": figures.share_text(abs(share), decimals=1)}
    if share < 0:
        return _("From %(start)s to %(end)s a month, down %(share)s") % moved
    return _("From %(start)s to %(end)s a month, up %(share)s") % moved


def _triangle(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    rows = panels.triangle(facts, months)
    title = _("Who stayed, by month of the first payment")
    return {"kind": "triangle", "title": title, "rows": rows} if rows else None


def _referrals(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    parts = result.parts
    return funnel(
        _("From customers to new ones"),
        [
            (_("Customers active"), int(result.denominator or 0)),
            (_("Referred somebody"), parts.get("referrers", 0)),
            (_("Valid referrals"), parts.get("valid", 0)),
            (_("Became customers"), parts.get("converts", 0)),
        ],
    )


def _trial_funnel(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    return funnel(
        _("From trial to payment"),
        [
            (_("Started"), result.parts.get("started", 0)),
            (_("Time is over"), result.parts.get("mature", 0)),
            (_("Paid in time"), int(result.numerator or 0)),
        ],
    )


def _renewals(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    return funnel(
        _("What became of the terms due"),
        [
            (_("Due"), result.parts.get("due", 0)),
            (_("Decided"), result.parts.get("decided", 0)),
            (_("Renewed"), result.parts.get("renewed", 0)),
        ],
    )


def funnel(title: str, steps: list[tuple[str, int]]) -> Chart | None:
    if not steps[0][1]:
        return None
    return {"kind": "bars", "title": title, "bars": panels.funnel(steps)}


def _waits(*, is_reply: bool) -> Maker:
    def make(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
        title = _("How long it took, by the calendar")
        return _histogram(title, calendar_waits(facts, period, is_reply=is_reply))

    return make


def _handled(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    return _histogram(_("Work on one contact"), handled_in(facts, period).everything.seconds)


def _session_lengths(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    lengths = facts.once(
        ("session lengths", period),
        lambda: array("d", (s.seconds for _user, own in facts.sessions(period) for s in own)),
    )
    return _histogram(_("How long sessions last"), lengths)


def _second_orders(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    days = facts.once(("second orders", period), lambda: days_to_second(facts, period))
    title = _("Days to the second order, of all first-time buyers so far")
    return _histogram(title, array("d", days.elements()), is_days=True)


def _histogram(title: str, values: Sequence[float], *, is_days: bool = False) -> Chart | None:
    if not len(values):
        return None
    columns = panels.histogram(values, is_days=is_days)
    return {"kind": "histogram", "title": title, "columns": columns}


def _by_day(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    if result.value is None or "by_day" not in result.parts:
        return None
    columns = panels.draw_columns(list(result.parts["by_day"].values()))
    days = [
        {"column": column, "count": figures.count_text(count), "name": day}
        for column, (day, count) in zip(columns, result.parts["by_day"].items(), strict=True)
    ]
    return {"kind": "histogram", "title": _("Users of each day"), "columns": days, "is_dense": True}


def _categories(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    by_category: Mapping[str, Any] = result.parts.get("by_category", {})
    return bars(_("What it is spent on"), by_category, "money", result.currency)


def _features(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    return bars(
        _("Share of active users who used a feature"),
        result.parts.get("popularity", {}),
        "fraction",
    )


def _places(facts: Facts, months: Any, period: Period, result: Result) -> Chart | None:
    found = friction_reports.places(facts, period)
    shown = {place_words(place): share.value for place, share in list(found.items())[:_MOST_BARS]}
    return bars(_("Where active users struggled"), shown, "fraction")


def bars(title: str, amounts: Mapping[str, Any], unit: Unit, currency: str = "") -> Chart | None:
    if not amounts:
        return None
    ranked = sorted(amounts.items(), key=lambda pair: -float(pair[1] or 0))
    most = 1.0 if unit == "fraction" else None
    lengths = draw_lengths([float(amount or 0) for _name, amount in ranked], of=most)
    bars = [
        {"name": name, "count": words.value(amount, unit, currency), "length": length, "share": ""}
        for (name, amount), length in zip(ranked, lengths, strict=True)
    ]
    return {"kind": "bars", "title": title, "bars": bars}


_CHARTS: dict[str, Maker] = {
    "customer-churn": _triangle,
    "customer-retention": _triangle,
    "renewal": _renewals,
    "repeat-purchase": _second_orders,
    "referral": _referrals,
    "trial-conversion": _trial_funnel,
    "mrr-movements": _bridge,
    "retention-cost": _categories,
    "acquisition-cost": _categories,
    "active-users": _by_day,
    "adoption": _features,
    "time-on-platform": _session_lengths,
    "friction": _places,
    "handle-time": _handled,
    "first-reply-time": _waits(is_reply=True),
    "resolution-time": _waits(is_reply=False),
}


def add(slug: str, make: Maker) -> None:
    """Take in the chart of a metric that a room above has added."""
    _CHARTS[slug] = make


def parts_of(result: Result) -> list[tuple[str, str]]:
    """Return further figures of a metric that a person reads: (words, value)."""
    shown: list[tuple[str, str]] = []
    for name, (label, unit) in _parts().items():
        amount = result.parts.get(name)
        if amount is not None:
            currency = result.currency if unit == "money" else ""
            shown.append((label, words.value(amount, unit, currency)))
    if result.pending:
        shown.append((_("Pending, too young to count"), figures.count_text(result.pending)))
    return shown


def _parts() -> dict[str, tuple[str, Unit]]:
    return {
        "new": (_("New"), "count"),
        "reactivated": (_("Back again"), "count"),
        "churn_events": (_("Times somebody stopped paying"), "count"),
        "events_over_start_plus_new": (
            _("Events ÷ start plus new (another convention)"),
            "fraction",
        ),
        "decided_rate": (_("Of the decided ones, renewed"), "fraction"),
        "revenue_renewal_rate": (_("Renewed revenue, capped at the amount due"), "fraction"),
        "returning_customer_rate": (_("Bought at least twice ever"), "fraction"),
        "comment_rate": (_("With words, of all answers"), "fraction"),
        "unclear_share": (_("Could not be read"), "fraction"),
        "of_all_sent": (_("Of all sent, bounced ones too (RR1)"), "fraction"),
        "conversion": (_("Converted, of valid referrals"), "fraction"),
        "rate_with_refunds": (_("With refunded payments"), "fraction"),
        "paying": (_("Paying customers"), "count"),
        "quick_ratio": (_("Gained for each unit lost"), "mean"),
        "of_period": (_("Over the period alone"), "fraction"),
        "with_reactivation": (_("With returned customers"), "fraction"),
        "largest_share": (_("Largest customer’s share"), "fraction"),
        "capped": (_("Capped at 60 months"), "money"),
        "now": (_("With a payment due now"), "money"),
        "monthly_churn": (_("Churn a month"), "fraction"),
        "total": (_("Total cost"), "money"),
        "per_retained": (_("Per customer kept"), "money"),
        "per_average": (_("Per average customer"), "money"),
        "share_of_revenue": (_("Of what they pay"), "fraction"),
        "lifetime_to_cost": (_("Lifetime value ÷ acquisition cost"), "mean"),
        "last_7_days": (_("Last 7 days"), "count"),
        "last_28_days": (_("Last 28 days"), "count"),
        "average_daily": (_("Average day"), "count"),
        "returning": (_("Returning"), "count"),
        "resurrected": (_("Back after a gap"), "count"),
        "customers_on_target": (_("Customers on target"), "fraction"),
        "seat_utilisation_last_week": (_("Seats active in the last week"), "fraction"),
        "tried_rate": (_("Tried it at all"), "fraction"),
        "median_days_to_adopt": (_("Median days to adopt"), "count"),
        "median": (_("Median"), "seconds"),
        "p90": (_("Nine of ten within"), "seconds"),
        "per_user": (_("Per user"), "seconds"),
        "with_rage_clicks": (_("With a rage click"), "count"),
        "with_errors": (_("With an error"), "count"),
        "rage_clicks": (_("Rage clicks"), "count"),
        "errors": (_("Errors"), "count"),
        "only_struggled": (_("Struggled and did nothing else"), "count"),
        "within_target": (_("Within the target"), "fraction"),
        "target_hours": (_("Target, hours"), "count"),
        "calendar_median": (_("Median by the calendar"), "seconds"),
    }
