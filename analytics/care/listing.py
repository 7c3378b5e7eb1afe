"""What an address of the lists asks for, and the rows that fit: whose, which, one page of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

from analytics.care.doing import tasks_shown
from analytics.care.models import Task, WarningSign
from analytics.care.rules import KINDS
from analytics.care.signs import open_signs
from analytics.periods import today

WHOSE = ("all", "mine", "nobody")
SIGNS_SHOWN = ("open", "new", "ended")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """`who` is one of WHOSE or the key of a colleague, `kind` a kind of sign or ""."""

    who: str
    show: str
    kind: str = ""

    def query(self, **other: str) -> str:
        """Return the address of this wish with some parts another."""
        parts = {"who": self.who, "show": self.show, "kind": self.kind} | other
        return urlencode({name: value for name, value in parts.items() if value})


def read_wish(request: HttpRequest, shown: tuple[str, ...], *, usual: str) -> Wish:
    """Read an address; what it says wrongly counts as not said."""
    who, show, kind = (request.GET.get(name, "") for name in ("who", "show", "kind"))
    is_somebody = who in WHOSE or (who.isascii() and who.isdecimal() and len(who) < 19)
    return Wish(
        who if is_somebody else usual,
        show if show in shown else shown[0],
        kind if kind in KINDS else "",
    )


def _of(rows: QuerySet[Any], who: str, user: Any) -> QuerySet[Any]:
    if who == "all":
        return rows
    if who == "nobody":
        return rows.filter(owner__isnull=True)
    return rows.filter(owner=user.pk if who == "mine" else int(who))


def signs_of(wish: Wish, user: Any) -> QuerySet[WarningSign]:
    """Return the signs of a wish: open ones by their day, ended ones the newest first."""
    rows = open_signs().order_by("due_date", "id")
    if wish.show == "new":
        rows = rows.filter(state=WarningSign.State.OPEN)
    elif wish.show == "ended":
        ended = WarningSign.objects.filter(ended_at__isnull=False)
        rows = ended.order_by("-ended_at", "-id")
    if wish.kind:
        rows = rows.filter(kind=wish.kind)
    return _of(rows, wish.who, user).select_related("customer", "owner")


def tasks_of(wish: Wish, user: Any) -> QuerySet[Task]:
    return _of(tasks_shown(wish.show, today()), wish.who, user).select_related(
        "customer", "owner", "run"
    )
