"""The mailbox of bounces on a real IMAP server: read once, kept, and told of when it cannot be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from surveys import postbox
from surveys.models import Invitation, MailEvent, Outage, UnreadReport
from surveys.tasks import read_bounces
from tests.servers.imap import ImapServer, imap_server
from tests.servers.processes import wait_until
from tests.surveys.notices import BASE, dsn, plain
from tests.surveys.test_returns import id_of, state_of
from tests.surveys.worlds import contact, invitation, survey

State = Invitation.State


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImapServer]:
    with imap_server(tmp_path_factory.mktemp("imap")) as running:
        yield running


@pytest.fixture
def imap(server: ImapServer, settings) -> ImapServer:
    server.clear()
    settings.BOUNCE_MAILBOX = server.url
    return server


def too_deep() -> bytes:
    """A mail of parts within parts that no parser follows to the end."""
    heads = (
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(1200)
    )
    return b"From: mailer-daemon@mx.example\r\n" + "".join(heads).encode()


@pytest.mark.django_db
def test_a_notice_is_read_once_and_an_unreadable_mail_is_kept_and_told_of(imap, staff_client):
    row = invitation(survey(), contact("ada"))
    imap.put(dsn(id_of(row)), too_deep(), plain(to=BASE, subject="Out of office"))
    found = postbox.read_own()
    assert found == {"bounced": 1, postbox.UNREADABLE: 1, postbox.NOTHING: 1}
    assert state_of(row) == (State.BOUNCED, "bounced")
    assert imap.flags() == ["S", "SF", "S"]  # none is gone
    assert not postbox.read_own() and MailEvent.objects.count() == 1
    assert "RecursionError" in UnreadReport.objects.get().error
    home = staff_client.get("/admin/").content.decode()
    assert "One mail of the mailbox of bounces could not be read" in home


@pytest.mark.django_db
def test_a_wrong_password_is_an_alert_until_it_is_right(imap, settings, staff_client):
    settings.BOUNCE_MAILBOX = imap.url.replace("a%20secret", "no%20secret")
    read_bounces()  # as every five minutes
    since = Outage.objects.get().since
    read_bounces()
    assert Outage.objects.get().since == since
    home = staff_client.get("/admin/").content.decode()
    assert "The mailbox of bounces cannot be read since" in home
    assert "refused the user name or password of" in home and "no secret" not in home
    with pytest.raises(CommandError, match="refused the user name or password"):
        call_command("read_bounces")
    settings.BOUNCE_MAILBOX = imap.url
    read_bounces()
    assert "The mailbox of bounces" not in staff_client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_a_server_that_is_away_or_has_no_such_folder_says_which(imap, settings):
    with pytest.raises(postbox.UnreadableMailbox, match=r"127\.0\.0\.1/INBOX: .*refused"):
        postbox.read(imap.url.replace(str(imap.port), "9"))
    with pytest.raises(postbox.UnreadableMailbox, match="no folder 'Nowhere'"):
        postbox.read(imap.url.replace("INBOX", "Nowhere"))


@pytest.mark.django_db(transaction=True)
def test_killed_before_it_marks_a_mail_it_reads_it_again_and_nothing_happens_twice(
    imap, process_env
):
    row = invitation(survey(), contact("ada"))
    imap.put(dsn(id_of(row)))
    imap.hang.touch()
    command = [sys.executable, "manage.py", "read_bounces", imap.url]
    reader = subprocess.Popen(command, env=process_env, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: MailEvent.objects.exists() or reader.poll(), what="the notice on record")
    finally:
        reader.kill()
        reader.wait(timeout=10)
    assert imap.flags() == [""]
    imap.hang.unlink()
    assert postbox.read_own() == {postbox.KNOWN: 1}
    assert imap.flags() == ["S"]
    assert MailEvent.objects.count() == 1 and state_of(row) == (State.BOUNCED, "bounced")
