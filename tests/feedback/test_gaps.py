"""Gaps of a saved answer and the link into a mail program."""

from __future__ import annotations

from email.headerregistry import Address
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.gaps import GAPS, fill, has_stray_brace, unknown_gaps
from feedback.mail_links import LONGEST, mail_link


def test_gaps_are_filled_in_one_line_and_missing_ones_stay_visible() -> None:
    found = fill(
        "Dear {name},\n{customer} {agent} {agent}", {"name": " Ada\n Byron ", "agent": " "}
    )
    assert found.text == "Dear Ada Byron,\n[customer?] [agent?] [agent?]"
    assert found.missing == ("customer", "agent")


def test_what_a_person_is_called_is_never_a_gap_itself() -> None:
    assert fill("{name}", {"name": "{agent}", "agent": "Maya"}).text == "{agent}"


@pytest.mark.parametrize(
    ("text", "unknown", "stray"),
    [
        ("Dear {name}", (), False),
        ("{nmae} {Name} {nmae}", ("nmae", "Name"), False),
        ("{ name }", (" name ",), False),
        ("{}", ("",), False),
        ("{name", (), True),
        ("name}", (), True),
        ("{{name}}", (), True),
        ("{na\nme}", (), True),
    ],
)
def test_what_cannot_be_filled_is_found(text: str, unknown: tuple[str, ...], stray: bool) -> None:
    assert (unknown_gaps(text), has_stray_brace(text)) == (unknown, stray)


@settings(max_examples=40)
@given(st.text(max_size=20), st.dictionaries(st.sampled_from(GAPS), st.text(max_size=8)))
def test_no_known_gap_is_left_open(text: str, values: dict[str, str]) -> None:
    plain = text.replace("{", "").replace("}", "")
    found = fill(plain + "".join(f"{{{name}}}" for name in GAPS), values)
    assert set(found.missing) == {name for name in GAPS if not values.get(name, "").split()}
    assert found.text.startswith(plain)


def test_a_mail_link_keeps_every_language_line_and_sign() -> None:
    body = "عزيزتي آدا،\nشكراً 🙏 & 100 % = ?#+\n\nمايا"
    link = mail_link("ada+x?y@example.com", subject="Re: كم\nمن 10 & more", body=body)
    parts = urlsplit(link)
    assert parts.scheme == "mailto" and unquote(parts.path) == "ada+x?y@example.com"
    assert link.isascii() and " " not in link
    found = parse_qs(parts.query, strict_parsing=True)
    assert found == {"subject": ["Re: كم من 10 & more"], "body": [body.replace("\n", "\r\n")]}


def test_a_link_that_would_be_cut_off_is_none() -> None:
    short, long = ("ж" * n for n in (290, 320))
    assert 0 < len(mail_link("a@b.example", subject="s", body=short)) <= LONGEST
    assert mail_link("a@b.example", subject="s", body=long) == ""


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=40))
def test_no_text_adds_a_header_or_an_address(body: str, subject: str) -> None:
    link = mail_link("ada@example.com", subject=subject, body=body)
    assert link.startswith("mailto:ada@example.com?subject=") and link.count("&") == 1
    assert link.isascii() and not any(sign in link for sign in '\r\n "<>')
    assert Address(addr_spec=unquote(urlsplit(link).path)).username == "ada"
