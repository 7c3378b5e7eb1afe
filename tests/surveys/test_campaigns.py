"""A campaign is written down once and accounts for everybody it means."""

import threading
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outbox.claims import claim, claimant
from outbox.drain import drain
from outbox.models import Job
from outbox.registry import handler_of
from surveys import audience, campaigns
from surveys.audience import Audience, Source, typed
from surveys.campaigns import CAMPAIGN, State
from surveys.models import Campaign, Contact, Invitation, Survey
from surveys.services import DELIVER, NotLive, close, suppress
from surveys.standing import standing
from tests.surveys import worlds
from tests.surveys.worlds import contact

pytestmark = pytest.mark.django_db
EVERYONE = Audience(Source.EVERYONE)


def launch(survey: Survey, whom: Audience = EVERYONE, **changes) -> Campaign:
    size = audience.plan(survey, whom).size
    options = {"name": "November", "token": uuid4(), "by": None, "size": size, **changes}
    return campaigns.launch(survey, whom, **options)


def states(campaign: Campaign) -> dict[str, int]:
    return {state: n for state, n in standing(campaign).states.items() if n}


def assert_adds_up(campaign: Campaign) -> None:
    campaign.refresh_from_db()
    found = standing(campaign)
    assert sum(found.states.values()) + found.unprepared == found.audience


def test_everybody_has_a_row_and_only_those_who_may_be_asked_have_work():
    survey = worlds.survey()
    contact("ada"), contact("bob")
    suppress("bob@example.com", reason="unsubscribed", source="test")
    campaign = launch(survey)
    assert states(campaign) == {"waiting": 1, "skipped": 1}
    assert campaign.invitations.get(state="skipped").reason == "unsubscribed"
    (job,) = Job.objects.filter(kind=DELIVER)
    assert job.subject_id == campaign.invitations.get(state="waiting").pk
    assert_adds_up(campaign)


def test_pressing_the_button_twice_makes_one_campaign():
    survey = worlds.survey()
    contact("ada")
    token = uuid4()
    assert launch(survey, token=token).pk == launch(survey, token=token).pk
    assert Campaign.objects.count() == Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressing_the_button_eight_times_at_once_makes_one_campaign():
    survey = worlds.survey()
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(30))
    token, found = uuid4(), []
    barrier = threading.Barrier(8)

    def press() -> None:
        barrier.wait()
        try:
            found.append(launch(survey, token=token).pk)
        except BaseException as error:  # noqa: BLE001  looked at below
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and isinstance(found[0], int)
    assert Invitation.objects.count() == Job.objects.count() == 30


def test_a_second_campaign_leaves_out_who_waits_in_the_first():
    survey = worlds.survey()
    contact("ada")
    launch(survey)
    contact("bob")
    second = launch(survey)
    assert {i.contact.email: i.reason for i in second.invitations.all()} == {
        "ada@example.com": "waiting",
        "bob@example.com": "",
    }


@pytest.mark.parametrize("live", [True, False])
def test_only_a_live_survey_asks(live):
    survey = worlds.survey(live=live)
    contact("ada")
    if live:
        close(survey)
    with pytest.raises(NotLive):
        launch(survey)
    assert Campaign.objects.count() == 0


def test_typed_people_become_contacts_and_nonsense_is_accounted_for():
    contact("ada", name="Ada Byron")
    whom = typed("Bob Stone <bob@example.com>\nADA@example.com\nnonsense")
    campaign = launch(worlds.survey(), whom)
    assert states(campaign) == {"waiting": 2, "skipped": 1}
    assert campaign.invitations.get(state="skipped").reason == "unusable:nonsense"
    assert Contact.objects.get(email="bob@example.com").name == "Bob Stone"
    assert Contact.objects.get(email="ada@example.com").name == "Ada Byron"
    assert_adds_up(campaign)


def test_a_large_audience_is_left_to_the_workers(monkeypatch):
    monkeypatch.setattr(campaigns, "AT_ONCE", 10)
    monkeypatch.setattr(campaigns, "BATCH", 7)
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(25))
    campaign = launch(worlds.survey())
    assert campaign.is_preparing
    assert standing(campaign).unprepared == 25
    drain(CAMPAIGN)
    assert_adds_up(campaign)
    assert not campaign.is_preparing
    assert states(campaign) == {"waiting": 25}
    assert Job.objects.filter(kind=DELIVER).count() == 25


def test_a_killed_preparation_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(campaigns, "AT_ONCE", 0)
    monkeypatch.setattr(campaigns, "BATCH", 10)
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(25))
    campaign = launch(worlds.survey())
    claim(handler_of(CAMPAIGN), by=claimant())
    campaigns._prepare(campaign.pk)
    assert_adds_up(campaign)
    Job.objects.filter(kind=CAMPAIGN).update(state="pending", lease_until=None)
    drain(CAMPAIGN)
    assert_adds_up(campaign)
    assert Invitation.objects.count() == 25


def test_a_turn_of_preparing_ends_after_its_time(monkeypatch):
    monkeypatch.setattr(campaigns, "AT_ONCE", 0)
    monkeypatch.setattr(campaigns, "BATCH", 5)
    monkeypatch.setattr(campaigns, "SLICE_SECONDS", -1.0)
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(12))
    campaign = launch(worlds.survey())
    drain(CAMPAIGN)
    assert_adds_up(campaign)
    assert states(campaign) == {"waiting": 12}


def test_an_audience_that_moves_while_it_is_written_down_still_adds_up(monkeypatch):
    monkeypatch.setattr(campaigns, "AT_ONCE", 0)
    monkeypatch.setattr(campaigns, "BATCH", 5)
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(12))
    campaign = launch(worlds.survey())
    campaigns._prepare(campaign.pk)
    Contact.objects.order_by("-pk")[0].delete()
    drain(CAMPAIGN)
    assert_adds_up(campaign)
    assert campaign.audience_size == 11


# ---- Decisions -------------------------------------------------------------------------------


def test_cancelling_spares_who_waits_and_nobody_else():
    survey = worlds.survey()
    for name in ("ada", "bob", "cara"):
        contact(name)
    campaign = launch(survey)
    campaign.invitations.filter(contact__email="ada@example.com").update(state=State.SENT)
    assert campaigns.cancel(campaign) == 2
    assert states(campaign) == {"sent": 1, "cancelled": 2}
    assert_adds_up(campaign)
    assert campaign.cancelled_at


def test_cancelling_while_preparing_stops_the_preparation(monkeypatch):
    monkeypatch.setattr(campaigns, "AT_ONCE", 0)
    monkeypatch.setattr(campaigns, "BATCH", 5)
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(12))
    campaign = launch(worlds.survey())
    campaigns._prepare(campaign.pk)
    assert campaigns.cancel(campaign) == 12
    drain(CAMPAIGN)
    assert_adds_up(campaign)
    assert states(campaign) == {"cancelled": 5}


@pytest.fixture
def doubtful():
    contact("ada"), contact("bob")
    campaign = launch(worlds.survey())
    campaign.invitations.update(state=State.DOUBTFUL)
    Job.objects.filter(kind=DELIVER).update(state=Job.State.DOUBTFUL)
    return campaign


def test_a_person_may_take_a_doubtful_mail_as_sent(doubtful):
    one = doubtful.invitations.first()
    assert campaigns.take_as_sent([one]) == 1
    one.refresh_from_db()
    assert one.state == State.SENT and one.sent_at
    assert Job.objects.get(subject_id=one.pk).state == Job.State.DONE
    assert states(doubtful) == {"sent": 1, "doubtful": 1}


def test_a_person_may_send_a_doubtful_mail_again(doubtful):
    one = doubtful.invitations.first()
    assert campaigns.send_again([one]) == 1
    one.refresh_from_db()
    assert one.state == State.WAITING
    assert Job.objects.get(subject_id=one.pk).state == Job.State.PENDING


def test_sending_again_writes_work_down_anew_when_it_was_forgotten(doubtful):
    doubtful.invitations.update(state=State.FAILED)
    Job.objects.all().delete()
    assert campaigns.send_again(doubtful.invitations.all()) == 2
    assert Job.objects.filter(kind=DELIVER, state=Job.State.PENDING).count() == 2


@pytest.mark.parametrize("state", [State.SENT, State.WAITING, State.BOUNCED, State.SKIPPED])
def test_nothing_else_can_be_sent_again(doubtful, state):
    doubtful.invitations.update(state=state, reason="x")
    assert campaigns.send_again(doubtful.invitations.all()) == 0
    assert campaigns.take_as_sent(doubtful.invitations.all()) == 0


steps = st.lists(
    st.sampled_from(
        ["prepare", "cancel", "sent", "doubtful", "again", "settle", "suppress", "gone"]
    ),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_states_add_up_to_the_audience_after_every_step(monkeypatch, steps):
    monkeypatch.setattr(campaigns, "AT_ONCE", 0)
    monkeypatch.setattr(campaigns, "BATCH", 3)
    Invitation.objects.all().delete()
    Campaign.objects.all().delete()
    Contact.objects.all().delete()
    Job.objects.all().delete()
    survey = worlds.survey(slug=f"s{uuid4().hex[:8]}")
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(8))
    campaign = launch(survey)
    for step in steps:
        waiting = campaign.invitations.filter(state=State.WAITING)
        one = waiting.order_by("pk").values("pk")[:1]
        match step:
            case "prepare":
                campaigns._prepare(campaign.pk)
            case "cancel":
                campaigns.cancel(campaign)
            case "sent":
                Invitation.objects.filter(pk__in=one).update(state=State.SENT)
            case "doubtful":
                Invitation.objects.filter(pk__in=one).update(state=State.DOUBTFUL)
            case "again":
                campaigns.send_again(campaign.invitations.all())
            case "settle":
                campaigns.take_as_sent(campaign.invitations.all())
            case "suppress":
                suppress("p7@example.com", reason="bounced", source="test")
            case "gone":
                Contact.objects.filter(email="p6@example.com").delete()
        assert_adds_up(campaign)
