"""The columns of exported files: ids that never change, whatever a survey calls things."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, TextField, Value, When
from django.db.models.functions import Cast

from analytics.exports.cells import Column, Stamp, sql
from surveys.models import Question, Suppression, Survey
from surveys.scales import SCALES


class UnknownColumn(ValueError):
    """The message names the column and those there are."""


_THEMES = """(SELECT {agg} FROM (SELECT DISTINCT t.slug FROM feedback_mention m
JOIN feedback_theme t ON t.id = m.theme_id WHERE m.response_id = feedback_response.id
ORDER BY t.slug) x)"""
_EMOTIONS = """(SELECT {agg} FROM (SELECT e.name AS slug FROM feedback_emotion e
WHERE e.response_id = feedback_response.id ORDER BY e.name) x)"""
_SAID = """(SELECT {agg} FROM (SELECT {value} AS slug FROM feedback_answer a
LEFT JOIN surveys_choice c ON c.id = a.choice_id
WHERE a.response_id = feedback_response.id AND a.question_id = %s ORDER BY a.id) x)"""
_ALL_SAID_POSTGRES = """(SELECT COALESCE(json_object_agg(question_id, said), '{}') FROM (
SELECT a.question_id, json_agg(COALESCE(to_json(c.text), to_json(a.number), to_json(a.text))
ORDER BY a.id) AS said FROM feedback_answer a LEFT JOIN surveys_choice c ON c.id = a.choice_id
WHERE a.response_id = feedback_response.id GROUP BY a.question_id) x)"""
_ALL_SAID_SQLITE = """(SELECT json_group_object(question_id, json(said)) FROM (
SELECT question_id, json_group_array(said) AS said FROM (
SELECT a.question_id, COALESCE(c.text, a.number, a.text) AS said FROM feedback_answer a
LEFT JOIN surveys_choice c ON c.id = a.choice_id WHERE a.response_id = feedback_response.id
ORDER BY a.id) GROUP BY question_id))"""


def _several(query: str, *values: object, value: str = "") -> dict[str, object]:
    """Return how several words stand in a cell (a|b) and in JSON (["a", "b"])."""

    def written(aggregate: str) -> str:
        return query.format(agg=aggregate, value=value)

    return {
        "value": sql(written("string_agg(slug, '|')"), written("group_concat(slug, '|')"), *values),
        "listed": sql(
            written("COALESCE(json_agg(slug), '[]')"), written("json_group_array(slug)"), *values
        ),
        "is_json": True,
    }


def response_columns(survey: Survey | None = None) -> list[Column]:
    """Return the columns of responses; of one survey also one per additional question."""
    columns = [
        Column("id", F("id"), "integer"),
        Column("survey", F("survey__slug"), is_text=True),
        Column("submitted_at", Stamp("submitted_at"), "instant"),
        Column("revised_at", Stamp("revised_at"), "instant"),
        Column("score", F("score"), "integer"),
        Column("band", _band()),
        Column("comment", F("comment"), is_text=True),
        Column("channel", F("channel")),
        Column("standing", F("standing")),
        Column("language", F("reading__language"), is_text=True),
        Column("sentiment", F("reading__sentiment")),
        Column("compound", F("reading__compound"), "number"),
        Column("themes", type="texts", is_text=True, **_several(_THEMES)),  # type: ignore[arg-type]
        Column("emotions", type="texts", is_text=True, **_several(_EMOTIONS)),  # type: ignore[arg-type]
        Column("external_id", F("external_id"), is_text=True),
        Column("contact_email", F("contact__email"), is_text=True),
        Column("contact_name", F("contact__name"), is_text=True),
        Column("customer", F("customer__external_id"), is_text=True),
        Column("properties", F("properties"), "json", is_json=True),
        Column("answers", sql(_ALL_SAID_POSTGRES, _ALL_SAID_SQLITE), "json", is_json=True),
        Column("held_reasons", F("held_reasons")),
        Column("touchpoint", F("touchpoint"), is_text=True),
    ]
    return columns + (_question_columns(survey) if survey else [])


def _band() -> Case:
    # Most often asked kinds first: the database compares in this order.
    whens = [
        When(survey__kind=scale.kind, score__in=band.scores, then=Value(band.slug))
        for scale in SCALES.values()
        for band in scale.bands
    ]
    return Case(*whens, default=Value(None), output_field=CharField())


def _question_columns(survey: Survey) -> list[Column]:
    return [
        Column(
            f"question.{question.pk}",
            _several(_SAID, question.pk, value=_said_as(question))["value"],
            "digits" if question.kind == Question.Kind.SCALE else "text",
            is_text=question.kind != Question.Kind.SCALE,
        )
        for question in survey.questions.order_by("pk")
    ]


def _said_as(question: Question) -> str:
    is_number = question.kind == Question.Kind.SCALE
    return "CAST(a.number AS TEXT)" if is_number else "COALESCE(c.text, a.text)"


_READ_EMOTIONS = _EMOTIONS.replace("feedback_response.id", "feedback_reading.response_id")
_READ_THEMES = """(SELECT {agg} FROM (SELECT DISTINCT t.slug || ':' || m.sentiment AS slug
FROM feedback_mention m JOIN feedback_theme t ON t.id = m.theme_id
WHERE m.response_id = feedback_reading.response_id ORDER BY 1) x)"""


def reading_columns() -> list[Column]:
    """Return the columns of readings: one comment as it was read; `mentions` is theme:sentiment."""
    return [
        Column("response", F("response_id"), "integer"),
        Column("survey", F("response__survey__slug"), is_text=True),
        Column("submitted_at", Stamp("response__submitted_at"), "instant"),
        Column("score", F("response__score"), "integer"),
        Column("comment", F("response__comment"), is_text=True),
        Column("language", F("language"), is_text=True),
        Column("sentiment", F("sentiment")),
        Column("read_sentiment", F("read_sentiment")),
        Column("reason", F("reason"), is_text=True),
        Column("compound", F("compound"), "number"),
        Column("confidence", F("confidence"), "number"),
        Column("emotions", type="texts", is_text=True, **_several(_READ_EMOTIONS)),  # type: ignore[arg-type]
        Column("mentions", type="texts", is_text=True, **_several(_READ_THEMES)),  # type: ignore[arg-type]
        Column("version", F("version"), is_text=True),
        Column("read_at", Stamp("read_at"), "instant"),
    ]


def score_columns() -> list[Column]:
    """Return the columns of scores: the counted histograms behind every number shown."""
    return [
        Column("survey", F("survey__slug"), is_text=True),
        Column("kind", F("survey__kind")),
        Column("day", Cast(F("day"), TextField()), "date"),
        Column("facet", F("facet")),
        Column("key", F("key"), is_text=True),
        Column("score", F("score"), "integer"),
        Column("count", F("count"), "integer"),
    ]


def contact_columns() -> list[Column]:
    suppressed = Suppression.objects.everywhere().filter(email=OuterRef("email"))
    flag = Case(When(Exists(suppressed), then=Value("true")), default=Value("false"))
    listed = Exists(suppressed) if connection.vendor == "postgresql" else flag
    return [
        Column("id", F("id"), "integer"),
        Column("email", F("email"), is_text=True),
        Column("name", F("name"), is_text=True),
        Column("customer", F("customer__external_id"), is_text=True),
        Column("customer_name", F("customer__name"), is_text=True),
        Column("language", F("language"), is_text=True),
        Column("is_suppressed", flag, "flag", is_json=True, listed=listed),
        Column("last_asked_at", Stamp("last_asked_at"), "instant"),
        Column("created_at", Stamp("created_at"), "instant"),
        Column("updated_at", Stamp("updated_at"), "instant"),
        Column("properties", F("properties"), "json", is_json=True),
    ]


def chosen(columns: Sequence[Column], names: Sequence[str], *, table: str) -> list[Column]:
    """Return the columns of these ids, in this order; `property.<name>` is one property.

    `table` is the database table that holds the properties. UnknownColumn.
    """
    known = {column.id: column for column in columns}
    offered = ", ".join(known) + (" or property.<name>" if "properties" in known else "")
    found = []
    for name in names:
        key = name.removeprefix("property.")
        is_property = key != name and "properties" in known and key.replace("_", "").isalnum()
        if name not in known and not is_property:
            raise UnknownColumn(f"'{name[:60]}' is not one of {offered}")
        found.append(known.get(name) or _property(name, table))
    return found


def _property(name: str, table: str) -> Column:
    key = name.removeprefix("property.")
    path = f'$."{key}"'
    column = f'"{table}"."properties"'
    is_postgres = connection.vendor == "postgresql"
    text = sql(
        f"({column} ->> %s)",
        f"(CASE json_type({column}, %s) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' "
        f"ELSE CAST(json_extract({column}, %s) AS TEXT) END)",
        *([key] if is_postgres else [path, path]),
    )
    is_number = sql(
        f"jsonb_typeof({column} -> %s) = 'number'",
        f"json_type({column}, %s) IN ('integer', 'real')",
        key if is_postgres else path,
    )
    return Column(name, text, is_text=True, bare=is_number)
