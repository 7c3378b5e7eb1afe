"""How right we are: agreement with its interval, random checks apart from corrections."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from analytics.scores.accuracy import accuracy_report
from analytics.scores.accuracy_pages import finding, shown
from analytics.statistics.shares import wilson
from feedback.inbox import matching, read_filters
from feedback.judging import Opinion, judge
from feedback.models import Verdict
from feedback.reading import read_responses
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    rows = answers(a_survey(), ["Great app, I love it"] * 20 + ["Terrible support"] * 4)
    read_responses([row.pk for row in rows])
    return rows


def say(rows, said: str, *, is_sampled: bool) -> None:
    for row in rows:
        judge(row, Opinion("sentiment", said, is_sampled=is_sampled), by="alice")


def test_comments_drawn_at_random_are_counted_apart_with_wilsons_interval(rows):
    say(rows[:9], "positive", is_sampled=True)
    say(rows[9:12], "negative", is_sampled=True)
    say(rows[20:], "positive", is_sampled=False)
    report = accuracy_report()
    assert (report.drawn.numerator, report.drawn.n) == (9, 12)
    assert report.drawn.interval == wilson(9, 12)
    assert (report.corrected.numerator, report.corrected.n) == (0, 4)
    assert finding(report) == (
        "Right in 75\u00a0% of 12 comments drawn at random, likely 47\u00a0…\u00a091\u00a0%"
    )


def test_too_few_checks_give_no_figure(rows):
    say(rows[:9], "positive", is_sampled=True)
    assert shown(accuracy_report().drawn).is_few
    assert "Too few" in finding(accuracy_report())


def test_the_unclear_count_for_neither_side(rows):
    say(rows[:2], "unclear", is_sampled=True)
    report = accuracy_report()
    assert (report.drawn.n, report.unclear) == (0, 2)


def test_labels_say_what_was_taken_for_what(rows):
    say(rows[:3], "positive", is_sampled=True)
    say(rows[3:4], "negative", is_sampled=True)
    say(rows[20:22], "negative", is_sampled=True)
    labels = {one.label: one for one in accuracy_report().labels}
    assert labels["positive"].said == (3, 0, 1, 0)
    assert (labels["positive"].right.numerator, labels["positive"].right.n) == (3, 4)
    assert (labels["negative"].found.numerator, labels["negative"].found.n) == (2, 3)


def test_themes_emotions_and_languages_have_their_own_line(rows):
    judge(rows[0], Opinion("theme", "no", key="mobile-app"), by="alice")
    judge(rows[0], Opinion("language", "en"), by="alice")
    others = dict(accuracy_report().others)
    assert (others["theme"].numerator, others["theme"].n) == (0, 1)
    assert (others["language"].numerator, others["language"].n) == (1, 1)
    assert others["emotion"].n == 0


def test_the_number_of_queries_is_fixed(rows, django_assert_num_queries):
    say(rows, "positive", is_sampled=True)
    assert Verdict.objects.count() == 24
    with django_assert_num_queries(6):
        accuracy_report()


def test_every_count_opens_the_comments_it_counts(rows, staff_client):
    say(rows[:3], "positive", is_sampled=True)
    say(rows[3:4], "negative", is_sampled=True)
    say(rows[4:6], "unclear", is_sampled=True)
    say(rows[20:23], "positive", is_sampled=False)
    judge(rows[20], Opinion("theme", "no", key="support"), by="alice")
    page = staff_client.get(reverse("staff:reading-accuracy")).content.decode()
    counts = {
        word: int(n) for word, n in re.findall(r"judged=([\w.]+)\">(\d+)", page) if word != "drawn"
    }
    assert counts == {
        "drawn.agreed": 3, "drawn..unclear": 2, "drawn.positive.positive": 3,
        "drawn.positive.negative": 1, "picked": 3, "theme": 1,
    }  # fmt: skip
    for word, n in {**counts, "drawn": 4}.items():
        assert f'judged={word}"' in page
        assert matching(read_filters({"judged": word})).count() == n, word


@pytest.mark.parametrize("word", ["x", "drawn.x", "drawn.positive", "theme.a.b", "drawn.x.", "."])
def test_a_word_that_names_no_verdicts_is_dropped_and_named(word):
    assert read_filters({"judged": word}).problems == ("judged",)
