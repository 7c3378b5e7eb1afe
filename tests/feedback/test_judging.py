"""Verdicts: in force at once, kept, counted, taken back."""

from __future__ import annotations

import pytest

from feedback.judging import (
    CommentChanged,
    NotASaying,
    Opinion,
    agreement,
    as_judged,
    judge,
    withdraw,
)
from feedback.models import Reading, Response, Verdict
from feedback.reading import read_responses
from outbox.models import Job
from tests.feedback.making import a_survey, answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def response():
    row = answer(a_survey(), "Great, another outage. The app is down. Thanks!")
    read_responses([row.pk])
    Job.objects.all().delete()
    return row


def label(response) -> str:
    return Reading.objects.get(response=response).sentiment


def test_a_label_changes_at_once_and_the_day_is_recounted(response):
    judge(response, Opinion("sentiment", "mixed"), by="alice")
    assert label(response) == "mixed"
    assert Job.objects.filter(kind="tally", detail=str(response.submitted_date)).exists()


def test_what_was_read_is_kept_through_a_change_of_mind(response):
    read = Reading.objects.get(response=response).read_sentiment
    judge(response, Opinion("sentiment", "mixed"), by="alice")
    judge(response, Opinion("sentiment", "neutral"), by="bob")
    verdict = Verdict.objects.get()
    assert (verdict.read, verdict.said, verdict.by) == (read, "neutral", "bob")


def test_a_theme_is_denied_and_another_added(response):
    judge(response, Opinion("theme", "no", key="mobile-app"), by="alice")
    judge(response, Opinion("theme", "yes", key="price"), by="alice")
    themes = set(response.mentions.values_list("theme__slug", flat=True))
    assert "price" in themes and "mobile-app" not in themes
    assert set(as_judged("theme")) == {("yes", "no"), ("no", "yes")}


def test_how_a_theme_is_spoken_of_is_corrected_counted_kept_and_taken_back(response):
    def tone() -> set[str]:
        spoken = response.mentions.filter(theme__slug="mobile-app")
        return set(spoken.values_list("sentiment", flat=True))

    read = tone()
    assert read and "mixed" not in read
    judge(response, Opinion("mention", "mixed", key="mobile-app"), by="alice")
    read_responses([response.pk])
    assert tone() == {"mixed"}
    assert as_judged("mention") == {(next(iter(read)), "mixed"): 1}
    withdraw(response, what="mention", key="mobile-app")
    assert tone() == read


def test_an_added_theme_is_spoken_of_as_a_person_says(response):
    judge(response, Opinion("theme", "yes", key="price"), by="alice")
    judge(response, Opinion("mention", "positive", key="price"), by="alice")
    assert response.mentions.get(theme__slug="price").sentiment == "positive"


def test_an_emotion_is_denied_and_another_added(response):
    judge(response, Opinion("emotion", "yes", key="anger"), by="alice")
    judge(response, Opinion("emotion", "no", key="gratitude"), by="alice")
    assert set(response.emotions.values_list("name", flat=True)) & {"anger", "gratitude"} == {
        "anger"
    }


def test_a_verdict_is_taken_back(response):
    read = label(response)
    judge(response, Opinion("sentiment", "mixed"), by="alice")
    withdraw(response, what="sentiment")
    assert label(response) == read
    assert not Verdict.objects.exists()


def test_saying_what_was_read_confirms_it(response):
    judge(response, Opinion("sentiment", label(response)), by="alice")
    assert agreement("sentiment") == (1, 1)


def test_agreement_of_drawn_comments_is_counted_apart(response):
    other = answer(response.survey, "Great app", score=9)
    read_responses([other.pk])
    judge(response, Opinion("sentiment", "mixed"), by="alice")
    judge(other, Opinion("sentiment", "positive", is_sampled=True), by="alice")
    assert agreement("sentiment") == (1, 2)
    assert agreement("sentiment", is_sampled=True) == (1, 1)
    assert agreement("sentiment", is_sampled=False) == (0, 1)


def test_a_drawn_comment_stays_drawn_when_somebody_corrects_it_later(response):
    judge(response, Opinion("sentiment", label(response), is_sampled=True), by="alice")
    judge(response, Opinion("sentiment", "mixed"), by="bob")
    assert agreement("sentiment", is_sampled=True) == (0, 1)


def test_a_comment_nobody_can_tell_keeps_its_label_and_does_not_count(response):
    read = label(response)
    judge(response, Opinion("sentiment", "unclear", is_sampled=True), by="alice")
    assert label(response) == read
    assert agreement("sentiment") == (0, 0)
    assert as_judged("sentiment") == {(read, "unclear"): 1}


def test_a_verdict_on_a_rewritten_comment_starts_afresh(response):
    judge(response, Opinion("sentiment", "mixed"), by="alice")
    Response.objects.filter(pk=response.pk).update(comment="I love it", version=2)
    read_responses([response.pk])
    judge(response, Opinion("sentiment", "neutral"), by="alice")
    assert Verdict.objects.get().read == "positive"


def test_words_rewritten_since_the_page_was_drawn_are_not_judged(response):
    Response.objects.filter(pk=response.pk).update(comment="I love it", version=2)
    with pytest.raises(CommentChanged):
        judge(response, Opinion("sentiment", "negative", version=1), by="alice")
    assert not Verdict.objects.exists()


@pytest.mark.parametrize(
    "opinion",
    [
        Opinion("sentiment", "unscored"),
        Opinion("sentiment", "unclear"),
        Opinion("sentiment", "positive", key="x"),
        Opinion("theme", "perhaps", key="price"),
        Opinion("theme", "yes", key="no-such-theme"),
        Opinion("mention", "yes", key="mobile-app"),
        Opinion("mention", "positive", key="price"),  # the comment does not name it
        Opinion("mention", "positive", key="no-such-theme"),
        Opinion("emotion", "yes", key="boredom"),
        Opinion("language", "english"),
        Opinion("language", "EN"),
        Opinion("weather", "yes"),
        Opinion("", ""),
    ],
)
def test_a_word_that_does_not_fit_is_refused(response, opinion):
    with pytest.raises(NotASaying):
        judge(response, opinion, by="alice")
    assert not Verdict.objects.exists()


def test_the_language_of_a_comment_is_set_by_a_person(response):
    judge(response, Opinion("language", "de"), by="alice")
    assert label(response) == "unscored"
    assert as_judged("language") == {("en", "de"): 1}
    withdraw(response, what="language")
    assert Reading.objects.get(response=response).language == "en"
