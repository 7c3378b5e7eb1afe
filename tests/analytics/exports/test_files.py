"""Files written in background: every row once whatever dies, checked, fetched in pieces."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.exports import service, stream, work
from analytics.exports.models import ExportFile, ExportPart
from analytics.exports.service import Wish
from analytics.exports.stream import head_of
from feedback.models import Response
from outbox.models import Job
from outbox.registry import Work
from surveys.models import Contact
from tests.feedback.making import a_survey, answer, answers
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact

pytestmark = pytest.mark.django_db
FORMS = ["csv", "jsonl", "parquet", "xlsx"]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ROWS", 3)
    monkeypatch.setattr(work, "_PART", 400)


def ids_in(export: ExportFile) -> list[int]:
    data = b"".join(service.pieces(export))
    match export.form:
        case "csv":
            return [int(line.split(b",")[0]) for line in data.splitlines()[1:]]
        case "jsonl":
            return [json.loads(line)["id"] for line in data.splitlines()]
        case "parquet":
            return list(pq.read_table(io.BytesIO(data)).column("id").to_pylist())
    rows = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2)
    return [row[0].value for row in rows]


def wish(form: str = "csv", **filters: str) -> Wish:
    return Wish("responses", form, filters, columns=["id", "score"])


def one_turn(export: ExportFile) -> list[Any]:
    return list(work.write_files([Work(0, export.pk, "", 1)], "worker"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [0, 3, 10])
def test_every_row_is_in_the_file_once_and_the_checksum_is_right(
    form: str, count: int, small_parts: None, drain: Callable[[], int]
) -> None:
    answers(a_survey(), [""] * count)
    export = service.request(wish(form))
    drain()
    export.refresh_from_db()
    assert export.state == "done", export.error
    assert ids_in(export) == list(
        Response.objects.order_by("-submitted_at", "-id").values_list("id", flat=True)
    )
    data = b"".join(service.pieces(export))
    assert export.sha256 == hashlib.sha256(data).hexdigest()
    assert (export.size, export.rows, export.rows_expected) == (len(data), count, count)
    assert not ExportPart.objects.filter(is_final=False).exists()


@pytest.mark.parametrize("form", FORMS)
def test_a_killed_worker_costs_a_part_and_no_row(
    form: str, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after every write; a new one goes on; new answers come in between."""
    survey = a_survey()
    first = [row.pk for row in answers(survey, [""] * 10)]
    export = service.request(wish(form))
    real, deaths = stream.stretch, []

    def dying(*arguments: Any) -> Any:
        if len(deaths) < 3:
            deaths.append(1)
            raise SystemExit("killed")
        deaths.clear()
        return real(*arguments)

    monkeypatch.setattr(work.stream, "stretch", dying)
    for _ in range(40):
        answer(survey, "")
        try:
            one_turn(export)
        except SystemExit:
            continue
        break
    export.refresh_from_db()
    assert export.state == "done"
    found = ids_in(export)
    assert len(found) == len(set(found))
    assert set(first) <= set(found)


def test_a_try_cut_off_while_assembling_leaves_one_file(
    small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(a_survey(), [""] * 10)
    export = service.request(wish("parquet"))
    real = hashlib.sha256
    monkeypatch.setattr(work.hashlib, "sha256", lambda: (_ for _ in ()).throw(SystemExit()))
    with pytest.raises(SystemExit):
        one_turn(export)
    monkeypatch.setattr(work.hashlib, "sha256", real)
    one_turn(export)
    export.refresh_from_db()
    assert export.state == "done"
    assert len(ids_in(export)) == 10


def test_rows_that_go_meanwhile_are_said(small_parts: None) -> None:
    survey = a_survey()
    old = answers(survey, [""] * 5, at=timezone.now() - timedelta(days=1))
    answers(survey, [""] * 5)
    export = service.request(wish())
    spec = service.gathered_spec(export)
    work._begin(export, spec)
    assert work._gather(export, spec)
    Response.objects.filter(pk=old[0].pk).delete()
    one_turn(export)
    export.refresh_from_db()
    assert (export.state, export.rows_expected, export.rows) == ("done", 10, 9)
    assert not export.is_exact


def test_two_workers_at_one_file_write_it_once(small_parts: None) -> None:
    answers(a_survey(), [""] * 10)
    export = service.request(wish())
    mine, theirs = (ExportFile.objects.get(pk=export.pk) for _ in range(2))
    spec = service.gathered_spec(export)
    work._begin(mine, spec)
    theirs.state = mine.state
    assert work._gather(mine, spec)
    assert not work._gather(theirs, spec)  # that part is written: leave the file to the other
    one_turn(export)
    export.refresh_from_db()
    assert len(ids_in(export)) == 10


def test_a_slice_of_time_ends_and_the_next_goes_on(
    small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "SLICE_SECONDS", 0.0)
    answers(a_survey(), [""] * 10)
    export = service.request(wish())
    turns = 1
    while one_turn(export):
        turns += 1
    export.refresh_from_db()
    assert export.state == "done"
    assert turns > 3
    assert len(ids_in(export)) == 10


def test_a_workbook_excel_could_not_open_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "XLSX_ROWS", 2)
    answers(a_survey(), [""] * 3)
    export = service.request(wish("xlsx"))
    one_turn(export)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "CSV or Parquet" in export.error


def test_the_background_file_is_the_streamed_file(drain: Callable[[], int]) -> None:
    survey = a_survey()
    answers(survey, ['=1+1, "x"', "ümlaut\n😀", ""])
    api = caller("read")
    for form in ("csv", "jsonl"):
        made = api.post("exports", {"dataset": "responses", "form": form}).json()
        drain()
        there = api.get(f"exports/{made['id']}/file")
        streamed = api.get(f"responses/export.{form}")
        assert b"".join(there.streaming_content) == b"".join(streamed.streaming_content)


def test_parts_and_finished_files_obey_the_database() -> None:
    export = service.request(wish())
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportFile.objects.filter(pk=export.pk).update(state="done")
    for _ in range(2):
        part = ExportPart(export=export, is_final=True, number=0, size=0, data=b"")
    part.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportPart.objects.create(export=export, is_final=True, number=0, size=0, data=b"")


def test_the_head_stands_once(small_parts: None, drain: Callable[[], int]) -> None:
    answers(a_survey(), [""] * 10)
    export = service.request(wish())
    drain()
    export.refresh_from_db()
    data = b"".join(service.pieces(export))
    assert data.count(head_of(service.gathered_spec(export))) == 1


# ---- Fetching ------------------------------------------------------------------------------------


@pytest.fixture
def finished(small_parts: None, drain: Callable[[], int]) -> tuple[Caller, str, bytes]:
    answers(a_survey(), [""] * 20)
    api = caller("read")
    made = api.post("exports", {"dataset": "responses", "columns": ["id", "score"]})
    assert made.status_code == 202
    drain()
    path = f"exports/{made.json()['id']}/file"
    return api, path, b"".join(api.get(path).streaming_content)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-", 0, None), ("bytes=7-", 7, None), ("bytes=5-5", 5, 6), ("bytes=-9", -9, None),
     ("bytes=3-100000", 3, None)],
)  # fmt: skip
def test_a_download_goes_on_where_it_broke_off(
    finished: tuple[Caller, str, bytes], asked: str, start: int, end: int | None
) -> None:
    api, path, whole = finished
    reply = api.get(path, range=asked)
    data = b"".join(reply.streaming_content)
    assert reply.status_code == 206
    assert data == whole[start:end]
    assert int(reply["Content-Length"]) == len(data)
    assert reply["Content-Range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=9-3", "bytes=-", "bytes=-0", "lines=1-", "bytes=1-2,4-5"])
def test_a_range_that_makes_no_sense_gets_all_of_it(
    finished: tuple[Caller, str, bytes], asked: str
) -> None:
    api, path, whole = finished
    reply = api.get(path, range=asked)
    assert reply.status_code == 200
    assert b"".join(reply.streaming_content) == whole


def test_a_range_past_the_end_and_of_another_file(finished: tuple[Caller, str, bytes]) -> None:
    api, path, whole = finished
    assert api.get(path, range=f"bytes={len(whole)}-").status_code == 416
    reply = api.get(path, range="bytes=5-", **{"if-range": '"another"'})
    assert reply.status_code == 200
    checksum = base64.b64encode(hashlib.sha256(whole).digest()).decode()
    assert reply["Repr-Digest"] == f"sha-256=:{checksum}:"


def test_a_file_that_is_not_ready_says_so() -> None:
    api = caller("read")
    made = api.post("exports", {"dataset": "contacts", "form": "xlsx"}).json()
    refused = api.get(f"exports/{made['id']}/file")
    assert refused.status_code == 409
    assert error_of(refused)["code"] == "not_ready"
    assert api.delete(f"exports/{made['id']}").status_code == 204
    assert api.get(f"exports/{made['id']}").status_code == 404


# ---- Asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"dataset": "people"}, "dataset"),
        ({"dataset": "responses", "form": "pdf"}, "form"),
        ({"dataset": "responses", "filters": {"surveys": "x"}}, "filters.surveys"),
        ({"dataset": "responses", "filters": {"since": "soon"}}, "filters.since"),
        ({"dataset": "responses", "columns": ["secret"]}, "columns"),
        ({"dataset": "responses", "form": "jsonl", "columns": ["property.x"]}, "columns"),
    ],
)
def test_what_cannot_be_exported_is_named(body: dict[str, Any], place: str) -> None:
    refused = caller("read").post("exports", body)
    assert refused.status_code == 422
    assert place in error_of(refused)["fields"]
    assert not ExportFile.objects.exists()


def test_a_repeated_call_makes_one_file() -> None:
    api = caller("read")
    first, second = (
        api.post("exports", {"dataset": "scores"}, **{"idempotency-key": "k1"}).json()["id"]
        for _ in range(2)
    )
    assert first == second
    assert ExportFile.objects.count() == 1


def test_a_key_of_one_survey_gets_that_survey_and_nothing_else(drain: Callable[[], int]) -> None:
    mine, theirs = a_survey("mine"), a_survey("theirs")
    said = answer(mine, "")
    answer(theirs, "")
    api = caller("read", survey=mine)
    made = api.post("exports", {"dataset": "responses", "columns": ["id"]})
    drain()
    assert ids_in(ExportFile.objects.get(pk=made.json()["id"])) == [said.pk]
    assert api.post("exports", {"dataset": "contacts"}).status_code == 403
    foreign = service.request(wish())
    assert api.get(f"exports/{foreign.pk}").status_code == 404
    assert [row["id"] for row in api.get("exports").json()["results"]] == [made.json()["id"]]


def test_files_are_taken_away_after_a_week(drain: Callable[[], int]) -> None:
    answers(a_survey(), [""])
    export = service.request(wish())
    drain()
    assert ExportPart.objects.exists()
    past = timezone.now() - timedelta(seconds=1)
    ExportFile.objects.update(expires_at=past)
    Job.objects.filter(kind="expire_export").update(due_at=past)
    drain()
    assert not ExportFile.objects.filter(pk=export.pk).exists()
    assert not ExportPart.objects.exists()
    assert Response.objects.count() == 1


# ---- Staff ---------------------------------------------------------------------------------------


def test_staff_ask_for_a_file_and_fetch_it(staff_client: Any, drain: Callable[[], int]) -> None:
    survey = a_survey()
    answers(survey, ["Great"])
    address = reverse("staff:exports")
    assert "No files yet" in staff_client.get(address).content.decode()
    form = {"dataset": "responses", "form": "csv", "survey": survey.slug, "since": "2020-01-01"}
    assert staff_client.post(address, form).status_code == 302
    assert "refresh.js" in staff_client.get(address).content.decode()  # while it is written
    drain()
    export = ExportFile.objects.get()
    page = staff_client.get(address).content.decode()
    assert export.sha256 in page
    assert "refresh.js" not in page
    fetched = staff_client.get(reverse("staff:export-file", args=[export.pk]))
    assert b"Great" in b"".join(fetched.streaming_content)
    staff_client.post(reverse("staff:export-remove", args=[export.pk]))
    assert not ExportFile.objects.exists()


def test_days_in_the_wrong_order_are_refused(staff_client: Any) -> None:
    form = {"dataset": "responses", "form": "csv", "since": "2026-02-01", "until": "2026-01-01"}
    reply = staff_client.post(reverse("staff:exports"), form)
    assert reply.status_code == 422
    assert "before the first day" in reply.content.decode()


def test_a_running_file_can_be_stopped(staff_client: Any, drain: Callable[[], int]) -> None:
    export = service.request(wish())
    staff_client.post(reverse("staff:export-remove", args=[export.pk]))
    drain()
    export.refresh_from_db()
    assert export.state == "stopped"
    assert not ExportPart.objects.exists()


def test_staff_see_only_files_of_what_they_may_see(
    client: Any, django_user_model: Any, settings: Any
) -> None:
    from django.contrib.auth.models import Permission

    bob = django_user_model.objects.create_user("bob", is_staff=True)
    for codename in ("view_exportfile", "add_exportfile", "view_response"):
        bob.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(bob, backend=settings.AUTHENTICATION_BACKENDS[0])
    contact("ada")
    hidden = service.request(Wish("contacts", "csv", {}))
    page = client.get(reverse("staff:exports")).content.decode()
    assert hidden.name not in page
    assert client.get(reverse("staff:export-file", args=[hidden.pk])).status_code == 404
    refused = client.post(reverse("staff:exports"), {"dataset": "contacts", "form": "csv"})
    assert refused.status_code == 403
    assert Contact.objects.count() == 1


def test_the_inbox_exports_exactly_what_it_shows(staff_client: Any) -> None:
    survey = a_survey()
    wanted = answer(survey, "The export of reports is slow", score=3)
    answer(survey, "Great", score=10)
    page = staff_client.get(reverse("staff:responses"), {"q": "reports"})
    link = f"{reverse('staff:responses-export')}?q=reports"
    assert link in page.content.decode()
    data = b"".join(staff_client.get(link).streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in data.splitlines()[1:]] == [str(wanted.pk)]


# ---- Elsewhere -----------------------------------------------------------------------------------


def test_the_same_files_elsewhere_give_the_same_score(drain: Callable[[], int]) -> None:
    """Exported answers, brought into another survey, and exported scores: one number."""
    here, _there = a_survey("here"), a_survey("there")
    for score in (10, 10, 9, 8, 7, 6, 3, 0, 10, 9, 9, 2):
        answer(here, "The support was great" if score > 8 else "", score=score)
    drain()
    api = caller()
    lines = b"".join(api.get("responses/export.jsonl?survey=here").streaming_content).splitlines()
    fields = ("score", "comment", "submitted_at", "properties")
    rows = [
        {"email": f"p{place}@example.com"}
        | {name: value for name, value in json.loads(line).items() if name in fields}
        for place, line in enumerate(lines)
    ]
    assert api.post("responses/bulk", {"survey": "there", "responses": rows}).status_code == 200
    drain()
    first, second = (api.get(f"surveys/{slug}/score").json() for slug in ("here", "there"))
    assert first["score"]["value"] is None or first["score"] == second["score"]
    assert first["score"]["n"] == second["score"]["n"] == 12
    assert first["score"]["interval"] == second["score"]["interval"]

    counted = csv.DictReader(
        io.StringIO(b"".join(api.get("scores/export.csv?facet=all").streaming_content).decode())
    )
    histograms: dict[str, dict[int, int]] = {"here": {}, "there": {}}
    for row in counted:
        histogram = histograms[row["survey"]]
        histogram[int(row["score"])] = histogram.get(int(row["score"]), 0) + int(row["count"])
    assert histograms["here"] == histograms["there"]
    assert sum(histograms["here"].values()) == 12
