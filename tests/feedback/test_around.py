"""What happens around a post: soon after the mail, many scores at once, no page opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from feedback.evidence import Around, Trace, judge
from feedback.models import Response, StandingChange, Submit
from surveys.models import Invitation, Reminder
from tests.feedback.test_evidence import ROBOT, link
from tests.surveys.worlds import survey

# A browser without JavaScript over http: nothing vouches for a tap or a key.
UNSURE = {"Sec-Fetch-User": ""}
TAP = {"gesture": "pointer"}


@pytest.fixture
def address(db) -> str:
    """A link whose mail left an hour ago and whose page was fetched."""
    made = link()
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    return made


def post(to: str, score: int, headers=UNSURE, **fields: object) -> None:
    assert Client().post(to, {"score": score, **fields}, headers=headers).status_code == 303


def answer() -> tuple[int, str, str]:
    return Response.objects.values_list("score", "standing", "held_reasons").get()


def earlier(seconds: float) -> None:
    """Let everything have happened so long ago."""
    ago = timedelta(seconds=seconds)
    Submit.objects.update(at=F("at") - ago)
    Invitation.objects.update(opened_at=F("opened_at") - ago)


def test_one_tap_without_javascript_is_an_answer(address):
    post(address, 9)
    assert answer() == (9, "counted", "")
    assert Submit.objects.get().reasons == "plausible"


def test_within_seconds_of_the_mail_only_what_vouches_for_a_tap_or_a_key_counts(address):
    Invitation.objects.update(sent_at=timezone.now() - timedelta(seconds=4))
    post(address, 3)
    assert answer() == (3, "quarantined", "too_soon")
    post(address, 9, gesture="key")
    assert answer() == (9, "counted", "")


@pytest.mark.parametrize("person", [{"headers": {"Sec-Fetch-User": "?1"}}, TAP, {"gesture": "key"}])
def test_a_fast_person_counts_at_once(address, person):
    Invitation.objects.update(sent_at=timezone.now())
    post(address, 9, **person)
    assert answer() == (9, "counted", "")


def test_a_reminder_is_a_mail_too(address):
    mail = Reminder.objects.create(invitation=Invitation.objects.get(), step=1, state="sent")
    Reminder.objects.filter(pk=mail.pk).update(sent_at=timezone.now() - timedelta(seconds=4))
    post(address, 3)
    assert answer() == (3, "quarantined", "too_soon")


@pytest.mark.parametrize("fields", [{}, TAP])
def test_nobody_answers_on_a_page_that_nobody_fetched(db, fields):
    to = link(is_opened=False)
    post(to, 9, {}, **fields)
    assert answer() == (9, "quarantined", "not_opened")
    Client().get(to)
    post(to, 9, {}, **fields)  # and once it was fetched, the same answer counts
    assert answer() == (9, "counted", "")


def test_a_burst_of_scores_is_held_with_its_first_ones(address):
    for score in range(11):
        post(address, score)
    assert answer() == (10, "quarantined", "many_scores")
    assert StandingChange.objects.get().by == ""
    assert Submit.objects.count() == 11
    post(address, 8, {}, **TAP)
    assert answer() == (8, "counted", "")


def test_a_slip_put_right_counts_and_so_does_changing_ones_mind_over_the_day(address):
    post(address, 3)
    post(address, 8)
    assert answer() == (8, "counted", "")
    for score in (7, 6):
        earlier(61)
        post(address, score)
    assert answer() == (6, "counted", "")


def test_what_staff_counted_a_burst_does_not_hold(address, staff_client):
    post(address, 3, ROBOT)
    pk = Response.objects.get().pk
    staff_client.post(f"/admin/responses/{pk}/standing", {"standing": "counted"})
    for score in range(5):
        post(address, score)
    assert Response.objects.values_list("standing", "standing_by").get() == ("counted", "alice")


def test_what_a_person_said_nothing_unsure_changes_however_late(address):
    post(address, 9, {}, **TAP)
    earlier(7200)
    post(address, 0)
    assert answer() == (9, "counted", "")
    late = Submit.objects.latest("pk")
    assert (late.verdict, late.reasons, late.is_in_force) == ("suspect", "against_person", False)
    post(address, 7, {}, **TAP)  # the person herself does
    assert answer() == (7, "counted", "")


def test_a_share_link_is_opened_by_the_page_that_was_signed(db, client):
    from surveys.sharing import new_share_link

    shared = new_share_link(survey(), channel="link", name="Till")
    shared.save()
    page = client.get(f"/a/{shared.code}").content.decode()
    start = page.split('name="start" value="')[1].split('"')[0]
    post(f"/a/{shared.code}", 9, UNSURE, start=start)
    assert answer() == (9, "counted", "")


TRACES = st.builds(
    Trace,
    gesture=st.sampled_from(("pointer", "key", "none", "")),
    user=st.sampled_from(("?1", "")),
    site=st.sampled_from(("same-origin", "")),
    has_language=st.booleans(),
)
AROUND = st.builds(
    Around,
    since_mail=st.none() | st.floats(0, 1e6),
    scores=st.integers(1, 11),
    is_opened=st.booleans(),
    is_against_person=st.booleans(),
)


@given(TRACES, AROUND)
def test_what_happens_around_never_frees_and_never_touches_who_is_vouched_for(trace, around):
    alone, placed = judge(trace), judge(trace, around)
    assert placed.is_held or not alone.is_held
    if trace.is_vouched_for and around.is_opened:
        assert placed == alone
