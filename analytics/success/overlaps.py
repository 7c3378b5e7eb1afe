"""Rows that would share days with another one: two terms of a subscription at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from analytics.success.kind import Kind, Row
from analytics.success.refusals import Refusal

_ASK = 5000  # values in one IN (...)
Span = tuple[date, date, str]  # first and last day, and whose they are


def refuse_overlaps(kind: Kind, rows: Mapping[int, Row], refusals: list[Refusal]) -> dict[int, Row]:
    """Return the rows whose days are free, beside stored rows and those before them here.

    A stored row that is sent again under its key makes way for what it is now.
    """
    if kind.spans is None:
        return dict(rows)
    group, first, last = kind.spans
    [key] = kind.key
    taken = _stored(kind, rows)
    good: dict[int, Row] = {}
    for index, row in rows.items():
        if not row[group] or row[first] is None:
            good[index] = row
            continue
        spans = taken.setdefault(row[group], [])
        other = next((s for s in spans if s[0] <= row[last] and row[first] <= s[1]), None)
        if other is None:
            spans.append((row[first], row[last], row[key]))
            good[index] = row
        else:
            message = _("overlaps with %(other)s, which covers %(first)s to %(last)s")
            words = {"other": other[2], "first": other[0], "last": other[1]}
            refusals.append(Refusal(index, first, message % words))
    return good


def _stored(kind: Kind, rows: Mapping[int, Row]) -> dict[str, list[Span]]:
    assert kind.spans is not None  # noqa: S101 - the caller has looked
    group, first, last = kind.spans
    [key] = kind.key
    sent = {row[key] for row in rows.values()}
    names = sorted({row[group] for row in rows.values() if row[group]})
    taken: dict[str, list[Span]] = {}
    for start in range(0, len(names), _ASK):
        part = {f"{group}__in": names[start : start + _ASK], f"{first}__isnull": False}
        found = kind.model._default_manager.filter(**part).values_list(group, first, last, key)
        for name, begins, ends, who in found:
            if who not in sent:
                taken.setdefault(name, []).append((begins, ends, who))
    return taken
