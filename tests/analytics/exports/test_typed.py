"""Parquet and workbooks: what the lists say, with types, and never a formula that runs."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.api import exports as api_exports
from analytics.exports import parquet as parquet_module
from analytics.exports import workbook as workbook_module
from analytics.exports.cells import Column
from analytics.exports.parquet import parquet
from analytics.exports.workbook import workbook
from analytics.scores.models import Tally
from feedback.models import Answer, Emotion, Mention, Reading, Response, Theme
from surveys.models import Contact, Survey
from surveys.services import go_live, suppress
from tests.feedback.making import a_survey, answer
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact

AT = datetime(2026, 3, 1, 23, 30, 15, tzinfo=UTC)
HOSTILE = '=HYPERLINK("http://x"),\n\t"q" 😀 ‏مرحبا \\'


@pytest.fixture
def api() -> Caller:
    return caller("read")


def body_of(api: Caller, path: str) -> bytes:
    reply = api.get(path)
    assert reply.status_code == 200, reply.content
    return b"".join(reply.streaming_content)


def frame(api: Caller, path: str) -> pa.Table:
    return pq.read_table(io.BytesIO(body_of(api, path)))


def sheet(api: Caller, path: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(body_of(api, path)))
    names, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def one_full_answer() -> Response:
    survey = a_survey()
    said = answer(survey, HOSTILE, score=9, at=AT)
    ada = contact("ada")
    Response.objects.filter(pk=said.pk).update(
        contact=ada, properties={"plan": "Größe", "seats": 5, "vip": True}
    )
    Reading.objects.create(
        response=said, version="1", language="en", sentiment="mixed", read_sentiment="mixed",
        compound=0.5, confidence=0.9, read_at=AT,
    )  # fmt: skip
    for place, slug in enumerate(["support", "delivery"]):
        theme = Theme.objects.get(slug=slug)
        Mention.objects.create(
            response=said, theme=theme, start=place, end=place + 1, sentiment="negative"
        )
    Emotion.objects.create(response=said, name="joy")
    answer(survey, "", score=0)
    return said


@pytest.mark.django_db
class TestResponses:
    def test_parquet_has_types_and_every_value(self, api: Caller) -> None:
        said = one_full_answer()
        table = frame(api, "responses/export.parquet")
        assert table.schema.field("submitted_at").type == pa.timestamp("us", "UTC")
        assert table.schema.field("score").type == pa.int64()
        assert table.schema.field("themes").type == pa.list_(pa.string())
        plain, full = sorted(table.to_pylist(), key=lambda row: row["comment"] or "")
        assert full["id"] == said.pk
        assert full["comment"] == HOSTILE  # exactly: Parquet runs no formulas
        assert full["submitted_at"] == AT
        assert full["themes"] == ["delivery", "support"]
        assert full["emotions"] == ["joy"]
        assert '"seats": 5' in full["properties"]
        assert full["contact_email"] == "ada@example.com"
        assert (plain["score"], plain["compound"], plain["themes"]) == (0, None, [])

    def test_a_workbook_keeps_texts_as_texts(self, api: Caller) -> None:
        one_full_answer()
        book = openpyxl.load_workbook(io.BytesIO(body_of(api, "responses/export.xlsx")))
        cells = {cell.value: cell for row in book.worksheets[0].iter_rows() for cell in row}
        assert cells[HOSTILE].data_type == "s"
        (row,) = [row for row in sheet(api, "responses/export.xlsx") if row["comment"]]
        assert row["submitted_at"] == AT.replace(tzinfo=None)
        assert row["score"] == 9
        assert row["themes"] == "delivery | support"

    def test_a_question_on_a_scale_is_a_number(self, api: Caller) -> None:
        survey = Survey.objects.create(
            slug="draft", name="Draft", kind="nps", brand=a_survey().brand
        )
        question = survey.questions.create(kind="scale", text="Seats?", scale_low=0, scale_high=50)
        go_live(survey)
        for number in (7, None):
            said = answer(survey, "")
            if number is not None:
                Answer.objects.create(response=said, question=question, number=number)
        name = f"question.{question.pk}"
        table = frame(api, f"responses/export.parquet?survey=draft&columns={name}")
        assert table.schema.field(name).type == pa.int64()
        assert table.column(name).to_pylist() == [None, 7]
        assert [row[name] for row in sheet(api, "responses/export.xlsx?survey=draft")] == [None, 7]

    def test_the_filters_of_the_list_choose_the_rows(self, api: Caller) -> None:
        survey = a_survey()
        answer(survey, "", score=3)
        good = answer(survey, "", score=10)
        for form in ("parquet", "xlsx"):
            read = frame if form == "parquet" else sheet
            found = read(api, f"responses/export.{form}?band=promoter&columns=id")
            rows = found.to_pylist() if form == "parquet" else found
            assert rows == [{"id": good.pk}]

    def test_duckdb_opens_it(self, api: Caller, tmp_path: Path) -> None:
        survey = a_survey()
        for score in (10, 10, 9, 3):
            answer(survey, "", score=score)
        file = tmp_path / "responses.parquet"
        file.write_bytes(body_of(api, "responses/export.parquet"))
        found = duckdb.sql(
            "SELECT survey, 100 * (avg((score >= 9)::INT) - avg((score <= 6)::INT)), count(*) "
            f"FROM '{file}' GROUP BY survey"
        ).fetchall()
        assert found == [("relation", 50.0, 4)]


@pytest.mark.django_db
def test_contacts_say_who_gets_no_mail(api: Caller) -> None:
    contact("ada", properties={"plan": "Growth"})
    contact("bob")
    suppress("bob@example.com", reason="unsubscribed", source="test")
    rows = frame(api, "contacts/export.parquet").to_pylist()
    assert {row["email"]: row["is_suppressed"] for row in rows} == {
        "ada@example.com": False,
        "bob@example.com": True,
    }
    assert {row["email"] for row in sheet(api, "contacts/export.xlsx")} == {
        "ada@example.com",
        "bob@example.com",
    }


@pytest.mark.django_db
def test_readings_and_scores_leave_in_every_form(api: Caller) -> None:
    said = one_full_answer()
    Tally.objects.create(
        survey=said.survey, day=date(2026, 3, 2), facet="theme", key="support", score=9, count=4
    )
    (reading,) = frame(api, "readings/export.parquet?sentiment=mixed").to_pylist()
    assert reading["response"] == said.pk
    assert reading["mentions"] == ["delivery:negative", "support:negative"]
    assert reading["read_at"] == AT
    (tally,) = frame(api, "scores/export.parquet?facet=theme&since=2026-03-02").to_pylist()
    assert tally == {
        "survey": "relation", "kind": "nps", "day": date(2026, 3, 2), "facet": "theme",
        "key": "support", "score": 9, "count": 4,
    }  # fmt: skip
    assert frame(api, "scores/export.parquet?until=2026-03-01").num_rows == 0
    for form in ("csv", "jsonl", "xlsx"):
        for dataset in ("readings", "scores"):
            assert body_of(api, f"{dataset}/export.{form}")
    refused = api.get("scores/export.csv?since=yesterday")
    assert refused.status_code == 400
    assert "2026-01-31" in error_of(refused)["message"]


@pytest.mark.django_db
def test_an_empty_file_still_names_its_columns(api: Caller) -> None:
    assert "score" in frame(api, "responses/export.parquet").column_names
    book = openpyxl.load_workbook(io.BytesIO(body_of(api, "responses/export.xlsx")))
    assert "score" in [cell.value for cell in next(book.worksheets[0].iter_rows())]


@pytest.mark.django_db
def test_a_workbook_too_long_to_wait_for_is_refused_with_the_way_out(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_exports, "XLSX_ROWS", 1)
    contact("ada")
    contact("bob")
    refused = api.get("contacts/export.xlsx")
    assert refused.status_code == 400
    assert "POST /api/v1/exports" in error_of(refused)["message"]
    assert Contact.objects.count() == 2


COLUMNS = [Column("id", None, "integer"), Column("said", None, "text")]


def test_row_groups_join_to_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_module, "_GROUP", 100)
    lines = [b'{"id": %d, "said": "word %d"}\n' % (n, n) for n in range(50)]
    file = b"".join(parquet(lines, COLUMNS))
    assert pq.ParquetFile(io.BytesIO(file)).num_row_groups > 5
    rows = pq.read_table(io.BytesIO(file)).to_pylist()
    assert rows == [{"id": n, "said": f"word {n}"} for n in range(50)]


def test_a_long_workbook_goes_on_in_a_second_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "SHEET_ROWS", 3)
    lines = [b'{"id": %d, "said": null}\n' % n for n in range(7)]
    file = b"".join(workbook(lines, COLUMNS, title="Answers"))
    book = openpyxl.load_workbook(io.BytesIO(file))
    assert book.sheetnames == ["Answers", "Answers 2", "Answers 3"]
    found = [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == list(range(7))


def test_what_excel_cannot_hold_is_cut_or_replaced() -> None:
    lines = [b'{"id": 1, "said": "a\\u0001b%s"}\n' % (b"x" * 40_000)]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(workbook(lines, COLUMNS, title="A"))))
    text = book.worksheets[0].cell(2, 2).value
    assert text.startswith("a\ufffdb")
    assert len(text) == 32_767
