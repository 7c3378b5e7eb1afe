"""Accounts as rows: what each pays, until when, how healthy it is, as the page of accounts says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters as filters

from analytics.exports.cells import Column
from analytics.exports.made import Batch, Made, Place, Row
from analytics.success.health import Health
from analytics.success.listing import Asked, Turn, count_of, in_turn, is_at_risk
from analytics.success.metrics.health import BANDS
from analytics.success.metrics.health_definition import COMPONENTS
from analytics.success.models import HealthSnapshot
from surveys.api.filtering import YesNo


class AccountFilters(filters.FilterSet):
    """What is asked for; health is judged when it is read, not stored."""

    band = filters.ChoiceFilter(
        choices=[(band, band) for band in (*BANDS, "none")],
        help_text="`red`, `yellow`, `green` or `none`: as shown.",
    )
    at_risk = YesNo(help_text="Only those at risk, or only the others.")

    class Meta:
        model = HealthSnapshot
        fields: list[str] = []


def account_rows(found: Mapping[str, Any]) -> Made:
    """Return the rows of paying accounts, in the order in which they became customers."""
    risk = found.get("at_risk")
    asked = Asked(band=found.get("band") or "", at_risk=risk if isinstance(risk, bool) else None)

    def after(place: Place | None) -> Batch:
        turn = in_turn(asked, after=place[0] if place else None)
        rows = [_row(health, turn) for health in turn.healths]
        return Batch(rows, None if turn.last is None else [turn.last])

    return Made(lambda: count_of(asked), after)


def _row(health: Health, turn: Turn) -> Row:
    external, name = turn.facts.customers[health.customer]
    due = turn.due.get(health.customer)
    said = health.override
    scores = {part.name: part.score for part in health.components}
    return {
        "customer": external,
        "name": name,
        "mrr": None if health.mrr is None else f"{health.mrr:.4f}",
        "currency": turn.facts.base,
        "due_date": due and due.isoformat(),
        "is_at_risk": is_at_risk(health, due, turn.facts.today),
        "score": health.score,
        "band": health.band,
        "shown_band": health.shown,
        "reason": health.result.reason,
        "coverage": float(health.result.parts.get("coverage") or 0),
        **{name: scores.get(name) for name in COMPONENTS},
        "override_by": said.author if said else "",
        "override_reason": said.note if said else "",
        "definition_version": health.version,
        "weights_of": health.group,
        "computed_at": turn.facts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def account_columns(_slug: str) -> list[Column]:
    """Return the columns of accounts; a component without a score is missing, never 0."""
    return [
        Column("customer", None, is_text=True),
        Column("name", None, is_text=True),
        Column("mrr", None, "decimal", places=4),
        Column("currency", None),
        Column("due_date", None, "date"),
        Column("is_at_risk", None, "flag"),
        Column("score", None, "number"),
        Column("band", None),
        Column("shown_band", None),
        Column("reason", None),
        Column("coverage", None, "number"),
        *(Column(name, None, "number") for name in COMPONENTS),
        Column("override_by", None, is_text=True),
        Column("override_reason", None, is_text=True),
        Column("definition_version", None, "integer"),
        Column("weights_of", None, is_text=True),
        Column("computed_at", None, "instant"),
    ]
