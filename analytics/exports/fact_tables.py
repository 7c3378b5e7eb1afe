"""Tables of facts about customers, with exactly the columns in which they come in.

A kind of fact says its columns once (analytics.success.kind), for files, for
REST and for this: what leaves here can be brought in elsewhere as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.db import models
from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from analytics.exports.cells import Column, Exact, ExactStamp, Stamp, yes_no
from analytics.exports.dataset import Dataset
from analytics.success.kind import Kind
from analytics.success.kinds import KINDS
from analytics.success.metrics.health_definition import COMPONENTS
from analytics.success.models import AccountNote, HealthSnapshot
from surveys.api.filtering import DayFilter, SinceFilter, UntilFilter


def fact_columns(kind: Kind) -> list[Column]:
    """Return a column for each that a row of the kind may have, in the same order."""
    return [
        _customer() if name == "customer" else _column(kind.model._meta.get_field(name))
        for name in kind.columns
    ]


def _customer() -> Column:
    return Column("customer", F("customer__external_id"), is_text=True)


def _column(field: Any) -> Column:
    """Return the column of a field; nothing of what is stored is lost in it."""
    name = field.name
    match field:
        case models.BooleanField():
            return yes_no(name)
        case models.DateTimeField():
            return Column(name, ExactStamp(name), "moment")
        case models.DateField():
            return Column(name, Cast(F(name), TextField()), "date")
        case models.TimeField():
            return Column(name, Cast(F(name), TextField()))
        case models.DecimalField(decimal_places=places):
            return Column(name, Exact(name, places=places or 0), "decimal", places=places or 0)
        case models.FloatField():
            return Column(name, F(name), "number")
        case models.IntegerField():
            return Column(name, F(name), "integer")
        case models.JSONField():
            return Column(name, F(name), "json", is_json=True)
    return Column(name, F(name), is_text=True)


# ---- Filters -------------------------------------------------------------------------------------


def filters_of(
    model: type[models.Model], when: str, *, has_customer: bool
) -> type[filters.FilterSet]:
    """Return the filters of a table: by the column that says when, and by customer."""
    found: dict[str, Any] = {}
    if when and isinstance(model._meta.get_field(when), models.DateTimeField):
        found["since"] = SinceFilter(field_name=when, help_text="At or after this.")
        found["until"] = UntilFilter(field_name=when, help_text="Before this, or by this day.")
    elif when:
        found["since"] = DayFilter(field_name=when, lookup_expr="gte", help_text="From this day.")
        found["until"] = DayFilter(field_name=when, lookup_expr="lte", help_text="To this day.")
    if has_customer:
        found["customer"] = filters.CharFilter(
            field_name="customer__external_id", help_text="A customer's external id."
        )
    meta = type("Meta", (), {"model": model, "fields": []})
    return type(f"{model.__name__}Filters", (filters.FilterSet,), {**found, "Meta": meta})


# ---- The tables ----------------------------------------------------------------------------------


def _table(kind: Kind) -> Dataset:
    return Dataset(
        kind.slug,
        kind.name,
        kind.model,
        filters_of(kind.model, kind.when, has_customer=bool(kind.customer)),
        ("id",),  # as they came in: what comes in meanwhile stands at the end
        lambda slug: fact_columns(kind),
    )


def _snapshot_columns() -> list[Column]:
    return [
        _customer(),
        *(_column(HealthSnapshot._meta.get_field(name)) for name in ("day", "score", "band")),
        Column("coverage", F("coverage"), "number"),
        *(Column(name, F(name), "number") for name in COMPONENTS),
        Column("definition_version", F("definition_version"), "integer"),
        Column("weights_of", F("weights_of"), is_text=True),
    ]


def _note_columns() -> list[Column]:
    return [
        Column("id", F("id"), "integer"),
        _customer(),
        Column("created_at", Stamp("created_at"), "instant"),
        Column("author", F("author__username"), is_text=True),
        Column("pulse", F("pulse")),
        Column("text", F("text"), is_text=True),
    ]


FACT_TABLES: Sequence[Dataset] = (
    *(_table(kind) for kind in KINDS.values()),
    Dataset(
        "health-snapshots",
        _("Health by day"),
        HealthSnapshot,
        filters_of(HealthSnapshot, "day", has_customer=True),
        ("customer_id", "day"),
        lambda slug: _snapshot_columns(),
    ),
    Dataset(
        "account-notes",
        _("Notes on accounts"),
        AccountNote,
        filters_of(AccountNote, "created_at", has_customer=True),
        ("id",),
        lambda slug: _note_columns(),
    ),
)
