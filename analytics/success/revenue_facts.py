"""Reading what customers pay: subscriptions, terms, orders, trials, costs, in one currency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.reading import Reading
from outbox.days import local_date


class State(NamedTuple):
    """A subscription from `at` until, not including, `until`; `ending` is why it ended."""

    subscription: str
    customer: int
    at: datetime
    until: datetime | None
    monthly: Decimal
    currency: str
    status: str
    ending: str

    def holds(self, at: datetime) -> bool:
        return self.at <= at and (self.until is None or at < self.until)


class MissingRates(Exception):
    """A total over these currencies would be a lie; `currencies` have no exchange rate."""

    def __init__(self, currencies: Iterable[str]) -> None:
        self.currencies = sorted(set(currencies))
        super().__init__(", ".join(self.currencies))


class RevenueFacts(Reading):
    # ---- Subscriptions -----------------------------------------------------------

    @cached_property
    def states(self) -> list[State]:
        """Return every paying state, oldest first within its subscription."""
        names = (
            "external_id", "customer_id", "at", "until", "monthly", "currency", "status", "cause",
        )  # fmt: skip
        rows = self.of_customers(models.SubscriptionState).order_by("external_id", "at")
        found: list[State] = []
        before: State | None = None
        for *values, cause in rows.values_list(*names).iterator(chunk_size=5000):
            state = State._make((*values, ""))
            if before and before.subscription == state.subscription:
                found[-1] = before._replace(ending=_ending(state.status, cause))
                before = None
            if state.monthly > 0:
                found.append(state)
                before = state
        return found

    @cached_property
    def spells(self) -> list[plain.PaidSpell]:
        return [plain.PaidSpell(s.customer, s.at, s.until, s.ending) for s in self.states]

    def plans_at(self, at: datetime) -> list[plain.Plan]:
        """Return the paying subscriptions at an instant, already made monthly."""
        return [
            plain.Plan(s.subscription, s.customer, s.monthly, s.currency, "month")
            for s in self.states
            if s.holds(at)
        ]

    def revenue(self, period: Period, *, rates_day: date | None = None) -> list[plain.CustomerMrr]:
        """Return each customer's MRR at both ends, at the rates of one day (the first).

        MissingRates when a currency has none.
        """
        span = self.known(period)
        rates = self.rates_on(rates_day or period.start)
        levels: dict[int, list[Decimal]] = {}
        steps: dict[int, dict[datetime, Decimal]] = {}
        has_paid: set[int] = set()
        for state in self.states:
            if state.at > span.stop:
                continue
            if state.at <= span.start:
                has_paid.add(state.customer)
            if state.until is not None and state.until <= span.start:
                continue
            amount = state.monthly * self._rate(state.currency, rates)
            level = levels.setdefault(state.customer, [Decimal(0), Decimal(0)])
            moves = steps.setdefault(state.customer, {})
            if state.holds(span.start):
                level[0] += amount
            else:
                moves[state.at] = moves.get(state.at, Decimal(0)) + amount
            if state.holds(span.stop):
                level[1] += amount
            elif state.until is not None:
                moves[state.until] = moves.get(state.until, Decimal(0)) - amount
        return [
            plain.CustomerMrr(
                customer, start, end, customer in has_paid,
                tuple(step for _at, step in sorted(steps[customer].items()) if step),
            )
            for customer, (start, end) in levels.items()
        ]  # fmt: skip

    # ---- Money -------------------------------------------------------------------

    @cached_property
    def base(self) -> str:
        """Return the currency of all totals: the one set, else the most frequent one."""
        if self.conventions.base_currency:
            return self.conventions.base_currency
        for model in (models.SubscriptionState, models.Order, models.Term, models.Cost):
            counted = model.objects.values("currency").annotate(n=Count("pk"))
            if most := counted.order_by("-n", "currency").first():
                return str(most["currency"])
        return ""

    @cached_property
    def _rates(self) -> dict[str, list[tuple[date, Decimal]]]:
        found: dict[str, list[tuple[date, Decimal]]] = {}
        rows = models.ExchangeRate.objects.filter(to_currency=self.base).order_by("day")
        for currency, day, rate in rows.values_list("currency", "day", "rate"):
            found.setdefault(currency, []).append((day, rate))
        return found

    def rates_on(self, day: date) -> dict[str, Decimal]:
        """Return the newest rate of each currency known on a day."""
        rates = {}
        for currency, listed in self._rates.items():
            place = bisect_right(listed, day, key=lambda row: row[0])
            if place:
                rates[currency] = listed[place - 1][1]
        return rates

    def _rate(self, currency: str, rates: dict[str, Decimal]) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        if currency not in rates:
            raise MissingRates([currency])
        return rates[currency]

    def converted(self, amount: Decimal, currency: str, day: date) -> Decimal:
        """Return an amount in the base currency; MissingRates when there is no rate."""
        if not amount:
            return Decimal(0)
        return amount * self._rate(currency, self.rates_on(day))

    @cached_property
    def costs(self) -> list[plain.Cost]:
        """Return all costs; that other periods have some tells "none" from "not kept"."""
        return [
            plain.Cost(
                category, amount, currency, share, first, last + timedelta(days=1)
            )
            for category, amount, currency, share, first, last in models.Cost.objects.values_list(
                "category", "amount", "currency", "retention_share", "first_date", "last_date"
            )
        ]  # fmt: skip

    def terms(self, period: Period) -> list[plain.Term]:
        """Return the terms due in a period, amounts in the base currency."""
        found = []
        for term in self._terms:
            if period.start <= term.due_date < period.stop:
                day = period.start
                amount = self.converted(term.amount, term.currency, day)
                renewed = term.amount_renewed
                if renewed is not None:
                    renewed = self.converted(renewed, term.currency, day)
                found.append(
                    plain.Term(
                        term.pk, term.due_date, amount, term.renewed_date, renewed,
                        term.cancelled_date, term.is_refunded, term.is_monthly,
                    )
                )  # fmt: skip
        return found

    @cached_property
    def _terms(self) -> list[models.Term]:
        rows = self.of_customers(models.Term)
        return list(rows.filter(due_date__gte=self.since, due_date__lt=self.after))

    @cached_property
    def orders(self) -> list[plain.Order]:
        """Return every order, in the base currency at the rate of its day."""
        names = (
            "customer_id", "checkout", "placed_at", "status", "amount", "refund", "serving_cost",
            "currency",
        )  # fmt: skip
        found = []
        for who, checkout, at, status, *money, currency in self.of_customers(
            models.Order
        ).values_list(*names):
            day = local_date(at)
            amount, refund, serving = (self.converted(part, currency, day) for part in money)
            if status == "paid" and amount and refund >= amount:
                status = "refunded"
            found.append(plain.Order(who, checkout, day, status, amount, refund, serving))
        return found

    @cached_property
    def trials(self) -> list[plain.Trial]:
        names = (
            "external_id", "customer_id", "started_at", "first_paid_at", "amount", "is_refunded",
        )  # fmt: skip
        return [
            plain.Trial(key, who, local_date(start), paid and local_date(paid), amount, is_refunded)
            for key, who, start, paid, amount, is_refunded in self.of_customers(
                models.Trial
            ).values_list(*names)
        ]

    @cached_property
    def referrals(self) -> list[plain.Referral]:
        names = ("external_id", "customer_id", "referred", "is_customer_already", "at",
                 "converted_at")  # fmt: skip
        own = {external: key for key, (external, _name) in self.customers.items()}
        return [
            plain.Referral(
                key,
                who if who is not None else "",
                who is not None,
                own.get(person, person),
                is_ours,
                local_date(at),
                converted is not None and converted <= self.as_of,
            )
            for key, who, person, is_ours, at, converted in self.of_customers(
                models.Referral
            ).values_list(*names)
        ]


def _ending(status: str, cause: str) -> str:
    """Return why paying ended, by the state that followed."""
    if status in ("active", "past_due"):
        return ""
    if status == "unpaid" or cause.lower() == "payment":
        return "payment"
    return "paused" if status == "paused" else "voluntary"
