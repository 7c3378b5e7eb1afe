"""Storing what people say: one response per link, every change kept, one piece of work each."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from feedback.models import Answer, Response, Revision
from feedback.services import (
    GivenAnswer,
    LinkExpired,
    Submission,
    SurveyClosed,
    answers_of,
    submit,
)
from outbox.models import Job
from surveys.models import Choice, Invitation, Question
from surveys.services import close, find_invitation, go_live, token_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db


def opened(asks=None, who: str = "ada") -> Invitation:
    found = find_invitation(token_of(invitation(asks or survey(), contact(who))))
    assert found
    return found


def test_a_first_answer_closes_the_invitation_and_is_to_be_read():
    link = opened()
    response_id = submit(link, Submission(9, "Fast", "en"))
    response = Response.objects.get()
    assert (response.pk, response.score, response.comment) == (response_id, 9, "Fast")
    assert (response.version, response.standing, response.channel) == (1, "counted", "email")
    assert Invitation.objects.get().answered_at == response.submitted_at
    assert Job.objects.get().dedupe_key == f"read:{response_id}:1"


def test_the_same_answer_again_changes_nothing():
    link = opened()
    first, second = submit(link, Submission(9, "Fast")), submit(link, Submission(9, "Fast"))
    assert first == second
    assert (Revision.objects.count(), Job.objects.count()) == (0, 1)


def test_every_change_is_kept_in_order():
    link = opened()
    for score in (9, 3, 7):
        submit(link, Submission(score, f"said {score}"))
    assert list(Revision.objects.values_list("version", "score", "comment")) == [
        (1, 9, "said 9"),
        (2, 3, "said 3"),
    ]
    response = Response.objects.get()
    assert (response.version, response.score) == (3, 7)
    assert response.revised_at
    assert Job.objects.count() == 3


def test_a_closed_survey_and_an_expired_link_store_nothing():
    asks = survey()
    close(asks)
    with pytest.raises(SurveyClosed):
        submit(opened(asks), Submission(9))
    late = opened(survey("late"), "ben")
    late.expires_at = timezone.now() - timedelta(seconds=1)
    with pytest.raises(LinkExpired):
        submit(late, Submission(9))
    assert not Response.objects.exists()


@pytest.mark.parametrize("score", [-1, 11, 100])
def test_a_score_off_the_scale_is_refused(score):
    with pytest.raises(ValueError, match="not on the scale"):
        submit(opened(), Submission(score))


def test_answers_to_questions_are_stored_and_replaced():
    asks = survey(live=False)
    ease = Question.objects.create(survey=asks, kind="scale", text="Easy?")
    about = Question.objects.create(survey=asks, kind="many_choices", text="About?")
    price, speed = (Choice.objects.create(question=about, text=t) for t in ("Price", "Speed"))
    go_live(asks)
    link = opened(asks)
    given = (
        GivenAnswer(ease.pk, number=4),
        GivenAnswer(about.pk, choice_id=speed.pk),
        GivenAnswer(about.pk, choice_id=price.pk),
    )
    submit(link, Submission(9, answers=given))
    assert set(answers_of(Response.objects.get())) == set(given)
    submit(link, Submission(9, answers=tuple(reversed(given))))
    assert not Revision.objects.exists(), "another order is no change"
    submit(link, Submission(9, answers=given[:1]))
    assert Answer.objects.get().number == 4
    assert len(Revision.objects.get().answers) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_answers", [False, True])
def test_parallel_first_answers_make_one_response_and_lose_none(has_answers):
    asks = survey(live=False)
    ease = Question.objects.create(survey=asks, kind="scale", text="Easy?")
    go_live(asks)
    for number in range(4):
        link = opened(asks, f"person{number}")
        start = threading.Barrier(8)

        def post(score: int, link: Invitation = link, start: threading.Barrier = start) -> None:
            # Half of them with further answers: the two ways of storing meet here.
            answers = (GivenAnswer(ease.pk, number=3),) if has_answers and score % 2 else ()
            start.wait(timeout=20)
            try:
                submit(link, Submission(score, f"said {score}", answers=answers))
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(post, range(8)))
        response = Response.objects.get(invitation=link)
        said = [response.comment, *response.revisions.values_list("comment", flat=True)]
        assert sorted(said) == [f"said {score}" for score in range(8)]


@pytest.mark.parametrize("seed", range(3))
def test_a_long_story_of_changes_keeps_its_history_complete(seed):
    chance, link = random.Random(seed), opened()
    said: list[tuple[int, str]] = []
    for _ in range(60):
        now = (chance.randint(0, 10), chance.choice(["", "a", "b"]))
        submit(link, Submission(*now))
        if not said or said[-1] != now:
            said.append(now)
    response = Response.objects.get()
    kept = [*response.revisions.order_by("version").values_list("score", "comment")]
    assert [*kept, (response.score, response.comment)] == said
    assert response.version == len(said)
    assert Job.objects.count() == len(said)
