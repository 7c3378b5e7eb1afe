"""Bounces and complaints act once, on the right mail, and only for those who may report them."""

from __future__ import annotations

import base64
import json
import mailbox
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from outbox.drain import drain
from outbox.models import Job
from surveys import mail, postbox, returns
from surveys.dsn import mail_address
from surveys.envelope import mail_id
from surveys.models import Campaign, Invitation, MailEvent, Suppression
from surveys.services import DELIVER, invite, is_suppressed, token_of
from tests.surveys.notices import BASE, complaint, dsn, plain
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
State, Kind = Invitation.State, MailEvent.Kind
SECRET = "events:a-long-enough-password"


@pytest.fixture
def row():
    return invitation(survey(), contact("ada"))


@pytest.fixture
def hook(settings):
    settings.EMAIL_EVENTS = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    return "/hooks/mail/postmark"


def id_of(row: Invitation):
    return mail_id(row)


def report(row: Invitation, kind: str, event_id: str = "e1") -> returns.Report:
    return returns.Report(event_id, kind, "test", "words", mail_id=id_of(row))


def state_of(row: Invitation) -> tuple[str, str]:
    return Invitation.objects.values_list("state", "reason").get(pk=row.pk)


# ---- Acting once ---------------------------------------------------------------------------


def test_a_bounce_marks_the_mail_and_suppresses_its_address_once(row):
    assert [returns.record(report(row, Kind.BOUNCED)) for _ in range(5)] == [True] + [False] * 4
    assert state_of(row) == (State.BOUNCED, "bounced")
    suppression = Suppression.objects.get(email="ada@example.com")
    assert (suppression.reason, suppression.source) == ("bounced", "test")
    assert MailEvent.objects.count() == 1
    assert Job.objects.filter(kind="tally").exists()


def test_a_full_mailbox_is_no_end_until_the_third_time(row):
    for number in range(3):
        mailed = row if number == 0 else invitation(row.survey, row.contact)
        assert not is_suppressed("ada@example.com")
        returns.record(report(mailed, Kind.RETURNED, f"e{number}"))
        assert state_of(mailed) == (State.BOUNCED, "came_back")
    assert is_suppressed("ada@example.com")


def test_a_complaint_stops_all_mail_and_a_doubtful_mail_did_arrive():
    row = invitation(survey(), contact("ada"), state=State.DOUBTFUL)
    returns.record(report(row, Kind.COMPLAINED))
    assert state_of(row)[0] == State.SENT
    assert Suppression.objects.get().reason == "complained"


def test_a_delivery_settles_what_was_doubtful_and_its_job():
    row = invitation(survey(), contact("ada"), state=State.DOUBTFUL)
    invited = Job.objects.create(
        kind=DELIVER, subject_id=row.pk, dedupe_key=f"deliver:{row.pk}", state="doubtful",
        due_at=row.created_at, created_at=row.created_at,
    )  # fmt: skip
    returns.record(report(row, Kind.DELIVERED))
    invited.refresh_from_db()
    assert (state_of(row)[0], invited.state) == (State.SENT, "done")


def test_what_was_answered_did_arrive_whatever_is_said(row):
    Invitation.objects.filter(pk=row.pk).update(answered_at=row.created_at)
    returns.record(report(row, Kind.RETURNED))
    assert state_of(row)[0] == State.SENT


# ---- By web hook -----------------------------------------------------------------------------


def post(client, url, event, *, secret: str = SECRET):
    basic = base64.b64encode(secret.encode()).decode()
    body = event if isinstance(event, str) else json.dumps(event)
    return client.post(
        url, body, content_type="application/json", headers={"authorization": f"Basic {basic}"}
    )


def postmark(row: Invitation | None, *, number: int = 1, email: str = "ada@example.com") -> dict:
    metadata = {"mail_id": str(id_of(row))} if row else {}
    return {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": number, "Email": email,
        "MessageID": f"m{number}", "BouncedAt": "2026-11-28T10:00:00Z", "Metadata": metadata,
        "Details": "smtp;550 5.1.1 no such user",
    }  # fmt: skip


def test_a_provider_reports_a_bounce_five_times_and_it_acts_once(client, hook, row):
    assert [post(client, hook, postmark(row)).status_code for _ in range(5)] == [200] * 5
    assert state_of(row) == (State.BOUNCED, "bounced")
    assert MailEvent.objects.count() == Suppression.objects.count() == 1
    assert MailEvent.objects.get().said == "smtp;550 5.1.1 no such user"


def test_a_report_without_our_id_is_found_by_its_recipient(client, hook, row):
    post(client, hook, postmark(None))
    assert state_of(row)[0] == State.BOUNCED


def test_strangers_and_rubbish_change_nothing(client, hook, row):
    forged = [
        post(client, hook, postmark(row), secret=f"events:{n}").status_code for n in range(20)
    ]
    assert set(forged) == {400}
    assert client.post(hook, "{}", content_type="application/json").status_code == 400
    for rubbish in ("", "{", "[]", "null", '"x"', '{"RecordType": 7}', "7"):
        assert post(client, hook, rubbish).status_code in (200, 400), rubbish
    assert post(client, "/hooks/mail/brevo", postmark(row)).status_code == 404
    post(client, hook, postmark(None, email="stranger@example.com"))
    assert not Suppression.objects.exists()
    assert state_of(row)[0] == State.SENT


# ---- By mailbox ------------------------------------------------------------------------------


def test_reading_a_maildir_records_each_notice_and_keeps_every_mail(row, tmp_path, settings):
    box = mailbox.Maildir(tmp_path / "box")
    for raw in (
        dsn(id_of(row)),
        dsn(id_of(row)),
        dsn(None),
        plain(to=BASE, subject="Out of office"),
    ):
        box.add(raw)
    settings.BOUNCE_MAILBOX = f"maildir:{tmp_path / 'box'}"
    out = StringIO()
    call_command("read_bounces", stdout=out)
    for part in ("1 bounced", "1 known already", "1 about no mail of ours", "1 nothing to report"):
        assert part in out.getvalue()
    assert state_of(row)[0] == State.BOUNCED
    assert len(mailbox.Maildir(tmp_path / "box")) == 4
    assert not postbox.read(settings.BOUNCE_MAILBOX)  # all of them are read


def test_reading_an_mbox_again_changes_nothing(row, tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    box.add(complaint(id_of(row)))
    box.close()
    address = f"mbox:{tmp_path / 'box'}"
    assert postbox.read(address) == {"complained": 1}
    assert postbox.read(address) == {postbox.KNOWN: 1}


def test_one_notice_from_standard_input(row, monkeypatch):
    monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": BytesIO(dsn(id_of(row)))})())
    call_command("read_bounces", "-", stdout=StringIO())
    assert state_of(row)[0] == State.BOUNCED


@pytest.mark.parametrize("address", ["", "ftp://x", "maildir:/nowhere", "mbox:/nowhere"])
def test_a_mailbox_that_is_none_says_what_to_do(address, settings):
    settings.BOUNCE_MAILBOX = ""
    with pytest.raises(CommandError):
        call_command("read_bounces", address, stdout=StringIO())


def test_a_notice_never_suppresses_the_recipient_it_names(row):
    contact("victim")
    assert postbox.take(dsn(None)) == postbox.UNKNOWN
    assert postbox.take(dsn(id_of(row))) == "bounced"
    assert not is_suppressed("victim@example.com")


def test_automatic_replies_cause_no_mail(row):
    for number in range(50):
        postbox.take(plain(to=mail_address(BASE, id_of(row)), subject=f"Away {number}"))
    assert not Job.objects.exists()


# ---- The mail itself ---------------------------------------------------------------------------


def test_a_mail_carries_the_address_of_its_reports(settings):
    settings.BOUNCE_ADDRESS = BASE
    row = invitation(survey(), contact("ada"))
    message = mail.render_invitation(row, token_of(row))
    address = mail_address(BASE, id_of(row))
    raw = message.message()
    assert message.from_email == address  # the envelope's sender
    assert "surveys@" in raw["From"] and address not in raw["From"]
    assert f"<mailto:{address}?subject=unsubscribe>" in raw["List-Unsubscribe"]
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert raw["Message-ID"] == mail.render_invitation(row, token_of(row)).message()["Message-ID"]
    for name in ("List-Id", "Feedback-ID", "Auto-Submitted", "X-Auto-Response-Suppress"):
        assert raw[name], name


def test_a_refusal_on_the_spot_is_an_event_too(settings):
    from tests.surveys.post import post_office

    asks = survey()
    invite(asks, [contact("gone")], campaign=Campaign.objects.create(name="c", survey=asks))
    with post_office():
        drain(DELIVER)
    event = MailEvent.objects.get()
    assert (event.kind, event.source) == ("bounced", "mail server")
    assert "no such user" in event.said
