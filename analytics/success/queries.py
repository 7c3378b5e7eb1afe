"""Reading the facts: each table once, as the plain rows the metrics take.

A `Facts` is made for one page or call. Whatever is asked of it first reads a
table, everything later (twelve months of a trend) is computed from the same
rows. Internal customers and events are left out here, once for all metrics.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from analytics.scores.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics import periods
from analytics.success.metrics.waiting import BusinessHours
from outbox.days import local_date
from surveys.models import Customer, Segment
from surveys.segments import segment_q

_BEFORE = timedelta(days=62)
"""How far before the first day happenings are read that may belong to it (threads, returns)."""


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


class Served(NamedTuple):
    """A ticket with what the waiting times need beside the plain ticket."""

    ticket: plain.Ticket
    replied: datetime | None


class MissingRates(Exception):
    """A total over these currencies would be a lie; `currencies` have no exchange rate."""

    def __init__(self, currencies: Iterable[str]) -> None:
        self.currencies = sorted(set(currencies))
        super().__init__(", ".join(self.currencies))


class Facts:
    """The facts of the days [since, after) and the history they need, as known at `as_of`."""

    def __init__(self, *, since: date, after: date, as_of: datetime, segment: str = "") -> None:
        """LookupError when there is no segment of that name."""
        self.since, self.after, self.as_of = since, after, as_of
        self.zone = settings.TIME_ZONE
        self.segment = segment
        self.conventions = models.conventions_in_force()
        self._customers = Customer.objects.filter(is_internal=False)
        if segment:
            found = Segment.objects.prefetch_related("conditions").filter(slug=segment).first()
            if found is None:
                raise LookupError(f"There is no segment '{segment[:60]}'.")
            self._customers = self._customers.filter(segment_q(found.conditions.all()))

    # ---- Time --------------------------------------------------------------------

    @property
    def today(self) -> date:
        return local_date(self.as_of)

    def is_open(self, period: Period) -> bool:
        return self.as_of < self.instants(period).stop

    def instants(self, period: Period) -> periods.Period:
        return periods.between(period.start, period.stop, zone=self.zone)

    def known(self, period: Period) -> periods.Period:
        """Return the instants of a period as far as it has come."""
        whole = self.instants(period)
        return periods.Period(whole.start, max(whole.start, min(whole.stop, self.as_of)))

    # ---- Whose facts -------------------------------------------------------------

    def of_customers(self, model: type[Any]) -> QuerySet[Any]:
        """Return rows of customers who count; rows without one count outside segments."""
        rows = model._default_manager.all()
        if self.segment:
            return rows.filter(customer__in=self._customers)
        return rows.filter(Q(customer__isnull=True) | Q(customer__is_internal=False))

    @cached_property
    def customers(self) -> dict[int, tuple[str, str]]:
        """Return primary key -> (external id, name)."""
        rows = self._customers.values_list("pk", "external_id", "name")
        return {key: (external, name) for key, external, name in rows}

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
            state = State(*values, "")
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

    # ---- Usage -------------------------------------------------------------------

    @cached_property
    def user_days(self) -> list[tuple[str, date, int | None]]:
        """Return distinct (user, day, customer) of core events since a while before `since`."""
        rows = self._events.filter(
            is_core=True, day__gte=self.since - _BEFORE, day__lt=self.after
        ).order_by()
        return list(rows.values_list("user", "day", "customer_id").distinct())

    @property
    def _events(self) -> QuerySet[models.UsageEvent]:
        return self.of_customers(models.UsageEvent).filter(is_internal=False)

    @cached_property
    def tracked_since(self) -> date | None:
        """Return the first day with any usage event; before it nobody was watching."""
        found: date | None = self._events.aggregate(first=Min("day"))["first"]
        return found

    def instants_by_user(self, period: Period) -> dict[plain.Id, list[datetime]]:
        """Return when each user did anything, for sessions that begin in the period."""
        found: dict[plain.Id, list[datetime]] = {}
        rows = self._events.filter(day__gte=period.start, day__lt=period.stop).order_by()
        for user, at in rows.values_list("user", "at").iterator(chunk_size=5000):
            found.setdefault(user, []).append(at)
        return found

    @cached_property
    def entitlements(self) -> list[models.Entitlement]:
        return list(self.of_customers(models.Entitlement).order_by("first_date"))

    @cached_property
    def first_days(self) -> dict[tuple[str, int | None], date]:
        """Return (user, customer) -> the first day they were seen."""
        rows = self._events.order_by().values("user", "customer_id").annotate(first=Min("day"))
        return {(row["user"], row["customer_id"]): row["first"] for row in rows}

    @cached_property
    def feature_days(self) -> dict[tuple[str, int | None, str], list[date]]:
        """Return (user, customer, feature) -> days of use, a day repeated for each use."""
        rows = self._events.exclude(feature="").order_by()
        counted = rows.values_list("user", "customer_id", "feature", "day").annotate(n=Count("pk"))
        found: dict[tuple[str, int | None, str], list[date]] = {}
        for user, customer, feature, day, n in counted:
            found.setdefault((user, customer, feature), []).extend([day] * n)
        return found

    # ---- Support -----------------------------------------------------------------

    @cached_property
    def served(self) -> list[Served]:
        """Return the tickets that were opened, open or solved from a while before `since`."""
        edge = periods.local_midnight(self.since - _BEFORE, self.zone)
        after = periods.local_midnight(self.after, self.zone)
        rows = self.of_customers(models.Ticket).filter(
            Q(opened_at__gte=edge) | Q(solved_at__gte=edge) | Q(solved_at__isnull=True),
            opened_at__lt=after,
        )
        return [
            Served(
                plain.Ticket(
                    id=row.external_id,
                    customer=row.customer_id or row.requester or row.external_id,
                    issue=row.issue or row.external_id,
                    opened=row.opened_at,
                    solved=row.solved_at,
                    inbound_contacts=row.inbound_contacts,
                    reopened=row.reopened,
                    is_escalated=row.is_escalated,
                    flag=row.flag,
                    channel=row.channel,
                    is_other_department=row.is_other_department,
                ),
                row.first_reply_at,
            )
            for row in rows
        ]

    def legs(self, period: Period) -> list[plain.Leg]:
        """Return the parts of contacts whose work ended in the period."""
        span = self.instants(period)
        names = ("contact", "channel", "talk_seconds", "hold_seconds", "wrap_seconds",
                 "is_abandoned", "concurrency", "is_bot")  # fmt: skip
        rows = self.of_customers(models.ContactLeg)
        inside = rows.filter(ended_at__gte=span.start, ended_at__lt=span.stop)
        return [plain.Leg(*values) for values in inside.values_list(*names)]

    @cached_property
    def hours(self) -> BusinessHours | None:
        """Return when somebody is there; None when no opening hours are known."""
        week: dict[int, list[Any]] = {}
        for row in models.OpeningHours.objects.all():
            week.setdefault(row.weekday, []).append((row.opens, row.closes))
        if not week:
            return None
        closed = frozenset(models.Holiday.objects.values_list("day", flat=True))
        return BusinessHours(self.zone, week, closed)


def _ending(status: str, cause: str) -> str:
    """Return why paying ended, by the state that followed."""
    if status in ("active", "past_due"):
        return ""
    if status == "unpaid" or cause.lower() == "payment":
        return "payment"
    return "paused" if status == "paused" else "voluntary"
