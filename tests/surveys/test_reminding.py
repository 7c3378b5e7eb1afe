"""A reminder: one mail more, once a step, and only to who still owes an answer."""

import email
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from outbox.drain import drain
from outbox.models import Job
from surveys import campaigns
from surveys.audience import Audience, Source
from surveys.models import AskingRules, Campaign, Contact, Invitation, Reminder
from surveys.reminding import remind_due, settle_interrupted
from surveys.services import DELIVER, REMIND, close, suppress, token_of
from surveys.timing import Timing
from tests.surveys import worlds
from tests.surveys.post import post_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def campaign(office) -> Campaign:
    """Ada and Bob were asked four days ago, with reminders after 3 and 7 days."""
    survey = worlds.survey()
    worlds.contact("ada"), worlds.contact("bob")
    campaign = campaigns.launch(
        survey,
        Audience(Source.EVERYONE),
        name="x",
        token=uuid4(),
        by=None,
        size=2,
        timing=Timing(reminder_days=(3, 7)),
    )
    drain(DELIVER)
    _age(days=4)
    office.delivered.clear(), office.raw.clear()
    return campaign


def _age(*, days: int) -> None:
    back = timedelta(days=days)
    for row in Invitation.objects.exclude(sent_at=None):
        Invitation.objects.filter(pk=row.pk).update(
            sent_at=row.sent_at - back, handed_at=row.handed_at - back
        )
    for reminder in Reminder.objects.all():
        Reminder.objects.filter(pk=reminder.pk).update(created_at=reminder.created_at - back)


def of(who: str) -> Invitation:
    return Invitation.objects.get(contact__email=f"{who}@example.com")


def ends() -> dict[str, tuple[str, str]]:
    rows = Reminder.objects.select_related("invitation__contact")
    return {r.invitation.contact.name.lower(): (r.state, r.reason) for r in rows}


def test_each_step_is_mailed_once_however_often_one_looks(office, campaign):
    for _again in range(3):
        assert remind_due(campaign)
        drain(REMIND)
    assert sorted(office.delivered) == ["ada@example.com", "bob@example.com"]
    _age(days=4)
    for _again in range(3):
        remind_due(campaign)
        drain(REMIND)
    assert sorted(office.delivered) == ["ada@example.com"] * 2 + ["bob@example.com"] * 2
    _age(days=30)
    assert not remind_due(campaign)
    assert Reminder.objects.filter(state="sent").count() == 4


def test_nobody_is_reminded_early(office, campaign):
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=3) + timedelta(minutes=1))
    assert remind_due(campaign)
    assert not Reminder.objects.exists()


def test_a_step_waits_for_the_one_before_it(office, campaign):
    _age(days=20)  # the workers were off: both steps are overdue
    remind_due(campaign)
    drain(REMIND)
    remind_due(campaign)
    assert {reminder.step for reminder in Reminder.objects.all()} == {1}


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda row: Invitation.objects.filter(pk=row.pk).update(answered_at=timezone.now()),
         "answered"),
        (lambda row: suppress("ada@example.com", reason="unsubscribed", source="page"),
         "unsubscribed"),
        (lambda row: suppress("ada@example.com", reason="unsubscribed", source="page",
                              survey=row.survey), "unsubscribed"),
        (lambda row: suppress("ada@example.com", reason="bounced", source="report"), "bounced"),
        (lambda row: Invitation.objects.filter(pk=row.pk).update(state="bounced"), "bounced"),
        (lambda row: Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now()),
         "expired"),
        (lambda row: close(row.survey), "closed"),
        (lambda row: campaigns.cancel(row.campaign), "cancelled"),
        (lambda row: Contact.objects.filter(pk=row.contact_id).delete(), "no_address"),
    ],
)  # fmt: skip
def test_what_happens_before_its_turn_stops_it(office, campaign, happens, reason):
    remind_due(campaign)
    happens(of("ada"))
    drain(REMIND)
    assert "ada@example.com" not in office.delivered
    stopped = Reminder.objects.filter(state="stopped").values_list("reason", flat=True)
    assert reason in stopped


def test_it_does_not_follow_another_surveys_mail_within_the_rest(office, campaign):
    AskingRules.objects.create(pk=1, rest_days=5)
    worlds.invitation(worlds.survey("other"), Contact.objects.get(name="Ada"), days_ago=1)
    remind_due(campaign)
    drain(REMIND)
    assert office.delivered == ["bob@example.com"]
    assert Reminder.objects.get(state="stopped").reason.startswith("rest_any:")


def test_a_pause_holds_it_back(office, campaign):
    remind_due(campaign)
    campaigns.pause(campaign, by="alice")
    drain(REMIND)
    assert office.delivered == []
    campaigns.resume(campaign, by="alice")
    drain(REMIND)
    assert len(office.delivered) == 2


def test_the_mail_is_an_answer_to_the_first_and_leads_to_the_same_link(office, campaign):
    row = of("ada")
    remind_due(campaign)
    drain(REMIND)
    mails = [email.message_from_bytes(raw) for raw in office.raw]
    mail = next(mail for mail in mails if "ada@example.com" in mail["To"])
    text = mail.get_payload()[0].get_payload(decode=True).decode()
    assert mail["Subject"] == "Still time to tell us, Ada"
    assert mail["In-Reply-To"] == mail["References"] != mail["Message-ID"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/s/{token_of(row)}?score=9" in text
    assert "We asked on" in text and "last reminder" not in text


def test_the_last_one_says_so(office, campaign):
    Campaign.objects.update(reminder_days=[3])
    campaign.refresh_from_db()
    remind_due(campaign)
    drain(REMIND)
    text = email.message_from_bytes(office.raw[0]).get_payload()[0].get_payload(decode=True)
    assert b"this is our only" in text


def test_a_crash_after_handing_over_leaves_it_doubtful_and_is_never_repeated(office, campaign):
    remind_due(campaign)
    Reminder.objects.update(state="handed", handed_at=timezone.now())
    Job.objects.filter(kind=REMIND).update(state="doubtful")
    settle_interrupted(list(Reminder.objects.values_list("pk", flat=True)))
    Job.objects.filter(kind=REMIND).update(state="pending", due_at=timezone.now())
    drain(REMIND)
    assert office.delivered == []
    assert {state for state, _reason in ends().values()} == {"doubtful"}


def test_a_refusal_of_the_server_is_written_down(office):
    survey = worlds.survey()
    for who in ("gone", "spam", "later"):
        row = worlds.invitation(survey, worlds.contact(who), days_ago=4)
        Invitation.objects.filter(pk=row.pk).update(handed_at=row.sent_at)
        reminder = Reminder.objects.create(invitation=row, step=1)
        Job.objects.create(
            kind=REMIND, subject_id=reminder.pk, dedupe_key=f"{REMIND}:{reminder.pk}",
            due_at=timezone.now() - timedelta(minutes=1), created_at=timezone.now(),
        )  # fmt: skip
    drain(REMIND)
    assert ends() == {
        "gone": ("bounced", "bounced"),
        "spam": ("failed", "refused"),
        "later": ("waiting", ""),
    }
