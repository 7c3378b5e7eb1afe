"""Mails as a bounce mailbox gets them: notices, complaints, replies and rubbish."""

from __future__ import annotations

from uuid import UUID

BASE = "bounces@ask.example"


def dsn(
    mail_id: UUID | None,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 no such user",
    to: str = BASE,
    given_back: bool = True,
    message_id: str = "<n1@mx.example.net>",
) -> bytes:
    """Return a delivery-status notice as Postfix writes it."""
    back = f"X-Verbatim-Id: {mail_id}\n" if mail_id and given_back else ""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4F2

Final-Recipient: rfc822; victim@example.com
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--B
Content-Type: text/rfc822-headers

From: Surveys <surveys@ask.example>
Subject: One question
{back}
--B--
""".encode()


def complaint(mail_id: UUID) -> bytes:
    return f"""From: feedback@provider.example
To: {BASE}
Message-ID: <c1@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

This is an email abuse report.

--B
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1

--B
Content-Type: message/rfc822

From: Surveys <surveys@ask.example>
X-Verbatim-Id: {mail_id}

Hello
--B--
""".encode()


def plain(
    *, to: str, subject: str, sender: str = "ada@example.com", more: str = "", text: str = ""
) -> bytes:
    return (
        f"From: {sender}\nTo: {to}\nSubject: {subject}\n"
        f"Message-ID: <p1@example.com>\n{more}\n{text}\n"
    ).encode()
