"""Each person gets at most one mail, and nobody is lost from sight, whatever the server does."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress as suppress_exception
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from outbox.days import local_date
from outbox.drain import drain, sweep
from outbox.jobs import retry
from outbox.models import Job
from outbox.registry import Work
from surveys import campaigns, delivery
from surveys.logbook import Logbook
from surveys.logbook import begun as logbook_of
from surveys.models import Campaign, Contact, Customer, Invitation, Suppression
from surveys.services import DELIVER, close, invite, suppress
from tests.surveys.post import post_office
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db(transaction=True)
State = Invitation.State


@pytest.fixture
def office(settings):
    settings.MAILS_PER_SECOND_TO_A_DOMAIN = 0  # else nothing leaves together; see test_pace
    with post_office() as office:
        yield office


def asked(asks, *people: str, **fields) -> list[Invitation]:
    """Invite these people by the product's own way."""
    contacts = [
        Contact.objects.filter(email=f"{who}@example.com").first() or contact(who, **fields)
        for who in people
    ]
    campaign = Campaign.objects.create(name="test", survey=asks, audience_size=len(people))
    return invite(asks, contacts, campaign=campaign)


def state_of(row: Invitation) -> tuple[str, str]:
    return Invitation.objects.values_list("state", "reason").get(pk=row.pk)


def job_of(row: Invitation) -> Job:
    return Job.objects.get(kind=DELIVER, subject_id=row.pk)


def make_due() -> None:
    Job.objects.filter(state="pending").update(due_at=timezone.now() - timedelta(hours=1))


# ---- The happy way -----------------------------------------------------------------------


def test_everybody_gets_one_mail_and_it_is_written_down(office):
    rows = asked(survey(), "ada", "ben", "cleo")
    assert drain(DELIVER) == 3
    assert sorted(office.delivered) == ["ada@example.com", "ben@example.com", "cleo@example.com"]
    for row in Invitation.objects.select_related("contact"):
        assert row.state == State.SENT
        assert row.contact.last_asked_at == row.sent_at
        assert timezone.now() - row.sent_at < timedelta(minutes=1)
    assert {job_of(row).state for row in rows} == {"done"}


def test_a_batch_uses_one_connection(office):
    asked(survey(), *(f"person{n}" for n in range(12)))
    drain(DELIVER)
    assert len(office.delivered) == 12
    assert office.sessions == 1


def test_sending_asks_for_a_recount_of_today(office):
    row = asked(survey(), "ada")[0]
    drain(DELIVER)
    today = local_date(timezone.now())
    assert Job.objects.filter(dedupe_key=f"tally:{row.survey_id}:{today}").exists()


def test_draining_again_sends_nothing_again(office):
    asked(survey(), "ada")
    drain(DELIVER)
    Job.objects.filter(kind=DELIVER).update(state="pending", due_at=timezone.now())
    drain(DELIVER)
    assert office.to("ada@example.com") == 1


# ---- Decided again at the moment of sending ------------------------------------------------


def test_who_unsubscribed_meanwhile_is_skipped_with_the_reason(office):
    row = asked(survey(), "ada")[0]
    suppress("ada@example.com", reason=Suppression.Reason.UNSUBSCRIBED, source="page")
    drain(DELIVER)
    assert state_of(row) == (State.SKIPPED, "unsubscribed")
    assert office.delivered == []
    assert job_of(row).state == "done"


def test_a_lifted_suppression_stops_nobody(office):
    suppress("ada@example.com", reason=Suppression.Reason.UNSUBSCRIBED, source="page")
    Suppression.objects.update(lifted_at=timezone.now())
    asked(survey(), "ada")
    drain(DELIVER)
    assert office.to("ada@example.com") == 1


def test_who_rests_is_skipped_with_the_day_of_the_last_ask(office):
    asks = survey(rest_days=90)
    before = invitation(asks, contact("ada"), days_ago=10)
    row = asked(asks, "ada")[0]
    drain(DELIVER)
    assert state_of(row) == (State.SKIPPED, f"rest:{local_date(before.sent_at)}")


def test_a_doubtful_mail_counts_as_asked(office):
    asks = survey(rest_days=90)
    invitation(asks, contact("ada"), state=State.DOUBTFUL, days_ago=10)
    row = asked(asks, "ada")[0]
    drain(DELIVER)
    assert state_of(row)[0] == State.SKIPPED


def test_another_surveys_ask_is_no_rest(office):
    invitation(survey("other"), contact("ada"), days_ago=1)
    asked(survey(), "ada")
    drain(DELIVER)
    assert office.to("ada@example.com") == 1


def test_a_closed_surveys_mails_are_cancelled(office):
    asks = survey()
    row = asked(asks, "ada")[0]
    close(asks)
    drain(DELIVER)
    assert state_of(row) == (State.CANCELLED, "closed")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answered_at": timezone.now()}, "answered"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"contact": None}, "no_address"),
    ],
)
def test_who_needs_no_mail_any_more_gets_none(office, change, reason):
    row = asked(survey(), "ada")[0]
    Invitation.objects.filter(pk=row.pk).update(**change)
    drain(DELIVER)
    assert state_of(row) == (State.SKIPPED, reason)
    assert office.delivered == []


def test_internal_and_made_up_people_get_no_mail_by_smtp(office):
    ours = Customer.objects.create(external_id="1", name="Us", is_internal=True)
    asks = survey()
    internal, made_up = asked(asks, "ada", customer=ours)[0], asked(asks, "ben", is_demo=True)[0]
    drain(DELIVER)
    assert (state_of(internal)[1], state_of(made_up)[1]) == ("internal", "demo")
    assert office.delivered == []


def test_one_person_invited_twice_in_a_batch_gets_one_mail(office):
    asks = survey(rest_days=30)
    first, second = asked(asks, "ada")[0], asked(asks, "ada")[0]
    drain(DELIVER)
    assert office.to("ada@example.com") == 1
    assert {state_of(first)[0], state_of(second)[0]} == {State.SENT, State.SKIPPED}


def test_somebody_who_unsubscribes_while_the_batch_runs_is_spared(office):
    first, second = asked(survey(), "ada", "ben")

    def unsubscribe_the_other(address: str) -> None:
        other = "ben@example.com" if address.startswith("ada") else "ada@example.com"
        suppress(other, reason=Suppression.Reason.UNSUBSCRIBED, source="page")
        connection.close()

    office.before_answer = unsubscribe_the_other
    drain(DELIVER)
    assert len(office.delivered) == 1
    assert sorted([state_of(first), state_of(second)]) == [
        (State.SENT, ""),
        (State.SKIPPED, "unsubscribed"),
    ]
    assert {job_of(first).state, job_of(second).state} == {"done"}


def test_a_campaign_cancelled_while_the_batch_runs_sends_nothing_more(office):
    rows = asked(survey(), "ada", "ben", "cleo")

    def cancel_it(address: str) -> None:
        campaigns.cancel(Campaign.objects.get())
        connection.close()

    office.before_answer = cancel_it
    drain(DELIVER)
    assert len(office.delivered) == 1
    states = sorted(state_of(row) for row in rows)
    assert states == [(State.CANCELLED, "cancelled")] * 2 + [(State.SENT, "")]


def test_a_slow_server_gets_no_mail_by_an_old_decision(office, monkeypatch):
    """What was handed over together and could not leave soon is asked about anew."""
    monkeypatch.setattr(delivery, "TOGETHER_SECONDS", 0.0)
    rows = asked(survey(), "ada", "ben", "cleo")
    seen: list[set[str]] = []
    monkeypatch.setattr(
        delivery.ledger, "hand_over", _remember(delivery.ledger.hand_over, into=seen)
    )
    drain(DELIVER)
    assert len(office.delivered) == 3
    assert seen[0] == {row.pk for row in rows}
    assert [len(handed) for handed in seen[1:]] == [1, 1]
    assert {state_of(row)[0] for row in rows} == {State.SENT}


def _remember(hand_over, *, into):
    def remembered(asks, *, now):
        into.append(handed := hand_over(asks, now=now))
        return handed

    return remembered


def test_a_survey_closed_while_the_batch_runs_stops_the_rest(office):
    asks = survey()
    asked(asks, "ada", "ben", "cleo")

    def close_it(address: str) -> None:
        close(asks)
        connection.close()

    office.before_answer = close_it
    drain(DELIVER)
    assert len(office.delivered) == 1
    assert Invitation.objects.filter(state=State.CANCELLED).count() == 2


def test_workers_with_the_same_person_at_the_same_moment_send_one_mail(office):
    asks = survey(rest_days=30)
    rows = [asked(asks, "ada")[0] for _ in range(6)]  # six campaigns, each with the same person
    Job.objects.filter(kind=DELIVER).update(
        state="claimed", lease_until=timezone.now() + timedelta(minutes=1)
    )
    start = threading.Barrier(6)

    def work(row: Invitation) -> None:
        name, job = f"worker {row.pk}", job_of(row)
        Job.objects.filter(pk=job.pk).update(claimed_by=name)
        start.wait(timeout=20)
        delivery.deliver_batch([Work(job.pk, row.pk, "", 1)], name)
        connection.close()

    workers = [threading.Thread(target=work, args=[row]) for row in rows]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert office.to("ada@example.com") == 1
    states = Counter(state_of(row)[0] for row in rows)
    assert states == {State.SENT: 1, State.SKIPPED: 5}


# ---- What the server says ---------------------------------------------------------------------


@pytest.mark.parametrize("who", ["later", "full", "busy", "hangup"])
def test_what_was_certainly_not_taken_waits_and_is_tried_again(office, who):
    row = asked(survey(), who)[0]
    drain(DELIVER)
    job = job_of(row)
    assert state_of(row)[0] == State.WAITING
    assert job.state == "pending"
    assert job.due_at > timezone.now() + timedelta(seconds=30)
    assert job.last_error


@pytest.mark.parametrize("has_pipelining", [True, False])
def test_the_others_of_a_batch_go_out_whatever_happens_to_one(office, has_pipelining):
    office.has_pipelining = has_pipelining
    asked(survey(), "ada", "hangup", "ben", "later", "cleo", "busy", "dan", "spam", "eve")
    drain(DELIVER)
    assert sorted(address.split("@")[0] for address in office.delivered) == [
        "ada", "ben", "cleo", "dan", "eve",
    ]  # fmt: skip


def test_a_mail_put_off_eight_times_has_failed_and_staff_may_retry(office):
    row = asked(survey(), "later")[0]
    for _ in range(8):
        make_due()
        drain(DELIVER)
    assert state_of(row) == (State.FAILED, "refused_often")
    assert job_of(row).state == "dead"


@pytest.mark.parametrize("who", ["gone", "unknown", "vanished"])
def test_an_address_that_does_not_exist_bounces_and_is_never_written_to_again(office, who):
    row = asked(survey(), who)[0]
    drain(DELIVER)
    assert state_of(row) == (State.BOUNCED, "bounced")
    assert job_of(row).state == "done"
    suppression = Suppression.objects.get(email=f"{who}@example.com")
    assert suppression.reason == Suppression.Reason.BOUNCED


@pytest.mark.parametrize("who", ["spam", "policy"])
def test_a_refused_mail_has_failed_and_its_address_stays_good(office, who):
    row = asked(survey(), who)[0]
    drain(DELIVER)
    assert state_of(row) == (State.FAILED, "refused")
    assert job_of(row).state == "dead"
    assert not Suppression.objects.exists()


def test_staff_can_retry_a_refused_mail_and_it_goes_out(office):
    row = asked(survey(), "policy")[0]
    drain(DELIVER)
    Contact.objects.update(email="right@example.com")
    retry([job_of(row).pk])
    drain(DELIVER)
    assert office.delivered == ["right@example.com"]
    assert state_of(row) == (State.SENT, "")


def test_a_server_that_is_away_costs_no_attempt(office, settings):
    rows = asked(survey(), "ada", "ben")
    settings.EMAIL_PORT = 1  # nobody listens there
    drain(DELIVER)
    for row in rows:
        assert state_of(row)[0] == State.WAITING
        assert (job_of(row).state, job_of(row).attempts) == ("pending", 0)
    settings.EMAIL_PORT = office.port
    make_due()
    drain(DELIVER)
    assert len(office.delivered) == 2


def test_a_wrong_sender_address_of_ours_blames_nobody(office, settings):
    settings.DEFAULT_FROM_EMAIL = "nobody@ask.example"
    rows = asked(survey(), "ada", "ben")
    drain(DELIVER)
    assert {state_of(row)[0] for row in rows} == {State.WAITING}
    assert {job_of(row).attempts for row in rows} == {0}


def test_silence_after_the_text_is_doubtful_and_never_repeated(office):
    row = asked(survey(), "silence")[0]
    for _ in range(3):
        make_due()
        sweep()
    assert office.to("silence@example.com") == 1
    assert state_of(row)[0] == State.DOUBTFUL
    assert job_of(row).state == "doubtful"


# ---- Crashes ---------------------------------------------------------------------------


def test_a_crash_after_handing_over_becomes_doubtful_and_asks_for_a_recount(office):
    row = asked(survey(), "ada")[0]
    Invitation.objects.filter(pk=row.pk).update(state=State.HANDED)
    Job.objects.filter(kind=DELIVER).update(
        state="handed", claimed_by="gone", lease_until=timezone.now() - timedelta(seconds=1)
    )
    sweep()
    assert state_of(row)[0] == State.DOUBTFUL
    assert job_of(row).state == "doubtful"
    assert office.delivered == []
    assert Job.objects.filter(kind="tally", subject_id=row.survey_id).exists()


def test_an_attempt_that_broke_off_in_the_middle_is_shown_not_repeated(office):
    row = asked(survey(), "ada")[0]
    Invitation.objects.filter(pk=row.pk).update(state=State.HANDED)
    drain(DELIVER)
    assert state_of(row)[0] == State.DOUBTFUL
    assert job_of(row).state == "doubtful"
    assert office.delivered == []


def test_of_mails_handed_over_together_only_the_one_on_its_way_is_doubtful(office):
    rows = asked(survey(), "ada", "ben", "cleo", "dan")
    Invitation.objects.update(state=State.HANDED)
    Job.objects.filter(kind=DELIVER).update(
        attempts=8,  # of other batches that died; those that stayed are not to blame
        state="handed",
        claimed_by="gone",
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    with suppress_exception(KeyError), Logbook("gone") as logbook:
        logbook.begin(rows[0].pk)
        logbook.begin(rows[1].pk)
        raise KeyError  # stands for the kill: the file stays, its lock does not
    sweep()
    assert [state_of(row)[0] for row in rows] == ["sent", "doubtful", "sent", "sent"]
    assert sorted(office.delivered) == ["cleo@example.com", "dan@example.com"]
    assert [job_of(row).state for row in rows] == ["done", "doubtful", "done", "done"]
    assert logbook_of("gone") is None


def test_a_batch_that_raises_leaves_one_doubtful_mail_and_sends_the_rest(office, monkeypatch):
    rows = asked(survey(), "ada", "ben", "cleo")
    carry, count = delivery.Carrier.carry, iter(range(9))

    def carry_or_raise(self, message):
        if next(count) == 1:
            raise KeyError("a bug")
        return carry(self, message)

    monkeypatch.setattr(delivery.Carrier, "carry", carry_or_raise)
    drain(DELIVER)
    make_due()
    drain(DELIVER)
    assert sorted(state_of(row)[0] for row in rows) == ["doubtful", "sent", "sent"]
    assert len(office.delivered) == 2


def test_workers_that_die_again_and_again_leave_a_failed_invitation(office):
    row = asked(survey(), "ada")[0]
    Job.objects.filter(kind=DELIVER).update(
        state="claimed", attempts=8, lease_until=timezone.now() - timedelta(seconds=1)
    )
    sweep()
    assert state_of(row) == (State.FAILED, "interrupted")
    assert job_of(row).state == "dead"


def test_a_mail_whose_link_key_was_thrown_away_fails_alone(office):
    lost, fine = asked(survey(), "ada", "ben")
    Invitation.objects.filter(pk=lost.pk).update(key_id="z")
    drain(DELIVER)
    assert state_of(lost) == (State.FAILED, "unwritable")
    assert job_of(lost).state == "dead"
    assert office.delivered == ["ben@example.com"]
    assert state_of(fine)[0] == State.SENT


def test_a_batch_that_takes_long_gives_the_rest_back(office, monkeypatch):
    rows = asked(survey(), "ada", "ben")
    monkeypatch.setattr(delivery, "MAX_SECONDS", -1.0)
    drain(DELIVER, max_seconds=0.01)
    assert office.delivered == []
    assert {(job_of(row).state, job_of(row).attempts) for row in rows} == {("pending", 0)}


def test_the_states_of_a_campaign_add_up_to_its_audience(office):
    people = ["ada", "later", "gone", "spam", "silence", "hangup", "ben"]
    asked(survey(), *people)
    drain(DELIVER)
    states = list(Invitation.objects.values_list("state", flat=True))
    assert len(states) == len(people)
    assert State.HANDED not in states


def test_mail_waits_for_no_transaction_of_ours(office):
    """While the server thinks, others can write: on SQLite this would block otherwise."""
    asked(survey(), "ada", "ben")

    def write_something(address: str) -> None:
        Contact.objects.filter(email=address).update(name="Changed meanwhile")
        connection.close()

    office.before_answer = write_something
    drain(DELIVER)
    assert Contact.objects.filter(name="Changed meanwhile").count() == 2


def test_the_embedded_mailbox_takes_mail_the_same_way(tmp_path, settings):
    settings.EMAIL_BACKEND = "surveys.mailbox.MailboxBackend"
    settings.MAIL_DIR = tmp_path
    row = asked(survey(), "ada", is_demo=True)[0]
    drain(DELIVER)
    assert state_of(row)[0] == State.SENT
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_the_mail_leaves_from_our_address_with_a_name(office):
    asked(survey(), "ada")
    drain(DELIVER)
    assert b"From: Kestrel Ledger <surveys@ask.example>" in office.raw[0]
    assert configured.BASE_URL.encode() in office.raw[0]
