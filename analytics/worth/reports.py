"""Themes with the money behind them: who complains, what they pay, when they decide again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from analytics.periods import Period
from analytics.scores.reports import survey_report
from analytics.scores.shapes import ThemeReport
from analytics.statistics.exposure import exposed, money_share
from analytics.statistics.result import Result
from analytics.success.health import health_facts, monthly_revenue
from analytics.success.queries import Facts
from analytics.success.renewals_due import due_dates
from feedback.models import Mention, Response, Sentiment
from outbox.replica import reads_replica
from surveys.models import Survey

SOON = timedelta(days=90)
_COMPLAINTS = (Sentiment.NEGATIVE, Sentiment.MIXED)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One account that spoke badly of a theme. `response` is its newest comment that did."""

    customer: int
    name: str
    mrr: Decimal | None  # None: not paying, or in a currency without a rate
    due: date | None
    comments: int
    response: int


@dataclass(frozen=True, slots=True)
class ThemeMoney:
    """One theme: what goes with the score (`theme`), and the money of those who complain.

    `mrr` and `due_soon` are what complaining accounts pay a month, and of that
    what is up for renewal within 90 days; `share` is among accounts that
    answered, `at_stake` the estimate for all accounts.
    """

    theme: ThemeReport
    complaints: tuple[Complaint, ...]
    mrr: Decimal
    due_soon: Decimal
    share: Result
    at_stake: Result


@dataclass(frozen=True, slots=True)
class MoneyReport:
    """Of `paying` accounts `answered` did; `unknown` pay in a currency that has no rate."""

    currency: str
    answered: int
    paying: int
    all_money: Decimal
    unknown: int
    themes: tuple[ThemeMoney, ...]


@reads_replica
def money_report(survey: Survey, period: Period) -> MoneyReport:
    """Return every theme somebody complains about, the dearest first."""
    facts = health_facts()
    revenue = monthly_revenue(facts)
    paying = {customer: mrr for customer, mrr in revenue.items() if mrr is not None}
    answered = _answered(survey, period) & paying.keys()
    named = _complaints(survey, period, facts)
    due = due_dates(facts.today)
    total = sum(paying.values(), Decimal(0))
    found = [
        _theme(theme, named.get(theme.slug, {}), answered, paying, due, facts, total)
        for theme in survey_report(survey, period).themes or ()
        if theme.slug in named
    ]
    return MoneyReport(
        currency=facts.base,
        answered=len(answered),
        paying=len(paying),
        all_money=total,
        unknown=len(revenue) - len(paying),
        themes=tuple(sorted(found, key=lambda f: (-f.mrr, -len(f.complaints), f.theme.name))),
    )


def _answered(survey: Survey, period: Period) -> set[int]:
    rows = _counted(survey, period).order_by().values_list("customer_id", flat=True).distinct()
    return {customer for customer in rows if customer is not None}


def _counted(survey: Survey, period: Period) -> QuerySet[Response]:
    return Response.objects.filter(
        survey=survey,
        standing=Response.Standing.COUNTED,
        submitted_date__gte=period.start,
        submitted_date__lt=period.stop,
    )


def _complaints(
    survey: Survey, period: Period, facts: Facts
) -> dict[str, dict[int, tuple[int, int]]]:
    """Return theme slug -> account -> (comments that complain, the newest of them)."""
    rows = (
        Mention.objects.filter(
            response__in=_counted(survey, period),
            sentiment__in=_COMPLAINTS,
            response__customer__in=facts.customers,
        )
        .order_by("response__submitted_at", "response_id")
        .values_list("theme__slug", "response__customer_id", "response_id")
        .distinct()
    )
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for slug, customer, response in rows:
        accounts = found.setdefault(slug, {})
        accounts[customer] = (accounts.get(customer, (0, 0))[0] + 1, response)
    return found


def _theme(
    theme: ThemeReport,
    accounts: Mapping[int, tuple[int, int]],
    answered: set[int],
    paying: Mapping[int, Decimal],
    due: Mapping[int, date],
    facts: Facts,
    total: Decimal,
) -> ThemeMoney:
    complaints = [
        Complaint(
            customer=customer,
            name=facts.customers[customer][1] or facts.customers[customer][0],
            mrr=paying.get(customer),
            due=due.get(customer),
            comments=comments,
            response=response,
        )
        for customer, (comments, response) in accounts.items()
    ]
    complaints.sort(key=lambda c: (-(c.mrr or 0), c.due or date.max, c.name))
    listed = sorted(answered)
    share = money_share([paying[c] for c in listed], [c in accounts for c in listed])
    return ThemeMoney(
        theme=theme,
        complaints=tuple(complaints),
        mrr=sum((c.mrr or Decimal(0) for c in complaints), Decimal(0)),
        due_soon=sum(
            (c.mrr or Decimal(0) for c in complaints if c.due and c.due <= facts.today + SOON),
            Decimal(0),
        ),
        share=share,
        at_stake=exposed(share, total, facts.base),
    )
