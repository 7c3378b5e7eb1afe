"""The mail server is away: mails wait and leave when it is back, once, and staff are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from outbox.drain import drain
from outbox.models import Job
from surveys import outages
from surveys.models import Campaign, Contact, Invitation, Outage, SendingStop
from surveys.services import DELIVER, invite
from tests.servers import SmtpServer
from tests.surveys.worlds import contact, survey

pytestmark = pytest.mark.django_db
PEOPLE = 4


@pytest.fixture
def smtp(settings):
    """A server that may be switched off: nobody else's."""
    server = SmtpServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server
    server.stop()


@pytest.fixture
def asked(smtp):
    return ask("one")


def ask(slug: str) -> list[Contact]:
    people, asks = [contact(f"{slug}-{n}") for n in range(PEOPLE)], survey(slug)
    campaign = Campaign.objects.create(name=slug, survey=asks, audience_size=PEOPLE)
    invite(asks, people, campaign=campaign)
    return people


def let_time_pass() -> None:
    Job.objects.filter(kind=DELIVER).update(due_at=timezone.now() - timedelta(seconds=1))


def try_again() -> None:
    let_time_pass()
    while drain(DELIVER):
        pass


def test_mails_wait_for_the_server_and_leave_once_when_it_is_back(smtp, asked):
    for _ in range(10):  # more often than any work is tried
        try_again()
    states = set(Invitation.objects.values_list("state", "reason"))
    assert states == {("waiting", "")}
    jobs = Job.objects.filter(kind=DELIVER)
    assert set(jobs.values_list("state", "attempts")) == {("pending", 0)}
    smtp.start()
    try_again()
    try_again()
    assert sorted(to for mail in smtp.received for to in mail.recipients) == sorted(
        person.email for person in asked
    )
    assert set(Invitation.objects.values_list("state", flat=True)) == {"sent"}
    assert not Outage.objects.exists()


def test_a_server_that_goes_and_comes_in_the_middle_sends_nothing_twice(smtp, asked):
    smtp.start()
    smtp.refuse("451 later", times=3)
    try_again()
    smtp.stop()
    ask("two")
    try_again()
    assert Outage.objects.get().service == "mail_server"
    smtp.start()
    for _ in range(4):
        try_again()
    recipients = [to for mail in smtp.received for to in mail.recipients]
    assert len(recipients) == len(set(recipients)) == 2 * PEOPLE
    assert not Outage.objects.exists()


def test_staff_and_monitoring_hear_of_it_after_a_while_until_it_is_back(smtp, asked, staff_client):
    try_again()
    page = staff_client.get("/admin/ask/mails/").content.decode()
    assert "Mail waits: the server does not answer since" in page and "ConnectionRefused" in page
    assert "Mail waits" not in staff_client.get("/admin/").content.decode()  # not for a moment
    assert staff_client.get("/healthz/mail").status_code == 200
    Outage.objects.update(since=timezone.now() - outages.LONG)
    try_again()  # since when stays
    home = staff_client.get("/admin/").content.decode()
    assert "Mail waits: the server does not answer since" in home
    assert "waits</" in home  # beside Mail in the sidebar of every page
    sick = staff_client.get("/healthz/mail")
    assert (sick.status_code, sick.json()["status"]) == (503, "mail waits for the mail server")
    smtp.start()
    try_again()
    assert "Mail waits" not in staff_client.get("/admin/").content.decode()
    assert staff_client.get("/healthz/mail").json() == {"status": "ok"}


def test_nobody_is_told_of_a_server_that_no_mail_waits_for(smtp, asked, client):
    try_again()
    Job.objects.all().delete()  # the campaign was cancelled
    Outage.objects.update(since=timezone.now() - outages.LONG)
    assert client.get("/healthz/mail").json() == {"status": "ok"}


def test_a_campaigns_page_says_what_keeps_it_and_offers_to_go_on(smtp, asked, staff_client):
    campaign = Campaign.objects.get()
    at = f"/admin/ask/campaigns/{campaign.pk}/"
    try_again()
    page = staff_client.get(at).content.decode()
    assert "Mail waits: the server does not answer since" in page
    mails = staff_client.get("/admin/ask/mails/").content.decode()
    assert mails.count("ConnectionRefused") == 1 and "waits for the mail server" in mails
    stop = SendingStop.objects.create(
        campaign=campaign, scope=f"campaign:{campaign.pk}", cause="bounces", mailed=20, bad=9
    )
    page = staff_client.get(at).content.decode()
    assert f"Stopped; 0 of {PEOPLE} mails have left" in page and "9 of 20 mails came back." in page
    assert "Go on sending" in page and ">Pause<" not in page
    staff_client.post(f"/admin/ask/mails/resume/{stop.pk}/")
    assert ">Pause<" in staff_client.get(at).content.decode()
