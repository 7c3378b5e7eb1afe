"""Reading what customers pay: subscriptions, terms, orders, trials, costs, in one currency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, OuterRef, Subquery

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics.trials import GRACE_DAYS
from analytics.success.reading import whole_groups
from analytics.success.subscription_facts import SubscriptionFacts
from outbox.days import local_date


class MissingRates(Exception):
    """A total over these currencies would be a lie; `currencies` have no exchange rate."""

    def __init__(self, currencies: Iterable[str]) -> None:
        self.currencies = sorted(set(currencies))
        super().__init__(", ".join(self.currencies))


class RevenueFacts(SubscriptionFacts):
    def revenue(self, period: Period, *, rates_day: date | None = None) -> list[plain.CustomerMrr]:
        """Return each customer's MRR at both ends with the steps between, at the rates of one day.

        The day is the first one unless named. MissingRates when a currency has none.
        """
        day = rates_day or period.start
        key = ("revenue", period.start, period.stop, tuple(sorted(self.rates_on(day).items())))
        return self.once(key, lambda: self._revenue(period, day))

    def _revenue(self, period: Period, rates_day: date) -> list[plain.CustomerMrr]:
        span = self.known(period)
        rates = self.rates_on(rates_day)
        levels: dict[int, list[Decimal]] = {}
        steps: dict[int, dict[datetime, Decimal]] = {}
        for state in self.states_between(span.start, span.stop):
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
        before = self._paid_before(levels, span.start)
        return [
            plain.CustomerMrr(
                customer, start, end, customer in before,
                tuple(step for _at, step in sorted(steps[customer].items()) if step),
            )
            for customer, (start, end) in levels.items()
        ]  # fmt: skip

    def revenue_ends(self, period: Period) -> list[plain.CustomerMrr]:
        """Return each customer's MRR at both ends alone; a long span needs no more."""
        key = ("revenue ends", period.start, period.stop)
        return self.once(key, lambda: self._revenue_ends(period))

    def _revenue_ends(self, period: Period) -> list[plain.CustomerMrr]:
        span = self.known(period)
        rates = self.rates_on(period.start)
        levels: dict[int, list[Decimal]] = {}
        for place, at in enumerate((span.start, span.stop)):
            for customer, currency, monthly in self.levels_at(at):
                amount = monthly * self._rate(currency, rates)
                levels.setdefault(customer, [Decimal(0), Decimal(0)])[place] += amount
        before = self._paid_before(levels, span.start)
        return [
            plain.CustomerMrr(who, start, end, who in before)
            for who, (start, end) in levels.items()
        ]

    def _paid_before(self, levels: Mapping[int, list[Decimal]], at: datetime) -> set[int]:
        """Return the customers who had paid by an instant, asking for those who do not then."""
        absent = [who for who, (start, _end) in levels.items() if not start]
        came_back = {who for who, first in self._firsts(absent).items() if first <= at}
        return came_back | (levels.keys() - set(absent))

    # ---- Money -------------------------------------------------------------------

    @property
    def base(self) -> str:
        """Return the currency of all totals: the one set, else the most frequent one."""
        return self.in_general(("base",), self._find_base)

    def _find_base(self) -> str:
        if self.conventions.base_currency:
            return self.conventions.base_currency
        for model in (models.SubscriptionState, models.Order, models.Term, models.Cost):
            counted = model.objects.values("currency").annotate(n=Count("pk"))
            if most := counted.order_by("-n", "currency").first():
                return str(most["currency"])
        return ""

    @property
    def _rates(self) -> dict[str, list[tuple[date, Decimal]]]:
        return self.in_general(("rates",), self._read_rates)

    def _read_rates(self) -> dict[str, list[tuple[date, Decimal]]]:
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
        rows = models.Cost.objects.values_list(
            "category",
            "amount",
            "currency",
            "retention_share",
            "acquisition_share",
            "first_date",
            "last_date",
        )
        return [
            plain.Cost(category, amount, currency, kept, first, last + timedelta(days=1), won)
            for category, amount, currency, kept, won, first, last in rows
        ]  # fmt: skip

    def terms(self, period: Period, *, has_money: bool = True) -> list[plain.Term]:
        """Return the terms due in a period, amounts in the base currency (or all of them 0).

        A renewal whose amount nobody told is one at the amount due.
        """
        found = []
        for term in self._terms_due(period):
            if period.start <= term.due_date < period.stop:
                amount = renewed = Decimal(0)
                if has_money:
                    told = term.amount_renewed
                    told = term.amount if told is None and term.renewed_date else told
                    amount = self.converted(term.amount, term.currency, period.start)
                    renewed = self.converted(told or Decimal(0), term.currency, period.start)
                found.append(
                    plain.Term(
                        term.pk, term.due_date, amount, term.renewed_date, renewed,
                        term.cancelled_date, term.is_refunded, term.is_monthly,
                    )
                )  # fmt: skip
        return found

    def _terms_due(self, period: Period) -> Iterable[models.Term]:
        """Return terms among which are all of a period; a part reads those alone."""
        if self._between is None:
            return self._terms
        rows = self.of_customers(models.Term)
        inside = rows.filter(due_date__gte=period.start, due_date__lt=period.stop)
        return inside.iterator(chunk_size=self.chunk)

    @cached_property
    def _terms(self) -> list[models.Term]:
        rows = self.of_customers(models.Term)
        return list(rows.filter(due_date__gte=self.since, due_date__lt=self.after))

    @cached_property
    def purchases(self) -> list[plain.Order]:
        """Return every order without its money: which customer, which checkout, when."""
        return [
            plain.Order(who, checkout, day, status)
            for who, checkout, day, status, _money, _currency in self._orders()
        ]

    @cached_property
    def orders(self) -> list[plain.Order]:
        """Return every order, in the base currency at the rate of its day."""
        found, base = [], self.base
        for who, checkout, day, status, money, currency in self._orders():
            if currency != base:
                money = [self.converted(part, currency, day) for part in money]
            found.append(plain.Order(who, checkout, day, status, *money))
        return found

    def _orders(self) -> Iterator[tuple[int, str, date, str, list[Decimal], str]]:
        """Yield orders with their amount, refund and serving cost in their own currency."""
        names = (
            "customer_id", "checkout", "placed_at", "status", "amount", "refund", "serving_cost",
            "currency",
        )  # fmt: skip
        rows = self.of_customers(models.Order).values_list(*names).iterator(chunk_size=self.chunk)
        for who, checkout, at, status, amount, refund, serving, currency in rows:
            if status == "refunded" and not refund:
                refund = amount  # told by its status alone
            elif status == "paid" and amount and refund >= amount:
                status = "refunded"
            yield who, checkout, local_date(at), status, [amount, refund, serving], currency

    @cached_property
    def trials(self) -> list[plain.Trial]:
        names = (
            "external_id", "customer_id", "started_at", "first_paid_at", "amount", "is_refunded",
            "ends_at",
        )  # fmt: skip
        return [
            plain.Trial(
                key, who, local_date(start), paid and local_date(paid), amount, is_refunded,
                window_days=_window(start, ends),
            )
            for key, who, start, paid, amount, is_refunded, ends in self.of_customers(
                models.Trial
            ).values_list(*names)
        ]  # fmt: skip

    def referrals_by_person(self) -> Iterator[list[plain.Referral]]:
        """Yield all referrals some at a time, those of one person together."""
        names = ("external_id", "customer_id", "referred", "own", "is_customer_already", "at",
                 "converted_at")  # fmt: skip
        own = self._customers.filter(external_id=OuterRef("referred")).values("pk")[:1]
        rows = self.of_customers(models.Referral).annotate(own=Subquery(own)).order_by("referred")
        listed = rows.values_list(*names).iterator(chunk_size=self.chunk)
        each = (self._referral(*values) for values in listed)
        return whole_groups(each, lambda referral: referral.referred)

    def _referral(
        self,
        key: str,
        who: int | None,
        person: str,
        itself: int | None,
        is_ours: bool,
        at: datetime,
        converted: datetime | None,
    ) -> plain.Referral:
        return plain.Referral(
            key,
            who if who is not None else "",
            who is not None,
            person if itself is None else itself,
            is_ours,
            local_date(at),
            converted is not None and converted <= self.as_of,
        )


def _window(start: datetime, ends: datetime | None) -> int | None:
    """Return the days a trial of known length has to convert."""
    return None if ends is None else (local_date(ends) - local_date(start)).days + GRACE_DAYS
