"""Coverage: every comment is in exactly one place, and the sentence says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.coverage import coverage_by_survey, total, unscored
from feedback.judging import Opinion, judge
from feedback.models import Response
from feedback.reading import read_responses
from feedback.teaching.coverage_pages import finding, rest_words
from tests.feedback.making import a_survey, answer, answers

pytestmark = pytest.mark.django_db

SPANISH = "El nuevo enlace bancario me salva cada viernes por la tarde."
GERMAN = "Der Bankabgleich spart mir jede Woche zwei Stunden."


def read(rows) -> None:
    read_responses([row.pk for row in rows])


def whole(**about):
    return total(one.coverage for one in coverage_by_survey(**about))


def test_every_comment_is_counted_in_one_place_and_answers_without_words_in_none():
    survey = a_survey()
    read(answers(survey, ["Great app"] * 3 + [SPANISH, SPANISH, GERMAN, "n/a", ""]))
    answer(survey, "not read yet")
    found = whole()
    assert (found.scored, found.waiting, found.unscored, found.comments) == (3, 1, 4, 8)
    assert dict(found.languages) == {"es": 2, "de": 1}
    assert found.share == pytest.approx(3 / 7)
    assert finding(found) == "3 of 8 comments scored"
    assert rest_words(found) == "2 Spanish; 1 German; 1 non-answers; 1 waiting to be read"


def test_many_languages_are_summed_up():
    survey = a_survey()
    rows = answers(survey, ["Great app"] * 5)
    read(rows)
    for row, code in zip(rows, ("es", "de", "fr", "it", "nl"), strict=True):
        judge(row, Opinion("language", code), by="alice")
    assert rest_words(whole()).endswith("2 in other languages")


def test_each_survey_has_its_own_coverage_the_largest_first():
    read(answers(a_survey("small"), [SPANISH]))
    read(answers(a_survey("large"), ["Great app", "Great support", GERMAN]))
    found = coverage_by_survey()
    assert [one.survey.slug for one in found] == ["large", "small"]
    assert [one.coverage.scored for one in found] == [2, 0]


def test_a_sentiment_set_by_a_person_counts_as_scored():
    row = answer(a_survey(), SPANISH)
    read([row])
    judge(row, Opinion("sentiment", "positive"), by="alice")
    assert (whole().scored, whole().unscored) == (1, 0)


def test_only_the_period_counts():
    survey = a_survey()
    read(answers(survey, ["Great app"], at=timezone.now() - timedelta(days=40)))
    read(answers(survey, ["Great app"]))
    assert whole(days=30).comments == 1
    assert whole(days=90).comments == whole().comments == 2


def test_answers_held_as_a_machines_are_left_out():
    row = answer(a_survey(), "Great app")
    read([row])
    Response.objects.update(standing="quarantined")
    assert whole().comments == 0
    assert whole().share is None


def test_the_unscored_are_listed_by_reason_language_and_survey():
    survey = a_survey()
    read(answers(survey, [SPANISH, GERMAN, "n/a", "Great app"]))
    assert {row.comment for row in unscored()} == {SPANISH, GERMAN, "n/a"}
    assert [row.comment for row in unscored(reason="non_answer")] == ["n/a"]
    assert [row.comment for row in unscored(language="de", survey=survey.slug)] == [GERMAN]
    assert not unscored(survey="other").exists()


def test_two_queries_whatever_there_is(django_assert_num_queries):
    for slug in ("one", "two", "three"):
        read(answers(a_survey(slug), ["Great app", SPANISH, "n/a"]))
    with django_assert_num_queries(2):
        coverage_by_survey()
