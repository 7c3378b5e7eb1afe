"""Reading what customers do and how they are helped: usage, entitlements, tickets, contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, QuerySet

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics import periods
from analytics.success.metrics.sessions import Session, sessions, starting_in
from analytics.success.metrics.waiting import BusinessHours, business_time
from analytics.success.reading import Reading
from outbox.days import local_date

_BEFORE = timedelta(days=62)
"""How far before the first day happenings are read that may belong to it (threads, returns)."""


_FEW = 5_000  # customers that go into one condition
MOST_HELD = 100_000
"""Usage events up to which a page holds the days of all users."""
UserDay = tuple[str, date, int | None]
FeatureKey = tuple[str, int | None, str]


class Served(NamedTuple):
    """A ticket with what the waiting times need beside the plain ticket."""

    ticket: plain.Ticket
    replied: datetime | None


class ServiceFacts(Reading):
    # ---- Usage -------------------------------------------------------------------

    def user_days(self, first: date, after: date) -> list[UserDay]:
        """Return distinct (user, day, customer) of core events on the days [first, after)."""
        wider = self._held if self._held is not None else self._wider(first, after)
        if wider is not None:
            return [row for row in wider if first <= row[1] < after]
        days = self._core.filter(day__gte=first, day__lt=after)
        return self.once(("user days", first, after), lambda: _distinct(days))

    def _wider(self, first: date, after: date) -> list[UserDay] | None:
        """Return the days of users read already in which these lie."""
        for key, rows in self._noted.items():
            if key[0] == "user days" and key[1] <= first and after <= key[2]:
                found: list[UserDay] = rows
                return found
        return None

    @cached_property
    def _held(self) -> list[UserDay] | None:
        """Return the days of all users, None when there are too many events to hold."""
        return None if self._is_long else _distinct(self._core)

    @cached_property
    def _is_long(self) -> bool:
        rows = models.UsageEvent.objects.order_by("pk").values("pk")
        return rows[MOST_HELD : MOST_HELD + 1].exists()

    def users_between(self, first: date, after: date) -> set[str]:
        """Return the distinct users with a core event on [first, after)."""
        return self.once(("users", first, after), lambda: self._users_between(first, after))

    def _users_between(self, first: date, after: date) -> set[str]:
        if self._held is not None or self._wider(first, after) is not None:
            return {user for user, _day, _who in self.user_days(first, after)}
        rows = self._core.filter(day__gte=first, day__lt=after)
        return set(rows.values_list("user", flat=True).distinct().iterator(chunk_size=5000))

    @cached_property
    def first_core_days(self) -> dict[str, date]:
        """Return user -> the first day with a core event, ever."""
        if self._held is not None:
            found: dict[str, date] = {}
            for user, day, _who in self._held:
                found[user] = min(day, found.get(user, day))
            return found
        rows = self._core.values("user").annotate(first=Min("day"))
        return dict(rows.values_list("user", "first").iterator(chunk_size=5000))

    @property
    def _events(self) -> QuerySet[models.UsageEvent]:
        return _outside(self.of_customers(models.UsageEvent))

    @property
    def _core(self) -> QuerySet[models.UsageEvent]:
        return self._events.filter(is_core=True)

    @cached_property
    def tracked_since(self) -> date | None:
        """Return the first day with any usage event; before it nobody was watching."""
        return (
            _outside(self.of_everybody(models.UsageEvent))
            .order_by("day")
            .values_list("day", flat=True)
            .first()
        )

    @property
    def tracked_until(self) -> date | None:
        """Return the newest day with any usage event, of all customers, as known at `as_of`."""
        rows = models.UsageEvent.objects.filter(day__lte=self.today).order_by("-day")
        return rows.values_list("day", flat=True).first()

    def sessions(self, period: Period) -> Iterator[tuple[plain.Id, list[Session]]]:
        """Yield each user's sessions that begin in the period, one user after the other.

        A day on each side is read, too, so that a visit over midnight is one
        visit, of the day it began on.
        """
        day = timedelta(days=1)
        rows = self._events.filter(day__gte=period.start - day, day__lt=period.stop + day)
        ordered = rows.order_by("user", "at").values_list("user", "at").iterator(chunk_size=5000)
        span = self.instants(period)
        for user, group in groupby(ordered, key=itemgetter(0)):
            if inside := starting_in(sessions((at for _user, at in group), ordered=True), span):
                yield user, inside

    def happenings(
        self, names: Iterable[str], period: Period, *, days: int
    ) -> Iterator[tuple[plain.Id, int | None, list[tuple[datetime, str]]]]:
        """Yield user, customer and events of these names, of a period and so many days after it.

        Events of the future (as seen from `as_of`) have not happened yet.
        """
        after = min(period.stop + timedelta(days=days + 1), self.today + timedelta(days=1))
        rows = self._events.filter(
            name__in=list(names), day__gte=period.start, day__lt=after, at__lte=self.as_of
        ).order_by("user", "at", "pk")
        listed = rows.values_list("user", "customer_id", "at", "name").iterator(chunk_size=5000)
        for user, group in groupby(listed, key=itemgetter(0)):
            events = list(group)
            yield user, events[0][1], [(at, name) for _user, _who, at, name in events]

    @cached_property
    def entitlements(self) -> list[models.Entitlement]:
        return list(self.of_customers(models.Entitlement).order_by("first_date"))

    @cached_property
    def first_days(self) -> dict[tuple[str, int | None], date]:
        """Return (user, customer) -> the first day they were there, told or seen.

        Only of customers whose features are known: of the others nobody asks.
        """
        entitled = {held.customer_id for held in self.entitlements if held.feature}
        events = self._events
        if len(entitled) < _FEW:
            events = events.filter(customer__in=entitled)
        rows = events.values("user", "customer_id").annotate(first=Min("day"))
        found: dict[tuple[str, int | None], date] = {
            (user, who): first
            for user, who, first in rows.values_list("user", "customer_id", "first")
        }
        told = self.of_customers(models.ProductUser).filter(is_internal=False)
        known = told.exclude(created_at=None).values_list(
            "external_id", "customer_id", "created_at"
        )
        for user, who, at in known:
            day = local_date(at)
            found[user, who] = min(day, found.get((user, who), day))
        return found

    @cached_property
    def has_feature_users(self) -> bool:
        """Return whether anybody is known at a customer whose features are known."""
        held = self.of_everybody(models.Entitlement).exclude(feature="").values("customer")
        events = _outside(self.of_everybody(models.UsageEvent)).filter(customer__in=held)
        if events.exists():
            return True
        people = self.of_everybody(models.ProductUser).filter(is_internal=False)
        return bool(people.exclude(created_at=None).filter(customer__in=held).exists())

    def features_used(self) -> set[tuple[int | None, str]]:
        """Return every (customer, feature) that was ever used, where features are known."""
        held = self.of_customers(models.Entitlement).exclude(feature="").values("customer")
        rows = self._featured(date.min, date.max).filter(customer__in=held)
        return set(rows.values_list("customer_id", "feature").distinct())

    def feature_days(
        self,
        wanted: Callable[[FeatureKey], bool] | None = None,
        *,
        first: date = date.min,
        after: date = date.max,
    ) -> dict[FeatureKey, list[date]]:
        """Return (user, customer, feature) -> days of use, a day repeated for each use.

        Only keys that are `wanted` are kept, on the days [first, after).
        """
        found: dict[FeatureKey, list[date]] = {}
        for *key, day, n in self._feature_rows(first, after):
            user, customer, feature = key
            if wanted is None or wanted((user, customer, feature)):
                found.setdefault((user, customer, feature), []).extend([day] * n)
        return found

    def feature_users_between(self, first: date, after: date) -> dict[str, set[plain.Id]]:
        """Return feature -> who used it on the days [first, after)."""
        found: dict[str, set[plain.Id]] = {}
        rows: Iterable[tuple[str, str]]
        if self._held_features is not None:
            rows = [
                (feature, user) for user, _w, feature, _d, _n in self._feature_rows(first, after)
            ]
        else:
            rows = (
                self._featured(first, after)
                .values_list("feature", "user")
                .distinct()
                .iterator(chunk_size=5000)
            )
        for feature, user in rows:
            found.setdefault(feature, set()).add(user)
        return found

    def _feature_rows(self, first: date, after: date) -> Iterable[tuple[Any, ...]]:
        """Return (user, customer, feature, day, uses) of the days [first, after)."""
        if self._held_features is not None:
            return [row for row in self._held_features if first <= row[3] < after]
        return self._counted(first, after).iterator(chunk_size=5000)

    @cached_property
    def _held_features(self) -> list[tuple[Any, ...]] | None:
        return None if self._is_long else list(self._counted(date.min, date.max))

    def _counted(self, first: date, after: date) -> QuerySet[models.UsageEvent, tuple[Any, ...]]:
        rows = self._featured(first, after)
        return rows.values_list("user", "customer_id", "feature", "day").annotate(n=Count("pk"))

    def _featured(self, first: date, after: date) -> QuerySet[models.UsageEvent]:
        return self._events.exclude(feature="").filter(day__gte=first, day__lt=after)

    # ---- Support -----------------------------------------------------------------

    @cached_property
    def has_served(self) -> bool:
        """Return whether any customer's ticket is known of these days."""
        return bool(self.served) or (
            self.only is not None and self._tickets(self.of_everybody(models.Ticket)).exists()
        )

    @cached_property
    def served(self) -> list[Served]:
        """Return the tickets that were opened, open or solved from a while before `since`."""
        rows = self._tickets(self.of_customers(models.Ticket))
        return [self._served(row) for row in rows]

    def _tickets(self, rows: QuerySet[models.Ticket]) -> QuerySet[models.Ticket]:
        edge = periods.local_midnight(self.since - _BEFORE, self.zone)
        # what follows a solution of the last day decides whether it was one
        follow = timedelta(days=self.conventions.contact_days + 1)
        after = periods.local_midnight(self.after + follow, self.zone)
        return rows.filter(
            Q(opened_at__gte=edge) | Q(solved_at__gte=edge) | Q(solved_at__isnull=True),
            opened_at__lt=after,
        )

    def _served(self, row: models.Ticket) -> Served:
        ticket = plain.Ticket(
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
            business_seconds=self._business_seconds(row),
        )
        return Served(ticket, row.first_reply_at)

    def _business_seconds(self, row: models.Ticket) -> float | None:
        """Return the open seconds to the solution where the rule for mail asks for them."""
        if not self.conventions.is_mail_hour or row.solved_at is None:
            return None
        if self.hours is None:
            return (row.solved_at - row.opened_at).total_seconds()
        return float(business_time(row.opened_at, row.solved_at, self.hours).value or 0)

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


def _outside(rows: QuerySet[models.UsageEvent]) -> QuerySet[models.UsageEvent]:
    """Leave out what people of the house did."""
    own = models.ProductUser.objects.filter(is_internal=True).values("external_id")
    return rows.filter(is_internal=False).exclude(user__in=own).order_by()


def _distinct(rows: QuerySet[models.UsageEvent]) -> list[UserDay]:
    names: dict[str, str] = {}  # one text for each user, however many their days
    found = rows.values_list("user", "day", "customer_id").distinct()
    return [
        (names.setdefault(user, user), day, who)
        for user, day, who in found.iterator(chunk_size=5000)
    ]
