from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.utils.translation import override

from analytics import figures
from analytics.periods import Period
from analytics.scores import findings
from analytics.scores.shapes import Funnel, HomeReport, HomeRow, ScoreReport, Trend
from analytics.scores.values import score, score_shift
from analytics.statistics.change import Change
from analytics.statistics.shares import share
from surveys.models import Survey

NPS = Survey(slug="partners", name="Partners", kind="nps")
PERIOD = Period(date(2026, 8, 24), date(2026, 11, 23))


def row(name: str, before: dict[int, int], now: dict[int, int]) -> HomeRow:
    survey = Survey(slug=name.lower(), name=name, kind="nps")
    return HomeRow(
        ScoreReport(
            survey, PERIOD, "", score(survey, now), score(survey, before),
            score_shift(survey, before, now), 0, score(survey, now),
        ),
        Trend((), ()),
        None,
    )  # fmt: skip


def test_a_real_rise_says_so_with_its_range() -> None:
    change = score_shift(NPS, {10: 48, 7: 42, 2: 30}, {10: 75, 7: 40, 2: 25})
    words = findings.change_words(change)
    assert (words.kind, words.text, words.likely) == ("up", "up 21, real", "likely +2 to +39")


def test_what_chance_could_do_is_no_clear_change() -> None:
    words = findings.change_words(score_shift(NPS, {10: 20, 0: 20}, {10: 22, 0: 20}))
    assert words.kind == "unclear" and words.text == "no clear change"


def test_a_change_of_few_answers_gets_no_arrow_however_large() -> None:
    change = score_shift(NPS, {0: 29}, {10: 29})
    assert change.is_real
    assert findings.change_words(change).kind == "few"


def test_nothing_before_is_not_a_change() -> None:
    assert findings.change_words(score_shift(NPS, {}, {10: 50})).kind == "none"


def test_the_headline_names_the_one_that_fell_and_counts_those_that_rose() -> None:
    rows = (
        row("Partners", {10: 90, 0: 10}, {10: 40, 0: 60}),
        row("Relationship", {10: 40, 0: 60}, {10: 90, 0: 10}),
        row("Support", {10: 40, 0: 60}, {10: 90, 0: 10}),
    )
    headline = findings.home_headline(HomeReport(PERIOD, rows), waiting=2)
    assert headline == "Partners really fell. 2 scores really rose. 2 things need someone now."


def test_a_calm_home_page_says_that_nothing_moved() -> None:
    calm = HomeReport(PERIOD, (row("Calm", {10: 50, 0: 50}, {10: 50, 0: 50}),))
    assert findings.home_headline(calm, waiting=0) == "No score really moved."
    few = HomeReport(PERIOD, (row("Few", {}, {10: 2}),))
    assert findings.home_headline(few, waiting=0) == "There are too few answers to say."


@pytest.mark.parametrize("answered, words", [
    (0, "Nobody of the people reached has answered yet"),
    (20, "Few of the people reached answered"),
    (276, "About one in four people reached answered"),
    (340, "About a third of the people reached answered"),
    (980, "Nearly everybody reached answered"),
])  # fmt: skip
def test_the_response_rate_becomes_an_everyday_fraction(answered: int, words: str) -> None:
    funnel = Funnel(1000, 0, 0, 900, answered, 0, share(answered, 1000))
    assert findings.funnel_finding(funnel) == words


def test_held_votes_say_what_they_would_have_changed() -> None:
    counted, with_held = score(NPS, {10: 60, 0: 40}), score(NPS, {10: 80, 0: 40})
    words = findings.held_sentence(20, counted, with_held)
    assert words == "20 machine votes are held. Counted, the score would read +33, not +20."


@pytest.mark.parametrize("value, unit, text", [
    (42.23, "points", "+42"),
    (-0.4, "points", "0"),
    (-17.0, "points", "−17"),
    (0.874, "fraction", "87\u00a0%"),
    (4.26, "mean", "4.3"),
])  # fmt: skip
def test_scores_are_written_in_their_unit(value: float, unit: str, text: str) -> None:
    assert figures.value_text(value, unit) == text


def test_numbers_are_grouped_by_the_readers_locale() -> None:
    assert figures.count_text(2140) == "2,140"
    with override("de"):
        assert figures.count_text(2140) == "2.140"
        assert figures.value_text(4.26, "mean") == "4,3"


def test_a_sign_stays_before_its_number_where_people_read_from_the_right() -> None:
    with override("ar"):
        assert figures.value_text(46, "points") == "\u2066+46\u2069"


def test_an_interval_names_its_unit_once() -> None:
    assert figures.interval_text(share(74, 107)) == "60 … 77\u00a0%"


def test_share_changes_are_percentage_points() -> None:
    change = Change(0.108, "fraction", 107, 100, low=-0.011, high=0.223, p_value=0.01)
    assert findings.change_words(change).text == "up 11, real"
    assert findings.change_words(replace(change, p_value=0.5)).likely == "+11, likely −1 to +22"


def test_a_score_of_few_answers_says_how_to_take_it() -> None:
    few, some, early = score(NPS, {10: 4}), score(NPS, {10: 8}), score(NPS, {10: 25})
    assert figures.score_view(few)["words"] == "too few to say (n 4)"
    assert figures.score_view(few)["text"] == ""
    assert figures.score_view(some)["is_grey"] and figures.score_view(some)["words"] == "indicative"
    assert figures.score_view(early)["words"] == "early reading"
