"""Definitions of health as they were set: the one in force, any version, the next one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from analytics.success.metrics.health_definition import (
    ALL,
    MOST_POINTS,
    NEW,
    Definition,
    Flaw,
    flaws_of,
)
from analytics.success.models import HealthDefinition
from analytics.success.timeline import component_words
from outbox.transactions import write
from surveys.models import Customer, Segment
from surveys.segments import segment_q

log = logging.getLogger(__name__)
_MOST_GROUPS = 22


class BadDefinition(ValueError):
    """It cannot be used; `problems` is place -> reasons."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__("; ".join(reason for reasons in problems.values() for reason in reasons))
        self.problems = problems


class Overtaken(Exception):
    """Somebody else has set a newer version meanwhile."""


def definition_in_force() -> Definition:
    row = HealthDefinition.objects.first()
    return plain(row) if row else Definition()


def plain(row: HealthDefinition) -> Definition:
    return Definition(row.version, row.weights, curves_of(row.curves))


def curves_of(stored: Mapping[str, Any]) -> dict[str, tuple[tuple[float, float], ...]]:
    return {
        name: tuple((float(value), float(score)) for value, score in points)
        for name, points in stored.items()
    }


def store(definition: Definition, *, follows: int, reason: str, by: str) -> HealthDefinition:
    """Put the next version in force. BadDefinition; Overtaken unless `follows` is the newest."""
    if found := problems_of(definition):
        raise BadDefinition(found)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise BadDefinition({"reason": [_("Say why: the scores before and after will differ.")]})
    if definition_in_force().version != follows:
        raise Overtaken
    try:
        with write(), transaction.atomic():
            row = HealthDefinition.objects.create(
                version=follows + 1,
                weights={group: dict(weights) for group, weights in definition.weights.items()},
                curves={
                    name: [list(p) for p in points] for name, points in definition.curves.items()
                },
                reason=reason,
                by=by,
            )
    except IntegrityError:
        raise Overtaken from None
    log.info("health definition set version=%d", row.version)
    return row


def accounts_in(segments: Iterable[str], among: Iterable[int]) -> dict[str, set[int]]:
    """Return segment -> who of some customers is in it, for those segments there still are."""
    keys = list(among)
    names = list(segments)
    rows = {
        row.slug: row
        for row in Segment.objects.filter(slug__in=names).prefetch_related("conditions")
    }
    return {
        name: set(
            Customer.objects.filter(
                segment_q(rows[name].conditions.all()), pk__any_of=keys
            ).values_list("pk", flat=True)
        )
        for name in names
        if name in rows
    }


# ---- In words ------------------------------------------------------------------------


def problems_of(definition: Definition) -> dict[str, list[str]]:
    """Return place -> what is wrong there and what to do, in words; {} for a usable one."""
    found: dict[str, list[str]] = {}
    for flaw in flaws_of(definition):
        found.setdefault(flaw.place, []).append(_flaw_words(flaw))
    known = set(Segment.objects.filter(slug__in=definition.segments).values_list("slug", flat=True))
    for name in definition.segments:
        if name not in known:
            found.setdefault(f"weights.{name}", []).append(_("There is no such segment."))
    if len(definition.weights) > _MOST_GROUPS:
        message = _("At most %(most)s segments have weights of their own.")
        found.setdefault("weights", []).append(message % {"most": _MOST_GROUPS - 2})
    return found


def _flaw_words(flaw: Flaw) -> str:
    said = {
        "no_weights": _("The weights of all accounts are missing."),
        "missing": _("The weight of “%(about)s” is missing; 0 leaves the component out."),
        "unknown": _("There is nothing called %(about)s."),
        "negative": _("The weight of “%(about)s” is below zero."),
        "sum": _("The weights add up to %(about)s; let them add up to 100."),
        "no_curve": _("This curve is missing."),
        "few_points": _("A curve needs two points: where it begins and where it ends."),
        "many_points": _("At most %(most)s points."),
        "value_range": _("%(about)s is not possible here."),
        "score_range": _("%(about)s is not between 0 and 100 points."),
        "order": _("Values must rise: %(about)s does not follow the one before it."),
        "direction": _("At %(about)s the points turn round: better must never score less."),
        "flat": _("Both ends score the same: it would tell nobody apart."),
    }[flaw.wrong]  # fmt: skip
    about = flaw.about
    if flaw.wrong in ("missing", "negative"):
        about = component_words(flaw.about)
    return said % {"about": about, "most": MOST_POINTS}


def with_segment(definition: Definition, segment: str) -> Definition:
    """Return a definition in which a segment starts with the weights of all."""
    if segment in definition.weights:
        return definition
    return replace(
        definition, weights={**definition.weights, segment: dict(definition.weights[ALL])}
    )


def group_words(group: str, names: Mapping[str, str]) -> str:
    """Return whose weights these are; `names` are those of segments."""
    if group == ALL:
        return _("All accounts")
    if group == NEW:
        return _("New accounts (30 days)")
    return names.get(group, group)
