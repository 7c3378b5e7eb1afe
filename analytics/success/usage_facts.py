"""Reading what customers do: events of usage, what they may use, who came when.

A small workspace's days of users are held for all periods. Of a large one the
database counts, and nothing is held but the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncWeek

from analytics.periods import Period
from analytics.success import models
from analytics.success.metrics import facts as plain
from analytics.success.metrics.activity import ActiveUsers, active_of, active_users
from analytics.success.metrics.sessions import Session, sessions, starting_in
from analytics.success.reading import Reading
from outbox.days import local_date

_FEW = 5_000  # customers that go into one condition
MOST_HELD = 50_000
"""Usage events up to which the days of all users are held."""
UserDay = tuple[str, date, int | None]
FeatureKey = tuple[str, int | None, str]


class UsageFacts(Reading):
    # ---- Who came --------------------------------------------------------------------

    @cached_property
    def _held(self) -> list[UserDay] | None:
        """Return every (user, day, customer) with a core event, None where they are too many."""
        return None if self._is_long else _distinct(self._core)

    @property
    def _is_long(self) -> bool:
        rows = models.UsageEvent.objects.order_by("pk").values("pk")
        return self.in_general(("long usage",), rows[MOST_HELD : MOST_HELD + 1].exists)

    def _between_days(self, first: date, after: date) -> list[UserDay]:
        return [row for row in self._held or () if first <= row[1] < after]

    def _core_of(self, first: date, after: date) -> QuerySet[models.UsageEvent]:
        return self._core.filter(day__gte=first, day__lt=after)

    def users_between(self, first: date, after: date) -> int:
        """Return how many distinct users had a core event on [first, after)."""

        def count() -> int:
            if self._held is not None:
                return len({user for user, _day, _who in self._between_days(first, after)})
            found = self._core_of(first, after).aggregate(n=Count("user", distinct=True))
            return int(found["n"])

        return self.once(("users", first, after), count)

    def active_between(self, first: date, after: date) -> ActiveUsers:
        """Return the distinct users of [first, after), and of each of its days."""

        def count() -> ActiveUsers:
            if self._held is not None:
                pairs = ((user, day) for user, day, _who in self._between_days(first, after))
                return active_users(pairs, first=first, after=after)
            rows = self._core_of(first, after).values_list("day")
            by_day = dict(rows.annotate(n=Count("user", distinct=True)))
            users = self.users_between(first, after)
            return active_of(by_day, users, first=first, after=after)

        return self.once(("active", first, after), count)

    @property
    def newcomers(self) -> Counter[date]:
        """Return day -> how many users had their first core event ever on it."""
        return self.in_general(("newcomers",), self._count_newcomers)

    def _count_newcomers(self) -> Counter[date]:
        if self._held is not None:
            found: dict[str, date] = {}
            for user, day, _who in self._held:
                found[user] = min(day, found.get(user, day))
            return Counter(found.values())
        rows = self._core.values("user").annotate(first=Min("day")).values_list("first", flat=True)
        return Counter(rows.iterator(chunk_size=self.chunk))

    def comers(self, first: date, after: date) -> Iterator[tuple[int | None, int, int]]:
        """Yield each customer with their users of [first, after), and the days of all of those."""
        rows: Iterable[tuple[int | None, str, int]]
        if self._held is not None:
            days = Counter((who, user) for user, _d, who in self._between_days(first, after))
            rows = sorted(
                ((who, user, n) for (who, user), n in days.items()), key=lambda r: (r[0] or 0, r[1])
            )
        else:
            listed = self._core_of(first, after).values_list("customer_id", "user")
            counted = listed.annotate(n=Count("day", distinct=True)).order_by("customer_id")
            rows = counted.iterator(chunk_size=self.chunk)
        for who, group in groupby(rows, key=itemgetter(0)):
            of_users = [n for _who, _user, n in group]
            yield who, len(of_users), sum(of_users)

    def users_by_week(self, first: date, after: date) -> Mapping[tuple[int, date], int]:
        """Return (customer, Monday) -> distinct users with a core event in that week.

        `first` is a Monday; of the last week only the days before `after` count.
        """
        if self._held is not None:
            seen = {
                (user, who, day - timedelta(days=day.weekday()))
                for user, day, who in self._between_days(first, after)
                if who is not None
            }
            return Counter((who, monday) for _user, who, monday in seen)
        rows = self._core_of(first, after).exclude(customer=None)
        listed = rows.values_list("customer_id", TruncWeek("day"))
        counted = listed.annotate(n=Count("user", distinct=True)).iterator(chunk_size=self.chunk)
        return {(who, monday): n for who, monday, n in counted}

    @property
    def _events(self) -> QuerySet[models.UsageEvent]:
        return used(self.of_customers(models.UsageEvent))

    @property
    def _core(self) -> QuerySet[models.UsageEvent]:
        return self._events.filter(is_core=True)

    @property
    def tracked_since(self) -> date | None:
        """Return the first day with any usage event; before it nobody was watching."""
        rows = used(self.of_everybody(models.UsageEvent)).order_by("day")
        return self.in_general(("tracked since",), rows.values_list("day", flat=True).first)

    @property
    def tracked_until(self) -> date | None:
        """Return the newest day with any usage event, of all customers, as known at `as_of`."""
        rows = models.UsageEvent.objects.filter(kind="", day__lte=self.today).order_by("-day")
        return rows.values_list("day", flat=True).first()

    def sessions(self, period: Period) -> Iterator[tuple[plain.Id, list[Session]]]:
        """Yield each user's sessions that begin in the period, one user after the other.

        A day on each side is read, too, so that a visit over midnight is one
        visit, of the day it began on.
        """
        day = timedelta(days=1)
        rows = self._events.filter(day__gte=period.start - day, day__lt=period.stop + day)
        ordered = (
            rows.order_by("user", "at").values_list("user", "at").iterator(chunk_size=self.chunk)
        )
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
        listed = rows.values_list("user", "customer_id", "at", "name").iterator(
            chunk_size=self.chunk
        )
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

    @property
    def has_feature_users(self) -> bool:
        """Return whether anybody is known at a customer whose features are known."""
        return self.in_general(("feature users",), self._find_feature_users)

    def _find_feature_users(self) -> bool:
        held = self.of_everybody(models.Entitlement).exclude(feature="").values("customer")
        events = used(self.of_everybody(models.UsageEvent)).filter(customer__in=held)
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

    def feature_users_between(self, first: date, after: date) -> dict[str, int]:
        """Return feature -> how many users active on [first, after) used it then."""
        if self._held is not None:
            active = {user for user, _day, _who in self._between_days(first, after)}
            users: dict[str, set[str]] = {}
            for user, _who, feature, _day, _n in self._feature_rows(first, after):
                users.setdefault(feature, set()).add(user)
            return {feature: len(own & active) for feature, own in users.items()}
        rows = self._featured(first, after)
        found = dict.fromkeys(rows.values_list("feature", flat=True).distinct(), 0)
        active_rows = rows.filter(user__in=self._core_of(first, after).values("user"))
        counted = active_rows.values_list("feature").annotate(n=Count("user", distinct=True))
        return found | dict(counted)

    def _feature_rows(self, first: date, after: date) -> Iterable[tuple[Any, ...]]:
        """Return (user, customer, feature, day, uses) of the days [first, after)."""
        if self._held_features is not None:
            return [row for row in self._held_features if first <= row[3] < after]
        return self._counted(first, after).iterator(chunk_size=self.chunk)

    @cached_property
    def _held_features(self) -> list[tuple[Any, ...]] | None:
        return None if self._is_long else list(self._counted(date.min, date.max))

    def _counted(self, first: date, after: date) -> QuerySet[models.UsageEvent, tuple[Any, ...]]:
        rows = self._featured(first, after)
        return rows.values_list("user", "customer_id", "feature", "day").annotate(n=Count("pk"))

    def _featured(self, first: date, after: date) -> QuerySet[models.UsageEvent]:
        return self._events.exclude(feature="").filter(day__gte=first, day__lt=after)


def used(rows: QuerySet[models.UsageEvent]) -> QuerySet[models.UsageEvent]:
    """Leave the use of the product: nothing of the house, and no rage clicks and errors."""
    return by_outsiders(rows).filter(kind="")


def by_outsiders(rows: QuerySet[models.UsageEvent]) -> QuerySet[models.UsageEvent]:
    """Leave out what people of the house did."""
    own = models.ProductUser.objects.filter(is_internal=True).values("external_id")
    return rows.filter(is_internal=False).exclude(user__in=own).order_by()


def _distinct(rows: QuerySet[models.UsageEvent]) -> list[UserDay]:
    names: dict[str, str] = {}  # one text for each user, however many their days
    found = rows.values_list("user", "day", "customer_id").distinct().iterator()
    return [(names.setdefault(user, user), day, who) for user, day, who in found]
