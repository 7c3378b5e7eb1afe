"""Tables of what people said: responses, contacts, readings, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from analytics.exports.columns import (
    contact_columns,
    reading_columns,
    response_columns,
    score_columns,
)
from analytics.exports.dataset import Dataset
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


SURVEY_TABLES: Sequence[Dataset] = (
    Dataset(
        "responses",
        _("Responses"),
        Response,
        ResponseFilters,
        ("-submitted_at", "-id"),
        lambda slug: response_columns(_survey_named(slug)),
        survey_path="survey_id",
    ),
    Dataset(
        "contacts",
        _("Contacts"),
        Contact,
        ContactFilters,
        ("-id",),
        lambda slug: contact_columns(),
    ),
    Dataset(
        "readings",
        _("Readings"),
        Reading,
        ReadingFilters,
        ("-response_id",),
        lambda slug: reading_columns(),
        survey_path="response__survey_id",
        permission="feedback.view_response",
    ),
    # By what makes a tally unique: a recount in the middle replaces rows at their place.
    Dataset(
        "scores",
        _("Scores"),
        Tally,
        ScoreFilters,
        ("survey_id", "facet", "day", "key", "score"),
        lambda slug: score_columns(),
        survey_path="survey_id",
        permission="feedback.view_response",
    ),
)
