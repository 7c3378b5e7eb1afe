"""Sending stops by itself when too much comes back, says so, and goes on at one click."""

from __future__ import annotations

import pytest
from django.core import mail as outbox_mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from outbox.drain import drain
from outbox.models import Job
from surveys import returns, stops
from surveys.envelope import mail_id
from surveys.models import Campaign, Contact, Invitation, MailEvent, SendingStop
from surveys.services import DELIVER, invite
from tests.surveys.post import post_office
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db(transaction=True)
State, Kind = Invitation.State, MailEvent.Kind


@pytest.fixture
def asks():
    return survey()


def campaign_of(asks, name: str = "Spring", *people: str) -> Campaign:
    made = Campaign.objects.create(name=name, survey=asks, audience_size=len(people))
    invite(asks, [contact(who) for who in people], campaign=made)
    return made


def bad_news(asks, campaign, count: int, kind: str, *, prefix: str = "x") -> None:
    for number in range(count):
        row = invitation(asks, contact(f"{prefix}{number}"), campaign=campaign)
        returns.record(returns.Report(f"{prefix}{number}", kind, "test", mail_id=mail_id(row)))


def test_a_campaign_of_dead_addresses_stops_and_the_others_go_on(asks, settings):
    bad = Campaign.objects.create(name="Bought list", survey=asks, audience_size=30)
    people = Contact.objects.bulk_create(
        Contact(email=f"gone@dead{n:02}.example") for n in range(30)
    )
    invite(asks, people, campaign=bad)
    good = campaign_of(asks, "Spring", "ada", "ben")
    with post_office() as office:
        drain(DELIVER)
    states = list(bad.invitations.values_list("state", flat=True))
    assert states.count(State.BOUNCED) == 10
    assert states.count(State.WAITING) == 20
    assert sorted(office.delivered) == ["ada@example.com", "ben@example.com"]
    stop = SendingStop.objects.get()
    assert (stop.campaign, stop.cause, stop.bad) == (bad, "bounces", 10)
    assert good.invitations.filter(state=State.SENT).count() == 2
    waiting = Job.objects.filter(kind=DELIVER, state="pending")
    assert {job.last_error for job in waiting} == {stops.WHY_WAITING}


def test_complaints_stop_a_campaign_and_resuming_sends_what_waits(asks, staff_client):
    spring = campaign_of(asks)
    bad_news(asks, spring, 3, Kind.COMPLAINED)
    stop = SendingStop.objects.get()
    assert (stop.cause, stop.mailed, stop.bad) == ("complaints", 3, 3)
    invite(asks, [contact("ada")], campaign=spring)
    with post_office() as office:
        drain(DELIVER)
        assert office.delivered == []
        page = staff_client.get(reverse("staff:mails")).content.decode()
        assert "Sending of “Spring” was stopped" in page
        assert "3 of 3 mails were marked as spam." in page
        staff_client.post(reverse("staff:mail-resume", args=[stop.pk]))
        drain(DELIVER)
        assert office.delivered == ["ada@example.com"]
    stop.refresh_from_db()
    assert stop.resumed_by == "alice"
    assert stop.resumed_at
    # What was known when a person resumed does not stop it again; as much news does.
    stops.check(spring.pk)
    assert not stops.in_force()
    bad_news(asks, spring, 3, Kind.COMPLAINED, prefix="y")
    assert spring in [s.campaign for s in stops.in_force()]


def test_bad_news_from_everywhere_stop_everything(asks):
    bad_news(asks, None, 25, Kind.BOUNCED)
    assert [s.scope for s in stops.in_force()] == [SendingStop.EVERYTHING]
    campaign_of(asks, "Spring", "ada")
    with post_office() as office:
        drain(DELIVER)
        assert office.delivered == []
        assert Invitation.objects.get(contact__email="ada@example.com").state == State.WAITING
        stops.resume(stops.in_force()[0], by="alice")
        drain(DELIVER)
        assert office.delivered == ["ada@example.com"]


def test_a_stop_holds_for_what_a_worker_has_in_hand_already(asks):
    spring = campaign_of(asks, "Spring", "ada", "ben", "cleo")

    def stop(address: str) -> None:
        SendingStop.objects.get_or_create(
            scope="everything", defaults={"cause": "bounces", "mailed": 1, "bad": 1}
        )
        connection.close()

    with post_office() as office:
        office.before_answer = stop
        drain(DELIVER)
        assert len(office.delivered) == 1
    assert spring.invitations.filter(state=State.WAITING).count() == 2


def test_staff_get_one_mail_about_it_and_the_home_page_says_so(
    asks, staff_user, staff_client, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    spring = campaign_of(asks)
    bad_news(asks, spring, 4, Kind.COMPLAINED)
    drain(stops.ALERT)
    drain(stops.ALERT)
    (alert,) = outbox_mail.outbox
    assert alert.to == ["alice@example.com"]
    assert "/admin/ask/mails/" in alert.body
    assert "Spring" in alert.subject
    assert "Sending of “Spring” was stopped" in staff_client.get("/admin/").content.decode()


def test_two_reports_at_once_are_one_stop(asks):
    spring = campaign_of(asks)
    bad_news(asks, spring, 3, Kind.COMPLAINED)
    for _ in range(3):
        stops.check(spring.pk)
    assert SendingStop.objects.count() == 1
    assert not stops.resume(SendingStop(pk=0), by="alice")
    assert SendingStop.objects.get().created_at <= timezone.now()
