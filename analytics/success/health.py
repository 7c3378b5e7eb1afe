"""The health of paying accounts: six components from the facts, one score, and why it moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from analytics.statistics.result import Result
from analytics.success.health_definitions import accounts_in, definition_in_force
from analytics.success.health_measures import (
    Measures,
    health_facts,
    monthly_revenue,
    read_measures,
)
from analytics.success.metrics.health import (
    Band,
    Component,
    HealthChange,
    Override,
    band_of,
    health_change,
    health_score,
)
from analytics.success.metrics.health_definition import COMPONENTS, Definition
from analytics.success.models import HealthSnapshot
from analytics.success.overrides import overrides_at
from analytics.success.queries import Facts

__all__ = ["Health", "Past", "health_facts", "judge", "measure_all", "monthly_revenue",
           "past_of", "take_snapshots"]  # fmt: skip


PREDICTED = "predicted_satisfaction"


@dataclass(frozen=True, slots=True)
class Health:
    """One account now: what it pays, its score with components, the band it is in.

    `band` is computed; `override` is what a person says instead, and never
    touches the score. `group` names whose weights it takes. `predicted` is the
    predicted satisfaction (0..1) that is part of `support`, None where it has none.
    """

    customer: int
    mrr: Decimal | None
    result: Result
    components: tuple[Component, ...]
    band: Band | None
    change: HealthChange | None
    group: str = ""
    version: int = 1
    override: Override | None = None
    is_redefined: bool = False
    predicted: float | None = None

    @property
    def score(self) -> float | None:
        return None if self.result.value is None else float(self.result.value)

    @property
    def shown(self) -> Band | None:
        """Return the band people go by: the override's while there is one."""
        return self.override.band if self.override else self.band

    @property
    def lost(self) -> list[tuple[str, float]]:
        """Return components with the points they cost, largest loss first."""
        lost: Mapping[str, float] = self.result.parts.get("points_lost", {})
        return sorted(lost.items(), key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class Past:
    """How accounts stood: a month ago for the change, yesterday for the band."""

    month: Mapping[int, HealthSnapshot]
    yesterday: Mapping[int, HealthSnapshot]


def measure_all(facts: Facts, *, definition: Definition | None = None) -> list[Health]:
    """Return the health of every paying account today, poorest first, unknown ones last."""
    found = read_measures(facts)
    return judge(
        found,
        definition or definition_in_force(),
        past=past_of(found.revenue, facts.today),
        overrides=overrides_at(facts.as_of, found.revenue),
    )


def past_of(customers: Iterable[int], today: date) -> Past:
    wanted = list(customers)
    return Past(_snapshots(today - timedelta(days=30), wanted), _snapshots(today, wanted))


def judge(
    measures: Measures,
    definition: Definition,
    *,
    past: Past,
    overrides: Mapping[int, Override],
) -> list[Health]:
    """Turn what was measured into health by a definition; poorest first, unknown ones last."""
    inside = accounts_in(definition.segments, measures.revenue)
    listed = []
    for customer, mrr in measures.revenue.items():
        group = definition.group_of(
            is_new=customer in measures.newcomers,
            segments=[name for name, members in inside.items() if customer in members],
        )
        measured = measures.of(customer)
        components = definition.components(definition.scores(measured), group)
        before = past.month.get(customer)
        is_other = before is not None and before.definition_version != definition.version
        result = health_score(components)
        listed.append(
            Health(
                customer,
                mrr,
                result,
                components,
                _band(result, past.yesterday.get(customer)),
                None if is_other else _change(result, components, before, definition),
                group,
                definition.version,
                overrides.get(customer),
                is_other,
                measured.get(PREDICTED) if PREDICTED in definition.curves else None,
            )
        )
    return sorted(listed, key=lambda h: (h.score is None, h.score, h.customer))


def _band(result: Result, last: HealthSnapshot | None) -> Band | None:
    if result.value is None:
        return None
    previous = cast("Band | None", (last.band or None) if last else None)
    return band_of(float(result.value), previous=previous)


def _change(
    result: Result,
    components: Sequence[Component],
    before: HealthSnapshot | None,
    definition: Definition,
) -> HealthChange | None:
    """Explain the change of a month by one definition; weights are those it had then."""
    if before is None or before.score is None or result.value is None:
        return None
    stored = {name: getattr(before, name) for name in COMPONENTS}
    return health_change(definition.components(stored, before.weights_of), components)


def _snapshots(until: date, customers: Sequence[int]) -> dict[int, HealthSnapshot]:
    """Return each account's newest snapshot of the week that ends with a day."""
    rows = HealthSnapshot.objects.filter(
        customer__any_of=customers, day__lte=until, day__gt=until - timedelta(days=7)
    )
    return {row.customer_id: row for row in rows.order_by("day")}


def take_snapshots(day: date, healths: Sequence[Health]) -> int:
    """Store the health of a day; a day already stored is replaced. Returns how many."""
    rows = [
        HealthSnapshot(
            customer_id=health.customer,
            day=day,
            score=health.score,
            band=health.band or "",
            coverage=health.result.parts.get("coverage") or 0.0,
            definition_version=health.version,
            weights_of=health.group,
            **{part.name: part.score for part in health.components},
        )
        for health in healths
    ]
    HealthSnapshot.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["customer", "day"],
        update_fields=[
            "score", "band", "coverage", "definition_version", "weights_of", *COMPONENTS,
        ],
        batch_size=1000,
    )  # fmt: skip
    return len(rows)
