"""Five hundred wait, a hundred unsubscribe while mail is leaving: none of those is mailed."""

import random
import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from outbox.drain import drain
from outbox.models import Job
from surveys import campaigns
from surveys.audience import Audience, Source
from surveys.models import Contact
from surveys.services import DELIVER, suppress
from surveys.standing import standing
from tests.surveys import worlds
from tests.surveys.post import post_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_pace(settings):
    settings.MAILS_PER_SECOND_TO_A_DOMAIN = 0  # the pace has tests of its own


def deliver_all() -> None:
    """Do all delivery work, also what a batch that took too long put off."""
    waiting = Job.objects.filter(kind=DELIVER, state=Job.State.PENDING)
    while waiting.exists():
        waiting.update(due_at=timezone.now())
        drain(DELIVER)


def test_none_of_those_who_unsubscribe_while_mail_leaves_gets_one_after():
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(500))
    everyone = Audience(Source.EVERYONE)
    campaign = campaigns.launch(
        worlds.survey(), everyone, name="x", token=uuid4(), by=None, size=500
    )
    leaving = random.Random(1).sample([f"p{n}@example.com" for n in range(500)], 100)
    mails_by_then: dict[str, int] = {}
    with post_office() as office:

        def unsubscribe() -> None:
            try:
                for email in leaving:
                    suppress(email, reason="unsubscribed", source="page")
                    mails_by_then[email] = len(office.delivered)
            finally:
                connection.close()

        first = Contact.objects.order_by("pk")[0].email
        thread = threading.Thread(target=unsubscribe)
        office.before_answer = lambda address: address == first and thread.start()
        deliver_all()
        thread.join()
    assert len(mails_by_then) == 100
    # The next one may have been at the mail server when its person clicked; none after it was.
    late = [who for who, n in mails_by_then.items() if who in office.delivered[n + 1 :]]
    assert late == []
    places = standing(campaign).places
    assert places["suppressed"] == 100 - sum(office.to(who) for who in leaving)
    assert sum(places.values()) == 500


def test_none_of_those_who_unsubscribed_in_the_queue_is_mailed():
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(500))
    everyone = Audience(Source.EVERYONE)
    campaign = campaigns.launch(
        worlds.survey(), everyone, name="x", token=uuid4(), by=None, size=500
    )
    leaving = random.Random(2).sample([f"p{n}@example.com" for n in range(500)], 100)
    for email in leaving:
        suppress(email, reason="unsubscribed", source="page")
    with post_office() as office:
        deliver_all()
    assert set(leaving).isdisjoint(office.delivered)
    assert len(office.delivered) == len(set(office.delivered)) == 400
    assert standing(campaign).places["suppressed"] == 100
