"""A file of facts from upload to report: matched, tried, stored, every row accounted for."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.success import files
from analytics.success.file_columns import guess
from analytics.success.kinds import KINDS
from analytics.success.models import FactFile, SubscriptionState, Term, UsageEvent
from outbox.drain import drain
from surveys import slices
from surveys.models import Customer
from surveys.repeats import find_repeats

HEAD = "external_id,customer,due_date,amount,currency,Remark\n"
GOOD = "t1,acme,2026-04-30,100.00,EUR,hello\n"


@pytest.fixture(autouse=True)
def acme(customers):
    customers("acme")


def receive(text: str, kind: str = "terms") -> FactFile:
    return files.receive(KINDS[kind], "facts.csv", text.encode(), by=None, language="en")


def run(text: str, kind: str = "terms") -> FactFile:
    given = receive(text, kind)
    files.start(given)
    while drain(files.FACTS):  # a drain ends after some seconds
        pass
    given.refresh_from_db()
    return given


def counts(done: FactFile) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "error", "duplicate")
    return {name: n for name in names if (n := getattr(done, f"{name}_count"))}


def test_good_rows_are_kept_and_bad_ones_say_row_column_and_reason():
    done = run(
        HEAD + GOOD + "t2,acme,2026-04-30,-5,EUR,\n"
        "t3,nobody,2026-04-30,5,EUR,\n"
        "t1,acme,2026-05-31,120,EUR,\n"
        "t4,acme,2026-13-01,5,EUX,\n"
    )
    assert (done.state, counts(done)) == ("done", {"created": 1, "error": 3, "duplicate": 1})
    told = [(e.line, e.column, e.message) for e in done.errors.filter(is_refusal=True)]
    assert told[0] == (3, "amount", "-5 is below zero")
    assert told[1][:2] == (4, "customer")
    assert {column for line, column, _m in told if line == 6} == {"due_date", "currency"}
    [repeated] = done.errors.filter(is_refusal=False)
    assert (repeated.line, repeated.code) == (2, "duplicate")
    assert Term.objects.get().amount == 120  # the last row of a key counts
    assert done.data is None


def test_trying_says_what_would_happen_and_stores_nothing():
    run(HEAD + GOOD + "t2,acme,2026-04-30,7,EUR,\n")
    given = receive(HEAD + GOOD + "t2,acme,2026-04-30,8,EUR,\nt3,acme,2026-04-30,8,EUR,\n,,,,,x\n")
    seen = files.try_out(given)
    found = (seen.created, seen.updated, seen.unchanged, seen.refused, seen.repeated)
    assert found == (1, 1, 1, 1, 0)
    assert Term.objects.count() == 2
    assert {p.row for p in seen.problems} == {5}


def test_the_same_file_again_changes_nothing():
    text = HEAD + "".join(f"t{n},acme,2026-04-30,{n}.50,EUR,\n" for n in range(30))
    assert counts(run(text)) == {"created": 30}
    assert counts(run(text)) == {"unchanged": 30}


def test_a_file_goes_on_where_it_stopped_and_two_workers_do_not_meet(monkeypatch):
    monkeypatch.setattr(slices, "BATCH", 10)
    monkeypatch.setattr(slices, "SLICE_SECONDS", -1.0)
    done = run(HEAD + "".join(f"t{n},acme,2026-04-30,{n},EUR,\n" for n in range(35)))
    assert (done.state, done.rows_done, counts(done)) == ("done", 35, {"created": 35})
    taking = files._Taking(done, find_repeats(()))
    assert files._batch(done.pk, 0, slices.Part([], {}), taking) is None


def test_headings_of_other_systems_are_understood():
    heads = ["ID", "Account ID", "Start Date", "Status", "Price", "Currency", "Seats"]
    assert guess(KINDS["subscriptions"], heads) == [
        "external_id", "customer", "", "status", "amount", "currency", "quantity"
    ]  # fmt: skip
    assert guess(KINDS["terms"], ["verbatim: row", "Due"]) == ["", "due_date"]
    assert guess(KINDS["customers"], ["Customer ID", "Name", "Plan"])[1:] == ["name", "property"]


def test_times_without_a_zone_are_the_workspaces(settings):
    settings.TIME_ZONE = "America/New_York"
    run(
        "external_id,user,at,name\n"
        "a,u,2026-01-31 09:30,open\nb,u,2026-01-31T09:30:00Z,open\nc,u,2026-01-31,open\n",
        "usage-events",
    )
    times = dict(UsageEvent.objects.values_list("external_id", "at"))
    assert times == {
        "a": datetime(2026, 1, 31, 14, 30, tzinfo=UTC),
        "b": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
        "c": datetime(2026, 1, 31, 5, tzinfo=UTC),
    }


def test_an_excel_file_brings_dates_and_numbers_as_they_are():
    book = openpyxl.Workbook()
    book.active.append(["external_id", "customer", "at", "status", "amount", "currency"])
    book.active.append(["s1", "acme", datetime(2026, 1, 1), "active", 49.9, "EUR"])
    data = io.BytesIO()
    book.save(data)
    given = files.receive(KINDS["subscriptions"], "s.xlsx", data.getvalue(), by=None, language="en")
    files.start(given)
    drain(files.FACTS)
    assert str(SubscriptionState.objects.get().amount) == "49.9000"


def test_customers_keep_other_columns_as_properties():
    run("external_id,name,Plan Type\nacme,Acme Ltd,Growth\n", "customers")
    assert Customer.objects.get().properties == {"plan_type": "Growth"}


# ---- Pages ---------------------------------------------------------------------------


def send(client, text: str, kind: str = "terms"):
    file = SimpleUploadedFile("facts.csv", text.encode())
    return client.post(reverse("staff:fact-files"), {"kind": kind, "file": file})


def test_staff_upload_match_try_store_and_fetch_the_refused_rows(staff_client):
    said = send(staff_client, HEAD.replace("due_date", "Ablauf") + GOOD + "t2,acme,x,5,EUR,\n")
    page = staff_client.get(said.url).content.decode()
    assert "Which column holds due_date?" in page
    chosen = {"encoding": "", "column-0": "external_id", "column-1": "customer",
              "column-2": "due_date", "column-3": "amount", "column-4": "currency"}  # fmt: skip
    page = staff_client.post(said.url, chosen | {"look": ""}).content.decode()
    assert "1 row can be stored, 1 cannot" in page
    assert "x is not a day like 2026-01-31" in page
    assert staff_client.post(said.url, chosen | {"start": ""}).status_code == 302
    assert "0 of 2 rows are done" in staff_client.get(said.url).content.decode()
    drain(files.FACTS)
    page = staff_client.get(said.url).content.decode()
    assert "1 fact is stored, 1 row was refused" in page
    rows = b"".join(staff_client.get(f"{said.url}refused.csv").streaming_content).decode()
    assert "t2,acme,x,5,EUR" in rows
    assert "due_date" in rows


def test_a_wrong_choice_or_file_is_said_and_nothing_breaks(staff_client):
    assert send(staff_client, "").status_code == 422
    assert send(staff_client, GOOD, "fruit").status_code == 422
    said = send(staff_client, HEAD + GOOD)
    twice = {"encoding": "", "column-0": "customer", "column-1": "customer"}
    page = staff_client.post(said.url, twice | {"start": ""}).content.decode()
    assert "Two columns are “customer”" in page
    page = staff_client.post(said.url, {"encoding": "", "column-0": "x"}).content.decode()
    assert "not possible" in page
    assert staff_client.post(f"{said.url}discard/").url == reverse("staff:fact-files")
    assert not FactFile.objects.exists()


def test_only_staff_who_may_add_facts_see_the_page(client):
    assert client.get(reverse("staff:fact-files")).status_code == 302
