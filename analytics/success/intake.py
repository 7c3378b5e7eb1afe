"""Taking facts in: each row checked alone, all good ones written with a few statements.

Repeatable: a row sent again under the same key replaces itself, and an equal
one is not written at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.success.cells import BadCell, shown
from analytics.success.daily import plan_soon, soon
from analytics.success.kind import Kind, Row
from analytics.success.models import SubscriptionState
from analytics.success.overlaps import refuse_overlaps
from analytics.success.refusals import Refusal
from analytics.success.sources import note_received
from analytics.success.told import note_told
from feedback.copying import insert_many
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.transactions import write
from surveys.models import Customer

MOST_ROWS = 5000
_ASK = 5000  # values in one IN (...)
_KEEP = object()  # a column left out of a row of a kind that keeps what is missing


@dataclass(slots=True)
class Intake:
    """What became of the rows; `is_kept` False means nothing was written."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    is_kept: bool = True

    @property
    def refused(self) -> int:
        return len({refusal.index for refusal in self.refusals})


def take_in(
    kind: Kind,
    rows: Sequence[Any],
    *,
    all_or_nothing: bool = False,
    is_dry: bool = False,
    is_demo: bool = False,
    numbers: Sequence[int] | None = None,
) -> Intake:
    """Check rows (mappings of column -> value) and store the good ones.

    With `all_or_nothing` a single refusal keeps all of them out; `is_dry`
    stores nothing and tells what would happen. `numbers` are what the rows are
    called where they come from; without them they count from 0.
    """
    found = Intake()
    good = _good_rows(kind, rows, found.refusals, numbers or range(len(rows)))
    now = timezone.now()
    with write():
        good = _with_customers(kind, good, found.refusals)
        good = refuse_overlaps(kind, good, found.refusals)
        changed = _changed(kind, list(good.values()), found)
        found.is_kept = not is_dry and not (all_or_nothing and found.refusals)
        if found.is_kept and changed:
            _store(kind, changed, is_demo=is_demo, is_new=not found.updated)
            if kind.after:
                kind.after(changed)
            enqueue([soon(local_date(now), now), plan_soon(now)])
            note_told(kind.slug, len(changed))
        if good and found.is_kept:
            note_received(kind.slug, now)
    found.refusals.sort(key=lambda refusal: refusal.index)
    return found


# ---- Checking ------------------------------------------------------------------------


def _good_rows(
    kind: Kind, rows: Sequence[Any], refusals: list[Refusal], numbers: Sequence[int]
) -> dict[int, Row]:
    """Return index -> read row of those that can be read, one for each key."""
    good: dict[int, Row] = {}
    seen: dict[tuple[Any, ...], int] = {}
    for index, sent in enumerate(rows):
        before = len(refusals)
        row = _read(kind, sent, index, refusals)
        if len(refusals) > before:
            continue
        key = key_of(kind, row)
        if key in seen:
            message = _("row %(other)s has the same %(key)s; send it once")
            words = {"other": numbers[seen[key]], "key": ", ".join(kind.key)}
            refusals.append(Refusal(index, kind.key[0], message % words))
        else:
            seen[key] = index
            good[index] = row
    return good


def key_of(kind: Kind, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in kind.key)


def _read(kind: Kind, sent: Any, index: int, refusals: list[Refusal]) -> Row:
    if not isinstance(sent, Mapping):
        refusals.append(Refusal(index, "", _("a row is an object of columns and values")))
        return {}
    before, row = len(refusals), {}
    for column in kind.fields:
        value = sent.get(column.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            row[column.name] = _KEEP if kind.keeps_missing else column.default
            if column.is_required:
                refusals.append(Refusal(index, column.name, _("is missing")))
            continue
        try:
            row[column.name] = column.read(value)
        except BadCell as bad:
            refusals.append(Refusal(index, column.name, str(bad)))
    if kind.customer:
        row["customer"] = _customer_text(kind, sent.get("customer"), index, refusals)
    _refuse_unknown(kind, sent, index, refusals)
    if len(refusals) == before and kind.check:
        refusals += [Refusal(index, name, reason) for name, reason in kind.check(row)]
    if len(refusals) == before and kind.derive:
        row |= kind.derive(row)
    return row


def _refuse_unknown(kind: Kind, sent: Mapping[str, Any], index: int, into: list[Refusal]) -> None:
    unknown = [name for name in sent if name not in kind.columns]
    for name in unknown:
        message = _("there is no column of this name; known: %(known)s")
        into.append(Refusal(index, shown(name), message % {"known": ", ".join(kind.columns)}))


def _customer_text(kind: Kind, value: Any, index: int, refusals: list[Refusal]) -> str:
    if value is None or value == "":
        if kind.customer == "required":
            refusals.append(Refusal(index, "customer", _("is missing; send its external id")))
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        refusals.append(Refusal(index, "customer", _("send the customer's external id")))
        return ""
    return str(value).strip()


def _with_customers(kind: Kind, rows: Mapping[int, Row], refusals: list[Refusal]) -> dict[int, Row]:
    """Replace customers' external ids by their rows; unknown ones are refused."""
    if not kind.customer:
        return dict(rows)
    known = customer_ids({row["customer"] for row in rows.values() if row["customer"]})
    good: dict[int, Row] = {}
    for index, row in rows.items():
        name = row.pop("customer")
        if name and name not in known:
            message = _("there is no customer %(name)s; send it to facts/customers first")
            refusals.append(Refusal(index, "customer", message % {"name": shown(name)}))
        else:
            is_kept = kind.keeps_missing and not name
            good[index] = row | {"customer_id": _KEEP if is_kept else known.get(name)}
    return good


def customer_ids(names: Iterable[str]) -> dict[str, int]:
    """Return external id -> primary key of the customers there are."""
    found: dict[str, int] = {}
    listed = sorted(names)
    for start in range(0, len(listed), _ASK):
        part = Customer.objects.filter(external_id__in=listed[start : start + _ASK])
        found.update(part.values_list("external_id", "pk"))
    return found


# ---- Writing -------------------------------------------------------------------------


def _changed(kind: Kind, rows: list[Row], found: Intake) -> list[Row]:
    """Count what is new, changed and the same; return the rows to write."""
    if not rows:
        return []
    names = list(rows[0])
    stored = _stored(kind, rows, names)
    changed = []
    for row in rows:
        before = stored.get(key_of(kind, row))
        _fill_gaps(kind, row, dict(zip(names, before, strict=True)) if before else {})
        if before is None:
            found.created += 1
        elif before == tuple(row[name] for name in names):
            found.unchanged += 1
            continue
        else:
            found.updated += 1
        changed.append(row)
    return changed


def _fill_gaps(kind: Kind, row: Row, before: Mapping[str, Any]) -> None:
    for column in kind.fields:
        if row[column.name] is _KEEP:
            row[column.name] = before.get(column.name, column.default)
    if row.get("customer_id") is _KEEP:
        row["customer_id"] = before.get("customer_id")


def _stored(kind: Kind, rows: list[Row], names: list[str]) -> dict[tuple[Any, ...], tuple]:
    first = kind.key[0]
    wanted = sorted({row[first] for row in rows})
    places = [names.index(name) for name in kind.key]
    found: dict[tuple[Any, ...], tuple] = {}
    for start in range(0, len(wanted), _ASK):
        part = {f"{first}__in": wanted[start : start + _ASK]}
        for values in kind.model._default_manager.filter(**part).values_list(*names):
            found[tuple(values[place] for place in places)] = values
    return found


def _store(kind: Kind, rows: list[Row], *, is_demo: bool, is_new: bool) -> None:
    """Write rows; new ones by COPY where there is one, unless somebody else was first."""
    if not (is_new and _insert(kind, rows, is_demo=is_demo)):
        kind.model._default_manager.bulk_create(
            [kind.model(**row, is_demo=is_demo) for row in rows],
            update_conflicts=True,
            unique_fields=list(kind.key),
            update_fields=[name for name in rows[0] if name not in kind.key],
            batch_size=1000,
        )
    if kind.model is SubscriptionState:
        close_states({row["external_id"] for row in rows})


def _insert(kind: Kind, rows: list[Row], *, is_demo: bool) -> bool:
    """Add new rows at once; False when one of them has come in meanwhile."""
    try:
        # COPY speaks the driver's own errors
        with transaction.atomic(), connection.wrap_database_errors:
            insert_many(kind.model, [row | {"is_demo": is_demo} for row in rows])
    except IntegrityError:
        return False
    return True


def close_states(subscriptions: Iterable[str]) -> None:
    """Let every state of these subscriptions end where their next one begins."""
    following = SubscriptionState.objects.filter(
        external_id=OuterRef("external_id"), at__gt=OuterRef("at")
    ).order_by("at")
    listed = sorted(subscriptions)
    for start in range(0, len(listed), _ASK):
        states = SubscriptionState.objects.filter(external_id__in=listed[start : start + _ASK])
        states.update(until=Subquery(following.values("at")[:1]))
