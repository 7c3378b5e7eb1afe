"""Friction: active people who hit a rage click or an error, and where they did.

What is counted is people, not clicks: one broken button pressed forty times by
one person is one person who struggled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from analytics.statistics.change import Change, benjamini_hochberg
from analytics.statistics.result import Result
from analytics.statistics.shares import share, share_change

RAGE_CLICK, ERROR = "rage-click", "error"
CONVENTION = "active users with a rage click or an error, of all active users"


@dataclass(frozen=True, slots=True)
class Struggle:
    """What one person met in one place: `times` rage clicks or errors of one name."""

    user: str
    kind: str
    name: str
    feature: str = ""
    page: str = ""
    times: int = 1

    @property
    def place(self) -> str:
        """Return the feature, else the page; "" where neither is known."""
        return self.feature or self.page


@dataclass(frozen=True, slots=True)
class Came:
    """The active users of some days: how many, and who of them met a rage click or an error."""

    active: int
    struggled: Collection[str]


def friction(struggles: Iterable[Struggle], came: Came) -> Result:
    """Return the share of active users who struggled, a fraction 0..1.

    `parts`: rage clicks and errors as often as they happened, active users with
    each, and how many people struggled without a single core event; those are
    in no part of the share.
    """
    listed = list(struggles)
    users = {kind: {s.user for s in listed if s.kind == kind} for kind in (RAGE_CLICK, ERROR)}
    everybody = users[RAGE_CLICK] | users[ERROR]
    active = {user for user in everybody if user in came.struggled}
    result = share(len(active), came.active, convention=CONVENTION, reason="no_population")
    return replace(
        result,
        parts={
            "rage_clicks": _times(listed, RAGE_CLICK),
            "errors": _times(listed, ERROR),
            "with_rage_clicks": len(users[RAGE_CLICK] & active),
            "with_errors": len(users[ERROR] & active),
            "only_struggled": len(everybody - active),
        },
    )


def _times(struggles: Iterable[Struggle], kind: str) -> int:
    return sum(struggle.times for struggle in struggles if struggle.kind == kind)


@dataclass(frozen=True, slots=True)
class Met:
    """How often something was met, and by how many active users."""

    times: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing people struggle with: a name of one kind in one place.

    `result` is the share of active users it struck, `before` and `change` compare
    with the span before: None where nobody was watching yet. `is_clear` where the
    change is none of chance, all spots tested together.
    """

    place: str
    kind: str
    name: str
    times: int
    result: Result
    before: Result | None = None
    change: Change | None = None
    is_clear: bool = False


Key = tuple[str, str, str]


def spots(
    struggles: Iterable[Struggle], came: Came, *, before: Iterable[Struggle] = (),
    came_before: Came | None = None,
) -> list[Spot]:  # fmt: skip
    """Return what people struggled with, what struck most of them first.

    What only the span before knew stands last, with nobody: that something
    ended is good to know, too.
    """
    now = _met(struggles, came)
    then = {} if came_before is None else _met(before, came_before)
    found = [
        _spot(key, now.get(key, Met()), came, then.get(key, Met()), came_before)
        for key in now.keys() | then.keys()
    ]
    found.sort(key=_rank)
    return _told_from_chance(found)


def _rank(spot: Spot) -> tuple[float, int, str, str, str]:
    return -float(spot.result.numerator or 0), -spot.times, spot.place, spot.kind, spot.name


def _met(struggles: Iterable[Struggle], came: Came) -> dict[Key, Met]:
    times: dict[Key, int] = {}
    users: dict[Key, set[str]] = {}
    for struggle in struggles:
        key = (struggle.place, struggle.kind, struggle.name)
        times[key] = times.get(key, 0) + struggle.times
        own = users.setdefault(key, set())
        if struggle.user in came.struggled:
            own.add(struggle.user)
    return {key: Met(times[key], len(users[key])) for key in times}


def _spot(key: Key, met: Met, came: Came, then: Met, came_before: Came | None) -> Spot:
    place, kind, name = key
    result = share(met.people, came.active, convention=CONVENTION, reason="no_population")
    if came_before is None:
        return Spot(place, kind, name, met.times, result)
    before = share(then.people, came_before.active, convention=CONVENTION, reason="no_population")
    change = share_change((then.people, came_before.active), (met.people, came.active))
    return Spot(place, kind, name, met.times, result, before, change)


def _told_from_chance(found: list[Spot]) -> list[Spot]:
    """Mark the changes that are clear though so many were tested at once."""
    tested = [(i, spot.change.p_value) for i, spot in enumerate(found) if spot.change]
    known = [(i, p) for i, p in tested if p is not None]
    clear = benjamini_hochberg([p for _i, p in known]).rejected
    marks = {i: is_clear for (i, _p), is_clear in zip(known, clear, strict=True)}
    return [replace(spot, is_clear=marks.get(i, False)) for i, spot in enumerate(found)]


def by_place(struggles: Iterable[Struggle], came: Came) -> Mapping[str, Result]:
    """Return place -> share of active users who struggled there, the largest first."""
    users: dict[str, set[str]] = {}
    for struggle in struggles:
        if struggle.user in came.struggled:
            users.setdefault(struggle.place, set()).add(struggle.user)
    ranked = sorted(users.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return {place: share(len(own), came.active, convention=CONVENTION) for place, own in ranked}
