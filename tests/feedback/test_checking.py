"""Comments drawn for checking: at random, each once, those already corrected among them."""

from __future__ import annotations

from collections import Counter

import pytest

from feedback.checking import contradictions, draw, drawn
from feedback.judging import Opinion, judge
from feedback.models import Reading, Response
from feedback.reading import read_responses
from tests.feedback.making import a_survey, answer, answers

pytestmark = pytest.mark.django_db


def read(rows) -> None:
    read_responses([row.pk for row in rows])


def test_nothing_is_drawn_where_nothing_is_scored():
    assert draw() is None
    read([answer(a_survey(), "n/a")])
    assert draw() is None


def test_every_scored_comment_may_be_drawn():
    rows = answers(a_survey(), ["Great app"] * 6 + ["n/a"])
    read(rows)
    seen = Counter(draw().pk for _ in range(200))
    assert set(seen) == {row.pk for row in rows[:6]}


def test_a_comment_far_from_the_others_is_as_likely():
    survey = a_survey()
    read(answers(survey, ["Great app"] * 3))
    far = answer(survey, "Terrible app")
    Response.objects.filter(pk=far.pk).delete()
    far.pk = 10_000_000
    far.save(force_insert=True)
    read([far])
    seen = Counter(draw().pk for _ in range(120))
    assert 10 <= seen[10_000_000] <= 60


def test_a_checked_comment_is_not_drawn_again_a_corrected_one_is():
    checked, corrected = answers(a_survey(), ["Great app", "Terrible app"])
    read([checked, corrected])
    judge(checked, Opinion("sentiment", "positive", is_sampled=True), by="alice")
    judge(corrected, Opinion("sentiment", "mixed"), by="alice")
    assert {draw().pk for _ in range(20)} == {corrected.pk}
    assert drawn(checked.pk) is None
    assert drawn(corrected.pk) == corrected


def test_strong_contradictions_are_listed_until_somebody_judges_them():
    survey = a_survey()
    happy = "I love it, the best support ever, great and friendly, wonderful!"
    unhappy = "Terrible, awful support, the app keeps crashing, worst ever!"
    rows = [
        answer(survey, unhappy, score=10),
        answer(survey, happy, score=0),
        answer(survey, happy, score=10),
        answer(survey, unhappy, score=8),
    ]
    read(rows)
    assert {row.pk for row in contradictions()} == {rows[0].pk, rows[1].pk}
    judge(rows[0], Opinion("sentiment", "negative"), by="alice")
    assert [row.pk for row in contradictions()] == [rows[1].pk]


def test_a_contradiction_changes_no_sentiment():
    row = answer(a_survey(), "Terrible, awful support, worst ever!", score=10)
    read([row])
    list(contradictions())
    found = Reading.objects.get(response=row)
    assert found.sentiment == found.read_sentiment == "negative"


def test_each_scale_has_its_own_happy_end():
    survey = a_survey("effort", kind="ces")
    row = answer(survey, "Terrible, awful support, worst ever!", score=7)
    read([row])
    assert [one.pk for one in contradictions()] == [row.pk]
