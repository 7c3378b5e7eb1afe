"""Three questions in one breath: what a server may answer, and what never leaves then."""

from __future__ import annotations

import smtplib
import socket

import pytest

from surveys.rawmail import RawMail
from surveys.smtp import WitnessedSMTP

MAIL = RawMail("we@ask.example", "ada@example.com", b"Subject: x\r\n\r\n.dot\r\nend\r\n")


def conversation(*answers: str) -> tuple[WitnessedSMTP, BaseException | None, bytes]:
    """Send a mail to a server that answers so; return the session, what it raised, what it said."""
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.sendall("".join(f"{answer}\r\n" for answer in answers).encode())
    theirs.shutdown(socket.SHUT_WR)
    session = WitnessedSMTP()
    session.sock, session.does_esmtp, session.ehlo_resp = ours, True, b"hello"
    session.esmtp_features = {"pipelining": "", "size": ""}
    raised = None
    try:
        session.send_raw(MAIL)
    except (smtplib.SMTPException, OSError) as error:
        raised = error
    session.close()
    said = b""
    while chunk := theirs.recv(4096):
        said += chunk
    theirs.close()
    return session, raised, said


def test_a_mail_that_is_taken_leaves_whole_with_its_dots_doubled():
    session, raised, said = conversation("250 ok", "250 ok", "354 go on", "250 kept")
    assert raised is None and session.has_sent_data
    assert said == (
        b"MAIL FROM:<we@ask.example> SIZE=%d\r\nRCPT TO:<ada@example.com>\r\nDATA\r\n"
        b"Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n" % len(MAIL.data)
    )


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("550 not you", "503 no", "503 no", "250 reset"), smtplib.SMTPSenderRefused),
        (("250 ok", "550 5.1.1 nobody", "503 no", "250 reset"), smtplib.SMTPRecipientsRefused),
        (("250 ok", "550 nobody", "354 go", "554 none", "250 r"), smtplib.SMTPRecipientsRefused),
        (("250 ok", "250 ok", "451 later", "250 reset"), smtplib.SMTPDataError),
        (("250 ok", "421 goodbye"), smtplib.SMTPResponseException),
        (("250 ok",), smtplib.SMTPServerDisconnected),
    ],
)
def test_before_the_text_left_nothing_is_in_doubt(answers, expected):
    session, raised, said = conversation(*answers)
    assert isinstance(raised, expected)
    assert not session.has_sent_data
    assert b"Subject" not in said


def test_silence_after_the_text_leaves_a_doubt():
    session, raised, _said = conversation("250 ok", "250 ok", "354 go on")
    assert isinstance(raised, smtplib.SMTPServerDisconnected)
    assert session.has_sent_data


def test_a_refusal_after_the_text_is_certain():
    _session, raised, _said = conversation("250 ok", "250 ok", "354 go", "554 spam", "250 reset")
    assert isinstance(raised, smtplib.SMTPDataError) and raised.smtp_code == 554
