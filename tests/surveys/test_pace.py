"""Mail to one domain leaves at its rate, whoever sends it, and holds up nobody else."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import pairwise

import pytest
from django.db import connection

from outbox.drain import drain
from outbox.models import Job
from outbox.transactions import write
from surveys import delivery, pace
from surveys.models import Campaign, Contact, Invitation, MailDomain
from surveys.services import DELIVER, invite
from tests.surveys.post import post_office
from tests.surveys.worlds import survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(settings):
    with post_office() as office:
        settings.MAILS_PER_SECOND_TO_A_DOMAIN = 10
        yield office


def booked(emails: list[str]) -> list[pace.Slot]:
    with write():
        return pace.book(emails)


def test_a_domain_is_booked_a_gap_apart_and_what_is_far_waits_in_its_order(office):
    slots = booked([f"p{n}@big.example" for n in range(50)] + ["ada@small.example"])
    near = [slot.seconds for slot in slots[:50] if not slot.is_far]
    assert 20 <= len(near) <= 21
    steps = [b - a for a, b in pairwise(near)]
    assert steps == pytest.approx([0.1] * len(steps), abs=1e-4)
    far = [slot.seconds for slot in slots[:50] if slot.is_far]
    assert far == sorted(far)
    assert far[0] > pace.WINDOW
    assert slots[50] == pace.Slot(0.0)


def test_workers_together_keep_the_rate(office):
    moments: list[float] = []

    def work() -> None:
        for _ in range(5):
            booked(["a@big.example"])
            moments.append(MailDomain.objects.get().free_at)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    first, last = min(moments), MailDomain.objects.get().free_at
    assert last - first >= 19 * 0.1 - 1e-3  # twenty mails, nineteen gaps at least


def test_the_batch_waits_for_each_moment_and_puts_far_ones_off(office, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(delivery.time, "sleep", waits.append)
    asks = survey()
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@big.example") for n in range(40))
    people += Contact.objects.bulk_create([Contact(email="ada@small.example")])
    invite(asks, people, campaign=Campaign.objects.create(name="c", survey=asks))
    drain(DELIVER)
    sent = Counter(address.partition("@")[2] for address in office.delivered)
    assert sent["small.example"] == 1
    assert 20 <= sent["big.example"] < 40
    assert max(waits) > 0.05
    later = Job.objects.filter(kind=DELIVER, state="pending")
    assert {(job.last_error, job.attempts) for job in later} == {(delivery.PACED, 0)}


def test_a_server_that_says_too_fast_is_left_alone_and_others_are_not(office):
    from tests.surveys import post

    post.AT_RCPT["toofast"] = "421 4.7.28 unusual rate of mail"
    asks = survey()
    people = Contact.objects.bulk_create(
        Contact(email=email)
        for email in ("toofast@big.example", "ada@big.example", "ben@small.example")
    )
    invite(asks, people, campaign=Campaign.objects.create(name="c", survey=asks))
    drain(DELIVER)
    del post.AT_RCPT["toofast"]
    assert office.delivered == ["ben@small.example"]
    assert Invitation.objects.filter(state="waiting").count() == 2
    assert booked(["cleo@big.example"])[0].seconds > 800


def test_no_rate_books_nothing(office, settings):
    settings.MAILS_PER_SECOND_TO_A_DOMAIN = 0
    assert booked(["a@b.example"] * 3) == [pace.Slot(0.0)] * 3
    assert not MailDomain.objects.exists()
