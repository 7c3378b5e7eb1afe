"""What a table that leaves is: its rows, order, filters and columns, for API and background."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters as filters
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.exports.cells import Column
from analytics.exports.columns import UnknownColumn, chosen
from analytics.exports.made import Made


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table, known by `name` for ever.

    `survey_path` leads from a row to its survey ("" when rows belong to the workspace).
    All columns of `keyset` run in one direction and an index follows them.
    `permission` is what staff need to see such rows. With `make`, which takes what
    the filters were cleaned to, rows are computed; `model` then says whose permission.
    """

    name: str
    title: str | Promise
    model: type[Model]
    filterset: type[filters.FilterSet]
    keyset: tuple[str, ...]
    columns_of: Callable[[str], list[Column]]  # of a survey's slug, "" for all
    survey_path: str = ""
    permission: str = ""
    make: Callable[[Mapping[str, Any]], Made] | None = None

    @property
    def sight(self) -> str:
        """Return the permission to see such rows."""
        options = self.model._meta
        return self.permission or f"{options.app_label}.view_{options.model_name}"

    @property
    def filter_names(self) -> set[str]:
        return set(self.filterset.base_filters)

    def chosen(
        self, names: Sequence[str], filters: Mapping[str, Any], *, form: str
    ) -> Sequence[Column]:
        """Return the columns of a file in this order; without names all that the form has.

        `form` is "jsonl" or one of the others, which hold a property or a question
        a column. UnknownColumn says which name there is not.
        """
        columns = self.columns_of(str(filters.get("survey", "")))
        if form == "jsonl":
            columns = [column for column in columns if not column.id.startswith("question.")]
            if any(name.startswith("property.") for name in names):
                raise UnknownColumn(_("JSON lines hold all properties together."))
        return chosen(columns, names, table=self.model._meta.db_table) if names else columns

    def asked(self, found: filters.FilterSet) -> QuerySet[Any] | Made:
        """Return the rows these filters leave; they must be valid."""
        return self.make(found.form.cleaned_data) if self.make else found.qs

    def rows(self, survey_id: int | None = None) -> QuerySet[Any]:
        """Return all rows, or those of the one survey a key may see."""
        rows = self.model._default_manager.all()
        if survey_id is None:
            return rows
        return rows.filter(**{self.survey_path: survey_id}) if self.survey_path else rows.none()
