"""A long file is read once, a row at a time, and goes on where it stopped."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from surveys import sheets, slices, uploads
from surveys.models import Contact, Upload
from surveys.repeats import find_repeats, unpacked
from surveys.sheets import Record, Table, Unreadable
from surveys.stored_files import open_stored

STEADY = settings(deadline=None, derandomize=True, max_examples=80)
SPARE = 900_000  # bytes, for blocks of a file


def in_turns(data: bytes, rows: int) -> list[Record]:
    """Return the records of a file that is opened anew after so many rows each."""
    found: list[Record] = []
    place: sheets.Place | None = None
    while True:
        table = Table(io.BytesIO(data), place=place)
        own = list(islice(table.records(), rows))
        found += own
        if len(own) < rows:
            return found
        place = table.place()


lines = st.lists(
    st.sampled_from(
        ["ada@example.com,Ada,1", 'bob@example.com,"B,\nob",2', '"never closed,x', "", "é,ö,ü"]
    ),
    max_size=90,
)


@STEADY
@given(
    lines,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.integers(1, 7),
)
@example(['"open,x'] * 60, "\n", "utf-8", 1)
def test_a_file_read_in_turns_has_the_same_rows(
    drawn: list[str], end: str, encoding: str, rows: int
) -> None:
    data = end.join(["email,name,n", *drawn, "zoe@example.com,Zoë,3"]).encode(encoding)
    assert in_turns(data, rows) == list(sheets.read(data).records)


def test_an_excel_file_read_in_turns_has_the_same_rows() -> None:
    book, file = Workbook(), io.BytesIO()
    for row in (["email", "n"], ["ada@example.com", 1], [], ["bob@example.com", 2.5], ["=x", None]):
        book.active.append(row)
    book.save(file)
    assert in_turns(file.getvalue(), 1) == list(sheets.read(file.getvalue()).records)


@STEADY
@given(st.lists(st.sampled_from(["a", "b", "c", "", "ä"]), max_size=30))
def test_of_equal_keys_the_last_row_counts(keys: list[str]) -> None:
    rows = [(3 * number + 2, key) for number, key in enumerate(keys)]
    last = {key: row for row, key in rows}
    found = unpacked(find_repeats(rows).packed())
    expected = {row: last[key] if last[key] != row else None for row, key in rows}
    assert {row: found.last_of(row) for row, _key in rows} == expected
    assert found.last_of(1) is None


def _people(count: int) -> bytes:
    rows = (f"p{number}@example.com,Person {number},Growth\n" for number in range(count))
    return ("email,name,plan\n" + "".join(rows)).encode()


def _peak(work: Callable[[], object]) -> int:
    """Return the most bytes held while some work was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _workbook(count: int) -> bytes:
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append(["email", "name"])
    for number in range(count):
        sheet.append([f"p{number}@example.com", f"Person {number}"])
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(("make", "many"), [(_people, 8000), (_workbook, 5000)])
def test_a_longer_file_takes_no_more_memory_to_look_into(
    make: Callable[[int], bytes], many: int
) -> None:
    short, long = (io.BytesIO(make(count)) for count in (100, many))
    few = _peak(lambda: sheets.look(short))
    assert _peak(lambda: sheets.look(long)) < few + SPARE  # as objects they take 2 MB more


@pytest.mark.django_db
def test_a_stored_file_is_read_as_it_was_written() -> None:
    data = bytes(range(256)) * 5_000  # more than a block
    file = Upload.objects.create(name="x", data=data)
    with open_stored(file) as stored:
        assert stored.read() == data
        assert stored.seek(-5, io.SEEK_END) == len(data) - 5
        assert stored.read(9) == data[-5:]
        assert (stored.seek(1_048_570), stored.read(12)) == (1_048_570, data[1_048_570:1_048_582])


@pytest.mark.django_db
def test_a_turn_does_not_read_what_turns_before_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "BATCH", 10)
    file = uploads.receive("people.csv", _people(60), by=None, language="en")
    uploads.start(file)
    read: list[int] = []
    records = Table.records

    def watched(table: Table) -> Iterator[Record]:
        for record in records(table):
            read.append(record.row)
            yield record

    columns = uploads.columns_of(file)
    repeats = slices.repeats_in(file, lambda rows: uploads.roster.addresses_in(rows, columns))
    monkeypatch.setattr(Table, "records", watched)
    for done in range(0, 60, 10):
        file.refresh_from_db()
        assert slices.repeats_in(file, lambda _rows: pytest.fail("looked for twice"))
        part = next(slices.parts_of(file))
        assert uploads._batch(file.pk, done, part, columns, repeats) == done + 10
    assert read == list(range(2, 62))
    assert Contact.objects.count() == 60
    file.refresh_from_db()
    assert (file.state, file.data, file.repeats) == ("done", None, None)


@pytest.mark.django_db
def test_a_file_that_ends_too_early_is_said_to_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "BATCH", 10)
    file = uploads.receive("people.csv", _people(30), by=None, language="en")
    uploads.start(file)
    Upload.objects.filter(pk=file.pk).update(data=_people(15))
    with pytest.raises(Unreadable):
        slices._slice(file, None, uploads._batches)  # type: ignore[arg-type]
