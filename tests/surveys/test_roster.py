"""Files as customers' spreadsheets write them, and files nobody should write."""

import io
import random
import zipfile
from datetime import date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from surveys import roster, sheets
from surveys.addresses import address_of, flaw_of, is_address
from surveys.repeats import find_repeats
from surveys.roster import Meaning


def read(data: bytes | str, **options):
    sheet = sheets.read(data.encode() if isinstance(data, str) else data, **options)
    columns = roster.guess(sheet)
    repeats = find_repeats(roster.addresses_in(sheet.records, columns))
    rows = list(roster.people(sheet.records, columns, repeats=repeats))
    people = [person for _, person, _ in rows if person]
    problems = [problem for _, _, found in rows for problem in found]
    return people, problems


def xlsx(*rows, edit=None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if edit:
        edit(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_row_becomes_a_person_with_properties():
    people, problems = read(
        "E-Mail,First name,Surname,Customer ID,Company,Locale,Plan Type,Seats\n"
        "Ada@Example.com,Ada,Byron,c7,Analytical Engines,en_GB,Growth,14\n"
    )
    assert problems == []
    assert people == [
        roster.Person(
            row=2,
            email="ada@example.com",
            name="Ada Byron",
            customer_id="c7",
            customer_name="Analytical Engines",
            language="en-gb",
            properties={"plan_type": "Growth", "seats": 14},
        )
    ]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16", b""),  # Python writes its own mark
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
        ("latin-1", b""),
    ],
)
def test_every_usual_encoding_is_recognised(encoding, mark):
    text = "email;name;city\r\nzoe@example.com;Zoë Müller;Köln\r\n"
    people, _ = read(mark + text.encode(encoding))
    assert (people[0].name, people[0].properties) == ("Zoë Müller", {"city": "Köln"})


def test_an_encoding_can_be_named_when_the_guess_is_wrong():
    text = "email,name\nivan@example.com,Иван\n".encode("cp1251")
    assert read(text, encoding="cp1251")[0][0].name == "Иван"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_recognised(delimiter):
    lines = ["email", "name", "notes"], ["ada@example.com", "Ada", "a b"]
    people, _ = read("\n".join(delimiter.join(line) for line in lines))
    assert people[0].properties == {"notes": "a b"}


def test_excels_own_delimiter_line_is_obeyed_and_counted():
    people, _ = read("sep=;\nemail;name\nada@example.com;Byron, Ada\n")
    assert (people[0].row, people[0].name) == (3, "Byron, Ada")


def test_quoted_cells_keep_delimiters_quotes_and_line_ends():
    people, problems = read(
        'email,name,notes\n"ada@example.com","Byron, ""Ada""","first\nsecond"\n'
        "bob@example.com,Bob,\n"
    )
    assert problems == []
    assert people[0].name == 'Byron, "Ada"'
    assert people[0].properties == {"notes": "first second"}
    assert [person.row for person in people] == [2, 3]  # as a spreadsheet numbers them


def test_a_quote_that_never_closes_costs_its_own_row_only():
    people, problems = read(
        'email,name\nada@example.com,"Ada\nbob@example.com,Bob\ncara@example.com,"Cara"\n'
    )
    assert [person.email for person in people] == ["bob@example.com", "cara@example.com"]
    assert [(problem.row, problem.code) for problem in problems] == [(2, "torn")]


def test_inches_in_the_middle_of_a_cell_are_no_quotation():
    people, problems = read('email,item\nada@example.com,5" pipe\nbob@example.com,6" pipe\n')
    assert problems == []
    assert [person.properties["item"] for person in people] == ['5" pipe', '6" pipe']


def test_a_bad_address_is_named_with_its_row_column_and_remedy():
    _, problems = read("Name,E-mail\n" + "Ada,ada@example.com\n" * 12 + "Ada,ada@\n")
    (problem,) = [p for p in problems if p.is_refusal]
    assert (problem.row, problem.column, problem.code) == (14, "E-mail", "not_email")
    assert problem.message == "“ada@” is not an e-mail address."
    assert "Correct the address" in str(roster.REMEDIES[problem.code])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There is no e-mail address"),
        ("ada example.com", "contains a space"),
        ("ada@example.com, bob@example.com", "more than one address"),
        ("ada@example..com", "is not an e-mail address"),
        ("ada@localhost", "is not an e-mail address"),
        ("a" * 250 + "@example.com", "too long"),
    ],
)
def test_each_flaw_of_an_address_is_said(text, words):
    assert words in flaw_of(address_of(text)[0])


def test_an_address_may_come_with_a_name_or_a_prefix():
    assert address_of("Ada Byron <Ada@Example.com>") == ("ada@example.com", "Ada Byron")
    assert address_of(" mailto:ada@example.com; ") == ("ada@example.com", "")
    assert address_of("\u200bada@example.com\u00a0") == ("ada@example.com", "")


def test_the_last_row_of_an_address_counts_and_the_others_are_reported():
    people, problems = read(
        "email,plan\nada@example.com,Start\nbob@example.com,Start\nADA@example.com,Growth\n"
    )
    assert {person.email: person.properties["plan"] for person in people} == {
        "bob@example.com": "Start",
        "ada@example.com": "Growth",
    }
    assert [(p.row, p.code, p.is_refusal) for p in problems] == [(2, "duplicate", False)]
    assert "row 4" in problems[0].message


def test_numbers_are_numbers_but_ids_and_phones_stay_text():
    people, _ = read(
        "email,seats,share,debt,zip,phone,card,version,exponent\n"
        "ada@example.com,14,0.5,-3,01097,+4912345,1234567890123456,1.2.3,1e5\n"
    )
    assert people[0].properties == {
        "seats": 14,
        "share": 0.5,
        "debt": -3,
        "zip": "01097",
        "phone": "+4912345",
        "card": "1234567890123456",
        "version": "1.2.3",
        "exponent": "1e5",
    }


def test_what_looks_like_a_formula_is_only_text():
    people, _ = read('email,note\nada@example.com,"=HYPERLINK(""http://x"")"\n')
    assert people[0].properties == {"note": '=HYPERLINK("http://x")'}


def test_nul_and_control_characters_never_reach_the_database():
    people, _ = read("email,na\x00me\nada@example.com,A\x00d\x07a\x1b[31m\n")
    assert people[0].name == "Ada[31m"


def test_a_very_long_cell_is_cut_and_said():
    people, problems = read(f"email,notes\nada@example.com,{'x' * 200_000}\n")
    assert len(people[0].properties["notes"]) == roster.MOST_PROPERTY
    assert [(p.code, p.is_refusal) for p in problems] == [("cut", False)]


def test_a_customer_id_is_never_cut():
    people, problems = read(f"email,customer id\nada@example.com,{'x' * 121}\n")
    assert people == []
    assert problems[0].code == "too_long"


def test_an_unknown_language_keeps_the_person():
    people, problems = read("email,language\nada@example.com,Klingon\nbob@example.com,Deutsch\n")
    assert [person.language for person in people] == ["", "de"]
    assert problems[0].code == "language"


def test_cells_beyond_the_heading_are_left_out_and_said():
    sheet = sheets.read(b"email,name\nada@example.com,Ada\n")
    columns = roster.guess(sheet)[:2]
    record = sheets.Record(9, ("bob@example.com", "Bob", "Bobson"))
    (_, person, problems) = next(iter(roster.people([record], columns, repeats=find_repeats(()))))
    assert person.name == "Bob"
    assert [problem.code for problem in problems] == ["extra"]


def test_a_file_without_headings_is_read_by_its_content():
    people, _ = read("Ada,ada@example.com\nBob,bob@example.com\n")
    assert [person.email for person in people] == ["ada@example.com", "bob@example.com"]
    assert [person.row for person in people] == [1, 2]


def test_an_address_column_with_a_strange_heading_is_found_by_content():
    sheet = sheets.read(b"who,where\nAda,ada@example.com\n")
    assert [c.meaning for c in roster.guess(sheet)] == [Meaning.PROPERTY, Meaning.EMAIL]


def test_headings_may_repeat_or_be_missing():
    sheet = sheets.read(b"email,plan,,plan,2024\nada@example.com,a,b,c,d\n")
    assert sheet.header == ("email", "plan", "Column 3", "plan (2)", "2024")
    names = [c.property for c in roster.guess(sheet)]
    assert names == ["email", "plan", "column_3", "plan_2", "column_2024"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "is empty"),
        (b"email,name\n", "nothing below"),
        (b"email,name\n,\n\n", "nothing below"),
        (b",,\n,,\n", "no cells with text"),
        (b"%PDF-1.7 ...", "no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "old or password-protected"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (b"a" * (sheets.MOST_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(data, words):
    with pytest.raises(sheets.Unreadable, match=words):
        sheets.read(data)


# ---- Excel --------------------------------------------------------------------------------


def test_excel_cells_arrive_as_what_they_are():
    people, problems = read(
        xlsx(
            ["Email", "Since", "Seen", "At", "Seats", "Share", "Zip", "VIP", "Broken"],
            [
                "ada@example.com", date(2026, 1, 31), datetime(2026, 2, 1, 9, 30), time(8, 5),
                14, 0.25, "01097", True, "#N/A",
            ],
        )
    )  # fmt: skip
    assert problems == []
    assert people[0].properties == {
        "since": "2026-01-31",
        "seen": "2026-02-01 09:30",
        "at": "08:05",
        "seats": 14,
        "share": 0.25,
        "zip": "01097",
        "vip": "true",
    }


def test_an_excel_formula_is_read_by_its_last_value():
    from surveys import workbook

    cell = b'<c r="B2"><f>6*7</f><v>42</v></c>'
    data = _with_sheet(
        b'<row r="2"><c r="A2" t="str"><v>ada@example.com</v></c>' + cell + b"</row>"
    )
    rows = list(workbook.rows_of(io.BytesIO(data), most_columns=10))
    assert rows == [(2, ("ada@example.com", 42))]


def test_gaps_and_a_lying_dimension_cost_nothing():
    def edit(book):
        book.active["A900000"] = "bob@example.com"
        book.active["XFD2"] = "far away"

    people, _ = read(xlsx(["email", "name"], ["ada@example.com", "Ada"], edit=edit))
    assert [(p.row, p.email) for p in people] == [
        (2, "ada@example.com"),
        (900000, "bob@example.com"),
    ]


def test_the_first_visible_sheet_with_cells_is_read():
    def edit(book):
        book.active.title = "hidden"
        book.active.sheet_state = "hidden"
        book.create_sheet("empty")
        sheet = book.create_sheet("people")
        sheet.append(["email"])
        sheet.append(["bob@example.com"])

    people, _ = read(xlsx(["email"], ["ada@example.com"], edit=edit))
    assert [person.email for person in people] == ["bob@example.com"]


def _archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return file.getvalue()


def _with_sheet(rows: bytes, *, prefix: bytes = b"") -> bytes:
    file = io.BytesIO(xlsx(["email"]))
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                data = prefix + b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
            new.writestr(info.filename, data)
    return out.getvalue()


def test_other_zip_files_are_named_for_what_they_are():
    with pytest.raises(sheets.Unreadable, match="ZIP file"):
        sheets.read(_archive(readme_dot_txt=b"hello"))
    with pytest.raises(sheets.Unreadable, match="OpenDocument"):
        sheets.read(_archive(mimetype=b"x", content_dot_xml=b"<x/>"))


def test_a_zip_bomb_is_not_unpacked():
    bomb = _archive(xl__workbook_dot_xml=b"<x/>", bomb_dot_xml=b" " * 121_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(sheets.Unreadable, match="unpacks to far too much"):
        sheets.read(bomb)


def test_entities_are_not_expanded():
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    cells = b'<row><c t="str"><v>email</v></c></row><row><c t="str"><v>&b;</v></c></row>'
    with pytest.raises(sheets.Unreadable, match="damaged"):
        sheets.read(_with_sheet(cells, prefix=laughs))


# ---- Whatever comes ----------------------------------------------------------------------

XLSX = xlsx(
    ["email", "name", "since"],
    *[[f"p{number}@example.com", "Ada", date(2026, 1, number)] for number in range(1, 9)],
)


def readable(data: bytes) -> None:
    """Reading ends in people and problems or in one clear refusal."""
    try:
        people, problems = read(data)
    except sheets.Unreadable as error:
        assert str(error)
    except StopIteration:
        pass  # no column holds addresses: the mapping page asks for one
    else:
        assert all(is_address(person.email) for person in people)
        assert all(problem.message and problem.code in roster.REMEDIES for problem in problems)
        assert all("\x00" not in str(value) for p in people for value in p.properties.values())


@settings(deadline=None)
@given(st.binary(max_size=400))
@example(b'"')
@example(b"sep=")
@example(b"\xff\xfe\x00")
@example(b"PK\x03\x04")
def test_any_bytes_are_read_or_refused(data):
    readable(data)


@settings(deadline=None)
@given(st.text(alphabet='",;\t|\n\r@.ab=\x00é', max_size=200))
def test_any_text_is_read_or_refused(text):
    readable(text.encode())


@settings(deadline=None, max_examples=300)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_a_damaged_excel_file_is_read_or_refused(dice: random.Random, wounds):
    data = bytearray(XLSX)
    for _ in range(wounds):
        data[dice.randrange(4, len(data))] = dice.randrange(256)
    readable(bytes(data[: dice.randrange(5, len(data))] if dice.random() < 0.2 else data))


@settings(deadline=None, max_examples=200)
@given(st.randoms(use_true_random=False), st.integers(1, 20))
def test_damaged_xml_inside_a_sound_archive_is_read_or_refused(dice: random.Random, wounds):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(out, "w") as new:
        victim = dice.choice([i.filename for i in old.infolist() if i.filename.startswith("xl")])
        for info in old.infolist():
            data = bytearray(old.read(info))
            for _ in range(wounds if info.filename == victim else 0):
                data[dice.randrange(len(data))] = dice.randrange(32, 127)
            new.writestr(info.filename, bytes(data))
    readable(out.getvalue())


cells = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]), max_size=30
).filter(lambda text: "@" not in text)
bad_rows = st.sampled_from(
    ['"never closed,x', '"a" b,c', ",,,,,,,", "just text", 'x,"', '""",', "\x00\x01"]
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.one_of(st.none(), bad_rows, cells), min_size=1, max_size=30),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_good_rows_are_never_lost_whatever_stands_between_them(rows, delimiter, end):
    lines, wanted = [delimiter.join(["email", "name", "plan"])], []
    for number, row in enumerate(rows):
        if row is None:
            wanted.append(f"p{number}@example.com")
            lines.append(delimiter.join([wanted[-1], "Ada", "Growth"]))
        else:
            lines.append(row.replace("\n", " "))
    try:
        people, _ = read(end.join(lines).encode())
    except sheets.Unreadable:
        assert not wanted
        return
    assert [email for email in wanted if email not in {p.email for p in people}] == []


@settings(deadline=None, max_examples=500)
@given(
    st.one_of(
        st.from_regex(r"[a-z0-9.!+_-]{1,12}@[a-z0-9é.-]{1,20}", fullmatch=True),
        st.builds("ada@{}.{}".format, st.text(max_size=6), st.text(max_size=6)),
    )
)
@example("ada@xn--mller-kva.example")
@example("ada@müller.example")
@example("ada@example.é")
def test_every_accepted_address_is_one_to_django(text):
    if is_address(text):
        validate_email(text)


@settings(deadline=None)
@given(st.emails())
def test_hardly_any_address_that_django_takes_is_refused(text):
    try:
        validate_email(text.lower())
    except ValidationError:
        return
    assert is_address(text.lower()) or '"' in text or "[" in text


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_property_name_is_safe_in_a_json_path(heading):
    name = roster.property_name(heading)
    assert name
    assert not name.isdecimal()
    assert len(name) <= 87
    assert roster.property_name(name) == name


@settings(deadline=None)
@given(st.text(alphabet="0123456789.+-e", max_size=20))
def test_a_text_becomes_a_number_only_if_nothing_is_lost(text):
    value = roster.typed(text)
    if not isinstance(value, str):
        assert float(text) == value
        assert not text.startswith("+")
        assert not (text.lstrip("-").startswith("0") and text.lstrip("-")[1:2].isdigit())
