"""Exported files: every row once, safe from formulas, the same on both databases, never a list."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics.exports import stream as exports
from analytics.exports.cells import safe
from analytics.exports.columns import UnknownColumn, chosen, contact_columns, response_columns
from analytics.exports.stream import Export, stream
from feedback.models import Emotion, Mention, Reading, Response, Theme
from surveys import authoring
from surveys.models import Contact, Customer, Survey
from surveys.services import go_live, suppress
from tests.feedback.making import a_survey, answer, answers
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Caller:
    return caller("read")


def body_of(api: Caller, path: str) -> bytes:
    reply = api.get(path)
    assert reply.status_code == 200, reply.json()
    return b"".join(reply.streaming_content)


def table(api: Caller, path: str) -> list[dict[str, str]]:
    text = body_of(api, path).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def lines(api: Caller, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body_of(api, path).decode().split("\n") if line]


def read(response: Response, *themes: str, sentiment: str = "positive") -> None:
    Reading.objects.create(
        response=response,
        version="1",
        language="en",
        sentiment=sentiment,
        read_sentiment=sentiment,
        compound=-0.25,
        read_at=timezone.now(),
    )
    for place, slug in enumerate(themes):
        theme = Theme.objects.get(slug=slug)
        for start in (place, place + 50):  # two mentions of one theme are one theme
            Mention.objects.create(
                response=response, theme=theme, start=start, end=start + 1, sentiment=sentiment
            )


# ---- Formulas --------------------------------------------------------------------------

DANGEROUS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", ' =1',
    '"=1', "'=1", "“=1", "\u00a0=1", '"" =1', "\ufeff=1", "=", "-",
]  # fmt: skip
HARMLESS = ["", "fine", "a=1", "1-2", "'quoted'", "–dash", "−5", "#1", "(=1)", "😀", "0", " x"]


# What is danger, what is skipped before it, and what makes a cell harmless by its first letter.
_TELLING = "=+-@\t\r\n \"'`‘’“”„«»\u00a0\u200b\u2060＝＋xAz9_`[{,;"


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_it_would_not_run_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(
        st.one_of(
            st.sampled_from(DANGEROUS + HARMLESS),
            st.text(
                alphabet=st.sampled_from(list(_TELLING)),
                max_size=6,
            ),
            st.text(
                st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8
            ),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_database_guards_every_text_as_we_would(texts: list[str]) -> None:
    Contact.objects.all().delete()
    Contact.objects.bulk_create(
        Contact(email=f"c{place}@example.com", name=text) for place, text in enumerate(texts)
    )
    columns = chosen(contact_columns(), ["name"], table="surveys_contact")
    export = Export(Contact.objects.all(), ("id",), columns, "csv")
    body = b"".join(stream(export)).decode()
    assert body.endswith("\r\n")
    cells = [
        row[0] if row else "" for row in csv.reader(io.StringIO(body, newline=""), strict=True)
    ]
    assert cells[1:] == [safe(text) for text in texts]
    raw = b"".join(stream(Export(Contact.objects.all(), ("id",), columns, "csv", is_raw=True)))
    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(raw.decode(), newline=""))]
    assert cells[1:] == texts


def test_every_text_column_is_guarded_and_no_number_is(api: Caller) -> None:
    customer = Customer.objects.create(external_id="=cmd", name="+Acme")
    ada = Contact.objects.create(email="+ada@example.com", name="@Ada", customer=customer)
    survey = a_survey()
    said = answer(survey, "-5 stars", score=0)
    Response.objects.filter(pk=said.pk).update(
        contact=ada, customer=customer, external_id="=1", properties={"a": "=1", "b": -5, "c": "-5"}
    )
    read(said)
    (row,) = table(api, "responses/export.csv?columns=" + ",".join(
        ["comment", "external_id", "contact_email", "contact_name", "customer", "score",
         "compound", "property.a", "property.b", "property.c", "property.missing"]
    ))  # fmt: skip
    assert row == {
        "comment": "'-5 stars", "external_id": "'=1", "contact_email": "'+ada@example.com",
        "contact_name": "'@Ada", "customer": "'=cmd", "score": "0", "compound": "-0.25",
        "property.a": "'=1", "property.b": "-5", "property.c": "'-5", "property.missing": "",
    }  # fmt: skip
    (row,) = table(api, "contacts/export.csv")
    assert (row["email"], row["name"], row["customer"]) == ("'+ada@example.com", "'@Ada", "'=cmd")
    assert row["customer_name"] == "'+Acme"


# ---- Rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 6, 20])
def test_stretches_give_every_row_once_and_in_order(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(exports, "_STRETCHES", (2, 3))
    survey, now = a_survey(), timezone.now()
    for number in range(count):  # some at the same instant
        answer(survey, "", at=now - timedelta(seconds=number // 3))
    keyset = ("-submitted_at", "-id")
    columns = chosen(response_columns(), ["id"], table="feedback_response")
    body = b"".join(stream(Export(Response.objects.all(), keyset, columns, "csv")))
    found = [int(line) for line in body.split()[1:]]
    assert found == list(Response.objects.order_by(*keyset).values_list("id", flat=True))


def test_the_filters_of_the_list_choose_the_rows(api: Caller) -> None:
    nps, csat = a_survey("nps"), a_survey("csat", kind="csat")
    good, bad = answer(nps, "Good", score=9), answer(nps, "Bad", score=1)
    answer(csat, "", score=5)
    read(good, "support")
    read(bad, "delivery", sentiment="negative")
    queries = ["survey=nps", "band=promoter", "theme=support", "sentiment=negative"]
    for query in [*queries, "survey=nps&band=detractor", "has_comment=false", "standing=counted"]:
        listed = [row["id"] for row in api.get(f"responses?{query}").json()["results"]]
        assert [int(row["id"]) for row in table(api, f"responses/export.csv?{query}")] == listed
        assert [row["id"] for row in lines(api, f"responses/export.jsonl?{query}")] == listed


def test_csv_survives_quotes_commas_and_line_ends(api: Caller) -> None:
    said = 'He said "no", twice;\nthen\tleft. 😀 ‏مرحبا'
    answer(a_survey(), said)
    (row,) = table(api, "responses/export.csv")
    assert row["comment"] == said
    (row,) = lines(api, "responses/export.jsonl")
    assert row["comment"] == said


def test_json_lines_say_what_the_list_says(api: Caller) -> None:
    survey = a_survey()
    customer = Customer.objects.create(external_id="acme", name="Acme")
    ada = contact("ada", customer=customer)
    said = answer(survey, 'A "quoted" \\ word', score=9)
    Response.objects.filter(pk=said.pk).update(
        contact=ada,
        customer=customer,
        properties={"plan": "Growth", "seats": 3, "paid": True},
        revised_at=datetime(2026, 3, 1, 12, 0, 59, 999_999, tzinfo=UTC),
    )
    read(said, "support", "delivery")
    Emotion.objects.create(response=said, name="joy")
    shown = api.get("responses").json()["results"][0]
    (row,) = lines(api, "responses/export.jsonl")
    same = ["id", "survey", "score", "band", "comment", "channel", "touchpoint", "standing",
            "submitted_at", "revised_at", "external_id", "properties", "emotions"]  # fmt: skip
    assert {name: row[name] for name in same} == {name: shown[name] for name in same}
    assert row["revised_at"] == "2026-03-01T12:00:59Z"
    assert (row["sentiment"], row["compound"]) == ("positive", -0.25)
    assert row["themes"] == ["delivery", "support"]
    assert (row["contact_email"], row["customer"]) == ("ada@example.com", "acme")
    assert row["answers"] == {}
    (cells,) = table(api, "responses/export.csv")
    assert cells["themes"] == "delivery|support"
    assert json.loads(cells["properties"]) == shown["properties"]


def test_answers_to_questions_have_a_column_each_when_one_survey_is_asked_for(api: Caller) -> None:
    brand = a_survey("x").brand.name
    base = {"scale_low": -5, "scale_high": 5, "bands": [], "choices": []}
    made = authoring.create(
        slug="asks", name="A", kind="nps", brand=brand,
        questions=[
            {**base, "kind": "many_choices", "text": "?",
             "choices": [{"text": "=A"}, {"text": "B"}]},
            {**base, "kind": "scale", "text": "Q?"},
        ],
    )  # fmt: skip
    go_live(made)
    many, scale = made.questions.order_by("position")
    writer = caller()
    body = {"survey": "asks", "score": 9, "answers": {str(many.pk): ["=A", "B"], str(scale.pk): -3}}
    assert writer.post("responses", body).status_code == 201
    (row,) = table(api, "responses/export.csv?survey=asks")
    assert (row[f"question.{many.pk}"], row[f"question.{scale.pk}"]) == ("'=A|B", "-3")
    (row,) = lines(api, "responses/export.jsonl?survey=asks")
    assert row["answers"] == {str(many.pk): ["=A", "B"], str(scale.pk): [-3]}
    assert f"question.{many.pk}" not in table(api, "responses/export.csv")[0]


def test_a_contact_says_whether_it_is_suppressed(api: Caller) -> None:
    contact("ada"), contact("bob", properties={"Üñí": "x"})
    suppress("ada@example.com", reason="bounced", source="test")
    assert [row["is_suppressed"] for row in table(api, "contacts/export.csv")] == ["false", "true"]
    found = lines(api, "contacts/export.jsonl")
    assert [row["is_suppressed"] for row in found] == [False, True]
    assert found[0]["properties"] == {"Üñí": "x"}


# ---- The file as a whole ---------------------------------------------------------------

COLUMNS = (
    "id,survey,submitted_at,revised_at,score,band,comment,channel,standing,language,sentiment,"
    "compound,themes,emotions,external_id,contact_email,contact_name,customer,properties,answers,"
    "held_reasons,touchpoint"
)


def test_the_columns_are_these_for_ever(api: Caller) -> None:
    assert body_of(api, "responses/export.csv") == COLUMNS.encode() + b"\r\n"
    assert body_of(api, "contacts/export.csv") == (
        b"id,email,name,customer,customer_name,language,is_suppressed,last_asked_at,created_at,"
        b"updated_at,properties\r\n"
    )
    assert body_of(api, "responses/export.jsonl") == b""


def test_the_file_may_begin_with_a_bom_and_names_itself(api: Caller) -> None:
    reply = api.get("responses/export.csv?bom=1")
    assert b"".join(reply.streaming_content).startswith(b"\xef\xbb\xbfid,")
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"].startswith('attachment; filename="responses-20')


@pytest.mark.parametrize(
    "path",
    ["responses/export.csv?raw=yes", "responses/export.csv?bom=2", "responses/export.csv?cursor=x",
     "responses/export.csv?columns=id,password", "responses/export.csv?columns=property.",
     "responses/export.csv?columns=property.a'b", 'responses/export.csv?columns=property.a"b',
     "responses/export.csv?columns=property.a--", "responses/export.jsonl?columns=property.plan",
     "responses/export.jsonl?raw=1", "responses/export.csv?foo=1", "contacts/export.csv?theme=x",
     "responses/export.csv?since=yesterday"],
)  # fmt: skip
def test_an_export_that_cannot_be_is_refused_before_it_begins(api: Caller, path: str) -> None:
    reply = api.get(path)
    assert reply.status_code == 400
    assert error_of(reply)["code"] == "bad_query"


def test_an_unknown_column_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownColumn, match=r"'secret' is not one of id, email, .*property"):
        chosen(contact_columns(), ["secret"], table="surveys_contact")


def test_a_reader_who_leaves_early_leaves_the_connection_whole(api: Caller) -> None:
    answers(a_survey(), ["x" * 300] * 700)
    columns = response_columns()
    pieces = stream(Export(Response.objects.all(), ("-submitted_at", "-id"), columns, "csv"))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert Response.objects.count() == 700


def test_queries_grow_with_stretches_not_with_rows(api: Caller) -> None:
    survey = a_survey()

    def queries(count: int) -> int:
        answers(survey, ["x"] * count)
        with CaptureQueriesContext(connection) as found:
            body_of(api, "responses/export.csv")
        return len(found)

    queries(1)
    assert queries(1) == queries(300)


def test_no_row_of_another_survey_leaves_with_a_limited_key() -> None:
    mine, theirs = a_survey("mine"), a_survey("theirs")
    answer(mine, "Mine"), answer(theirs, "Secret")
    api = caller("read", survey=Survey.objects.get(slug="mine"))
    for path in ("responses/export.csv", "responses/export.csv?survey=theirs",
                 "responses/export.jsonl?survey=theirs"):  # fmt: skip
        assert b"Secret" not in body_of(api, path)
