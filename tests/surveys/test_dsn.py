"""Reading the bounce mailbox: what is said, about which mail, and nothing a stranger can forge."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.dsn import mail_address, read
from tests.surveys.notices import BASE, complaint, dsn, plain

ID = UUID("00112233-4455-6677-8899-aabbccddeeff")
VERP = mail_address(BASE, ID)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, "bounced"),
        ({"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 mailbox full"}, "returned"),
        ({"status": "5.7.1", "diagnostic": "smtp; 554 5.7.1 spam"}, "returned"),
        ({"status": "4.4.7", "diagnostic": "smtp; delivery time expired"}, "returned"),
        ({"action": "delayed", "status": "4.4.1"}, "delayed"),
        ({"action": "delivered", "status": "2.0.0"}, "delivered"),
        ({"action": "unheard-of"}, ""),
    ],
)
def test_a_notice_says(facts, kind):
    assert read(dsn(ID, **facts)).kind == kind


def test_the_mail_is_found_by_the_address_or_by_what_was_given_back():
    assert read(dsn(ID, to=VERP, given_back=False)).mail_id == ID
    assert read(dsn(ID)).mail_id == ID
    assert read(dsn(None)).mail_id is None


def test_the_words_of_the_server_are_kept():
    assert read(dsn(ID)).said == "5.1.1 smtp; 550 5.1.1 no such user"


def test_a_complaint_is_read():
    notice = read(complaint(ID))
    assert (notice.kind, notice.mail_id) == ("complained", ID)


def test_a_mail_to_the_unsubscribe_address_is_a_wish_and_an_automatic_one_is_none():
    wish = plain(to=VERP, subject="Unsubscribe")
    assert (read(wish).kind, read(wish).mail_id) == ("unsubscribed", ID)
    assert read(plain(to=BASE, subject="unsubscribe")).kind == ""
    automatic = plain(to=VERP, subject="unsubscribe", more="Auto-Submitted: auto-replied\n")
    assert read(automatic).kind == ""


@pytest.mark.parametrize(
    "subject", ["Out of office", "Automatic reply: One question", "Re: One question", ""]
)
def test_replies_report_nothing(subject):
    assert read(plain(to=VERP, subject=subject, text="I am away. 5.1.1 days")).kind == ""


def test_an_old_bounce_in_free_text_is_read_when_a_daemon_wrote_it():
    words = "Hi. This is the qmail-send program.\n<ada@example.com>:\n550 5.1.1 unknown user\n"
    said = plain(to=VERP, subject="failure notice", sender="MAILER-DAEMON@old.example", text=words)
    assert (read(said).kind, read(said).said) == ("bounced", "550 5.1.1 unknown user")
    assert read(plain(to=VERP, subject="x", text=words)).kind == ""


def test_the_same_notice_has_the_same_id_and_another_one_another():
    first, again = read(dsn(ID)), read(dsn(ID))
    other = read(dsn(ID, message_id="<n2@mx.example.net>"))
    assert first.event_id == again.event_id != other.event_id


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 900))
def test_no_mail_breaks_the_reader(rubbish, at):
    whole = dsn(ID)
    read(rubbish)
    read(whole[:at] + rubbish + whole[at:])
