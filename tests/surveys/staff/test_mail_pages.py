"""The outbox screen: each mail with its state, why, and what to do; dead work with a way back."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from outbox.models import Job
from surveys.models import Invitation, MailEvent
from surveys.services import DELIVER
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
State = Invitation.State


def job(kind: str, subject: int, state: str, error: str = "") -> Job:
    now = timezone.now()
    return Job.objects.create(
        kind=kind, subject_id=subject, dedupe_key=f"{kind}:{subject}", state=state,
        last_error=error, due_at=now, created_at=now,
    )  # fmt: skip


def page(client, query: str = "") -> str:
    return client.get(reverse("staff:mails") + query).content.decode()


def test_each_mail_says_its_state_why_and_what_to_do(staff_client):
    asks = survey()
    doubtful = invitation(asks, contact("ada"), state=State.DOUBTFUL)
    bounced = invitation(asks, contact("ben"), state=State.BOUNCED, reason="bounced")
    MailEvent.objects.create(event_id="1", kind="bounced", said="5.1.1 gone", invitation=bounced)
    waiting = invitation(asks, contact("cleo"), state=State.WAITING)
    job(DELIVER, waiting.pk, "pending", "451 greylisted, come back")
    job(DELIVER, doubtful.pk, "doubtful")
    html = page(staff_client)
    for words in (
        "send it again", "the address does not exist", "5.1.1 gone", "451 greylisted", "next try",
    ):  # fmt: skip
        assert words in html
    only = page(staff_client, "?state=doubtful")
    assert "ada@example.com" in only
    assert "ben@example.com" not in only
    assert "ben@example.com" in page(staff_client, "?q=ben")


def test_a_doubtful_mail_is_sent_again_on_purpose_or_left(staff_client):
    asks = survey()
    ada, ben = (invitation(asks, contact(who), state=State.DOUBTFUL) for who in ("ada", "ben"))
    for row in (ada, ben):
        job(DELIVER, row.pk, "doubtful")
    url = reverse("staff:mail-decide")
    staff_client.post(url, {"invitation": ada.pk, "do": "again"})
    staff_client.post(url, {"invitation": ben.pk, "do": "sent"})
    states = dict(Invitation.objects.values_list("pk", "state"))
    assert states == {ada.pk: State.WAITING, ben.pk: State.SENT}
    assert dict(Job.objects.values_list("subject_id", "state")) == {
        ada.pk: "pending", ben.pk: "done",
    }  # fmt: skip
    assert "Tick the mails" in staff_client.post(url, {}, follow=True).content.decode()


def test_other_work_that_was_given_up_can_be_tried_again(staff_client):
    dead = job("read", 7, "dead", "ValueError: odd")
    assert "ValueError: odd" in page(staff_client)
    staff_client.post(reverse("staff:jobs-again"), {"kind": "read"})
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("pending", 0)


def test_the_page_asks_as_many_queries_for_fifty_mails_as_for_two(
    staff_client, django_assert_max_num_queries
):
    asks = survey()
    for number in range(52):
        invitation(asks, contact(f"p{number}"), state=State.FAILED, reason="refused")
    page(staff_client)
    with django_assert_max_num_queries(32):
        html = page(staff_client)
    assert "Older" in html
    last = Invitation.objects.order_by("pk")[1].pk
    assert "p0@example.com" in page(staff_client, f"?before={last}")


@pytest.mark.parametrize("query", ["?state=x&q=%00&before=abc", "?before=" + "9" * 40])
def test_odd_wishes_are_no_error(staff_client, query):
    assert staff_client.get(reverse("staff:mails") + query).status_code == 200
