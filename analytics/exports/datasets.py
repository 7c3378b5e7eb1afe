"""The four tables that leave: their rows, order, filters and columns, for API and background."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters as filters
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _

from analytics.exports.cells import Column
from analytics.exports.columns import (
    UnknownColumn,
    chosen,
    contact_columns,
    reading_columns,
    response_columns,
    score_columns,
)
from analytics.scores.models import Tally
from feedback.filters import ResponseFilters
from feedback.models import Mention, Reading, Response, Sentiment
from surveys.api.contacts import ContactFilters
from surveys.api.filtering import DayFilter, SinceFilter, UntilFilter
from surveys.models import Contact, Survey


class ReadingFilters(filters.FilterSet):
    survey = filters.CharFilter(field_name="response__survey__slug", help_text="A survey's slug.")
    since = SinceFilter(
        field_name="response__submitted_at", help_text="Of answers given at or after this."
    )
    until = UntilFilter(
        field_name="response__submitted_at",
        help_text="Of answers given before this instant or by this day.",
    )
    language = filters.CharFilter(help_text="The comment's language, for example `en`.")
    sentiment = filters.ChoiceFilter(choices=Sentiment.choices)
    theme = filters.CharFilter(method="about", help_text="A theme's slug: those that mention it.")

    class Meta:
        model = Reading
        fields: list[str] = []

    def about(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        return rows.filter(
            Exists(Mention.objects.filter(response=OuterRef("pk"), theme__slug=slug))
        )


class ScoreFilters(filters.FilterSet):
    survey = filters.CharFilter(field_name="survey__slug", help_text="A survey's slug.")
    facet = filters.CharFilter(
        help_text="`all`, `quarantined`, `segment`, `channel`, `language`, `sentiment`, "
        "`emotion`, `theme` or `mention`."
    )
    since = DayFilter(field_name="day", lookup_expr="gte", help_text="Days from this one on.")
    until = DayFilter(field_name="day", lookup_expr="lte", help_text="Days up to this one.")

    class Meta:
        model = Tally
        fields: list[str] = []


def _survey_named(slug: str) -> Survey | None:
    return Survey.objects.filter(slug=slug).first() if slug else None


@dataclass(frozen=True, slots=True)
class Dataset:
    """`survey_path` leads from a row to its survey ("" when rows belong to the workspace).

    All columns of `keyset` run in one direction and an index follows them.
    `permission` is what staff need to see such rows.
    """

    name: str
    model: type[Model]
    filterset: type[filters.FilterSet]
    keyset: tuple[str, ...]
    survey_path: str
    permission: str
    columns_of: Callable[[str], list[Column]]  # of a survey's slug, "" for all

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

    def rows(self, survey_id: int | None = None) -> QuerySet[Any]:
        """Return all rows, or those of the one survey a key may see."""
        rows = self.model._default_manager.all()
        if survey_id is None:
            return rows
        return rows.filter(**{self.survey_path: survey_id}) if self.survey_path else rows.none()


_ALL: Sequence[Dataset] = (
    Dataset(
        "responses",
        Response,
        ResponseFilters,
        ("-submitted_at", "-id"),
        "survey_id",
        "feedback.view_response",
        lambda slug: response_columns(_survey_named(slug)),
    ),
    Dataset(
        "contacts",
        Contact,
        ContactFilters,
        ("-id",),
        "",
        "surveys.view_contact",
        lambda slug: contact_columns(),
    ),
    Dataset(
        "readings",
        Reading,
        ReadingFilters,
        ("-response_id",),
        "response__survey_id",
        "feedback.view_response",
        lambda slug: reading_columns(),
    ),
    # By what makes a tally unique: a recount in the middle replaces rows at their place.
    Dataset(
        "scores",
        Tally,
        ScoreFilters,
        ("survey_id", "facet", "day", "key", "score"),
        "survey_id",
        "feedback.view_response",
        lambda slug: score_columns(),
    ),
)
DATASETS: Mapping[str, Dataset] = {dataset.name: dataset for dataset in _ALL}
