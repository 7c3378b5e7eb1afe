from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.statistics.answers import (
    DatedAnswer,
    count_scores,
    latest_per_person,
    population_sd,
)

START = datetime(2025, 3, 1, tzinfo=UTC)
STOP = datetime(2025, 4, 1, tzinfo=UTC)


def test_skipped_and_impossible_answers_are_out_of_n():
    found = count_scores([10, 10, 0, None, 11, -1, 7.5, "9", True])
    assert found.histogram == {0: 1, 10: 2}
    assert (found.skipped, found.invalid) == (1, 5)


def test_the_spread_of_the_scores_themselves():
    assert population_sd({1: 5, 3: 5}) == pytest.approx(1)
    assert population_sd({4: 1}) == 0
    assert population_sd({}) is None


def answer(person, day, score, *, is_test=False):
    return DatedAnswer(person, START + timedelta(days=day), score, is_test)


def test_the_last_answer_of_each_person_within_the_window_counts():
    answers = [
        answer("ann", 3, 4), answer("ann", 20, 9), answer("ann", 31, 0),
        answer("bo", 5, 7), answer("test", 6, 1, is_test=True), answer("cy", -1, 2),
    ]  # fmt: skip
    kept = latest_per_person(answers, start=START, stop=STOP)
    assert sorted((a.respondent, a.score) for a in kept) == [("ann", 9), ("bo", 7)]


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 29)), unique=True), st.randoms())
def test_the_order_of_the_answers_does_not_matter(pairs, dice):
    answers = [answer(person, day, day % 11) for person, day in pairs]
    shuffled = list(answers)
    dice.shuffle(shuffled)
    kept = latest_per_person(shuffled, start=START, stop=STOP)
    assert set(kept) == set(latest_per_person(answers, start=START, stop=STOP))
    assert len(kept) == len({person for person, _ in pairs})
