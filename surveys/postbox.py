"""Where reports about our mails arrive: an IMAP mailbox, a Maildir, an mbox file, or one mail.

Each mail is recorded before it is marked as read or moved, so that a crash
reads it again (which changes nothing) and never loses it. No mail is deleted.
One that cannot be read is flagged and told of, and the ones behind it are read.
"""

from __future__ import annotations

import hashlib
import imaplib
import logging
import mailbox
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import DataError

from outbox.transactions import write
from surveys import dsn, outages, returns
from surveys.models import UnreadReport

log = logging.getLogger(__name__)

TIMEOUT = 30.0
MOST = 2000  # mails a reading; the rest follow at the next one
NOTHING, UNKNOWN, KNOWN = "nothing to report", "about no mail of ours", "known already"
UNREADABLE = "unreadable"


class UnreadableMailbox(Exception):
    """The address of a mailbox makes no sense, or nothing answers there; says what to do."""


def take(raw: bytes) -> str:
    """Record what one mail reports; return its kind or why nothing was recorded."""
    notice = dsn.read(raw)
    if not notice.kind:
        return NOTHING
    if notice.mail_id is None or returns.find_by_mail_id(notice.mail_id) is None:
        return UNKNOWN
    report = returns.Report(
        event_id=notice.event_id,
        kind=notice.kind,
        source="bounce mailbox",
        said=notice.said,
        mail_id=notice.mail_id,
    )
    return notice.kind if returns.record(report) else KNOWN


def _take(raw: bytes) -> str:
    """Record what one mail reports; one that cannot be read must not stand before the others."""
    try:
        with write():
            return take(raw)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, DataError) as error:
        return _unreadable(raw, error)


def _unreadable(name: bytes, error: Exception | str) -> str:
    said = str(error) if isinstance(error, str) else f"{type(error).__name__}: {error}"
    digest = hashlib.sha256(name).hexdigest()[:40]
    defaults = {"error": dsn.storable(said)[:300]}
    UnreadReport.objects.get_or_create(digest=digest, defaults=defaults)
    log.error("report unreadable digest=%s", digest)
    return UNREADABLE


def read_own() -> Counter[str]:
    """Read BOUNCE_MAILBOX, and remember for staff whether it could be read. UnreadableMailbox."""
    try:
        found = read(settings.BOUNCE_MAILBOX)
    except UnreadableMailbox as error:
        outages.note(outages.BOUNCE_MAILBOX, str(error))
        raise
    outages.is_over(outages.BOUNCE_MAILBOX)
    return found


def read(address: str) -> Counter[str]:
    """Read what is new in a mailbox; count what was found. UnreadableMailbox says what is wrong."""
    scheme, _colon, rest = address.partition(":")
    try:
        match scheme:
            case "imap" | "imaps":
                return Counter(_imap(address))
            case "maildir":
                return Counter(_maildir(Path(rest)))
            case "mbox":
                return Counter(_mbox(Path(rest)))
    except (OSError, imaplib.IMAP4.error, mailbox.Error) as error:
        raise UnreadableMailbox(f"{_without_password(address)}: {error}") from error
    raise UnreadableMailbox(
        f"{_without_password(address)!r} is no mailbox: write imaps://user:password@host/INBOX, "
        "maildir:/path or mbox:/path"
    )


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else address


def _imap(address: str) -> Iterator[str]:
    """Read unseen mails; each is marked as seen once it is recorded."""
    parts = urlsplit(address)
    host, folder = parts.hostname or "", unquote(parts.path.lstrip("/")) or "INBOX"
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host, parts.port or 993, ssl_context=context, timeout=TIMEOUT
        )
    else:
        server = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    with server:
        _log_in(server, unquote(parts.username or ""), unquote(parts.password or ""))
        status, said = server.select(f'"{folder}"')
        if status != "OK":
            raise imaplib.IMAP4.error(f"no folder {folder!r}: {said}")
        _status, found = server.uid("SEARCH", "UNSEEN")
        for uid in found[0].decode().split()[:MOST] if found and found[0] else []:
            _status, parts_of_mail = server.uid("FETCH", uid, "(BODY.PEEK[])")
            raw = next((part[1] for part in parts_of_mail if isinstance(part, tuple)), None)
            if raw is None:
                what = _unreadable(f"{address} {uid}".encode(), "the server did not hand it out")
            else:
                what = _take(raw)
            flags = r"(\Seen \Flagged)" if what == UNREADABLE else r"(\Seen)"
            server.uid("STORE", uid, "+FLAGS", flags)
            yield what


def _log_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    try:
        server.login(user, password)
    except imaplib.IMAP4.abort:  # the connection broke: nothing was said about the password
        raise
    except imaplib.IMAP4.error as error:
        said = f"the server refused the user name or password of {user!r}: {error}"
        raise imaplib.IMAP4.error(said) from error


def _maildir(path: Path) -> Iterator[str]:
    """Read the mails in new/; each moves to cur/ as seen once it is recorded."""
    if not (path / "new").is_dir():
        raise FileNotFoundError(f"{path} holds no new/: it is no Maildir")
    # By its files and not by `mailbox.Maildir`, which parses every mail and fails at the first
    # that no parser can follow.
    for mail in sorted((path / "new").iterdir())[:MOST]:
        if mail.name.startswith("."):
            continue
        what = _take(mail.read_bytes())
        flags = "FS" if what == UNREADABLE else "S"
        mail.rename(path / "cur" / f"{mail.name.partition(':')[0]}:2,{flags}")
        yield what


def _mbox(path: Path) -> Iterator[str]:
    """Read a whole file; what it holds stays, and is known the next time."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    with closing(mailbox.mbox(path, create=False)) as box:
        for key in box.keys():  # noqa: SIM118  a mailbox is no dict
            yield _take(box.get_bytes(key))
