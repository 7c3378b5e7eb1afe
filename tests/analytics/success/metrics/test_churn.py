from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.churn import (
    annual_churn,
    churn,
    churn_conventions,
    membership,
    ratio,
    retention,
)
from analytics.success.metrics.facts import PaidSpell
from analytics.success.metrics.periods import Period

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
JUNE = Period(datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC))


def at(month, day):
    return datetime(2025, month, day, tzinfo=UTC)


def day(offset):
    return EPOCH + timedelta(days=offset)


@st.composite
def spells(draw):
    starts = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 300)), max_size=25))
    lengths = [draw(st.none() | st.integers(0, 120)) for _ in starts]
    return [
        PaidSpell(customer, day(start), None if length is None else day(start + length))
        for (customer, start), length in zip(starts, lengths, strict=True)
    ]


periods = st.tuples(st.integers(0, 300), st.integers(1, 90)).map(
    lambda pair: Period(day(pair[0]), day(pair[0] + pair[1]))
)

FACTS = [
    PaidSpell("stays", at(1, 1)),
    PaidSpell("leaves", at(1, 1), at(6, 10), cause="voluntary"),
    PaidSpell("pauses", at(1, 1), at(6, 5)),
    PaidSpell("pauses", at(6, 25)),
    PaidSpell("joins", at(6, 3)),
    PaidSpell("tries", at(6, 4), at(6, 20)),
    PaidSpell("returns", at(1, 1), at(2, 1)),
    PaidSpell("returns", at(6, 9)),
    PaidSpell("one of two", at(1, 1), at(6, 8)),
    PaidSpell("one of two", at(1, 1)),
]


def test_the_closed_cohort_counts_only_those_there_at_the_start():
    result = churn(FACTS, JUNE)
    assert (result.numerator, result.denominator) == (1, 4)
    assert result.value == 0.25
    assert result.interval.low < 0.25 < result.interval.high
    assert result.parts["by_cause"] == {"voluntary": 1}


def test_leaving_and_returning_is_an_event_but_no_churn():
    parts = churn(FACTS, JUNE).parts
    assert parts["retained"] == 3
    assert parts["churn_events"] == 3
    assert (parts["new"], parts["reactivated"], parts["end"]) == (2, 1, 5)
    assert parts["events_over_start_plus_new"] == pytest.approx(3 / 6)


def test_a_term_ending_at_midnight_is_lost_by_the_month_before():
    facts = [PaidSpell("a", at(1, 1), at(7, 1)), PaidSpell("b", at(1, 1), at(6, 1))]
    assert membership(facts, JUNE).churned == {"a"}
    assert membership(facts, Period(at(5, 1), at(6, 1))).churned == {"b"}


def test_nobody_at_the_start_is_null_with_its_counts():
    result = churn(FACTS, Period(at(1, 1) - timedelta(days=60), at(1, 1) - timedelta(days=30)))
    assert (result.value, result.reason) == (None, "no_population")
    assert result.parts["start"] == 0


def test_a_month_in_progress_is_provisional():
    assert churn(FACTS, JUNE, as_of=at(6, 20)).status == "provisional"
    assert retention(FACTS, JUNE, as_of=at(6, 20)).status == "provisional"
    assert churn(FACTS, JUNE, as_of=at(7, 1)).status == "ok"


def test_a_month_follows_the_zone_of_the_workspace():
    facts = [
        PaidSpell("a", at(1, 1), datetime(2025, 7, 1, 2, tzinfo=UTC)),
        PaidSpell("b", at(1, 1)),
    ]
    new_york = Period(datetime(2025, 6, 1, 4, tzinfo=UTC), datetime(2025, 7, 1, 4, tzinfo=UTC))
    assert churn(facts, JUNE).value == 0
    assert churn(facts, new_york).value == 0.5


@given(spells(), periods)
def test_churn_and_retention_add_up_to_one(facts, period):
    lost, kept = churn(facts, period), retention(facts, period)
    if lost.value is None:
        assert kept.value is None
    else:
        assert lost.value + kept.value == pytest.approx(1)
        assert 0 <= kept.value <= 1


@given(spells(), periods, st.randoms())
def test_order_and_repetition_of_the_rows_do_not_matter(facts, period, dice):
    shuffled = facts + facts[: len(facts) // 2]
    dice.shuffle(shuffled)
    assert churn(shuffled, period) == churn(facts, period)


@given(spells(), periods)
def test_everyone_at_the_end_was_kept_is_new_or_came_back(facts, period):
    found = membership(facts, period)
    assert found.at_end <= found.retained | found.new | found.reactivated
    assert not found.new & found.reactivated


@given(spells(), st.lists(st.integers(0, 420), min_size=3, max_size=6, unique=True).map(sorted))
def test_neighbouring_periods_count_every_event_exactly_once(facts, days):
    bounds = [day(offset) for offset in days]
    months = [Period(a, b) for a, b in pairwise(bounds)]
    whole = membership(facts, Period(bounds[0], bounds[-1]))
    assert sum(len(membership(facts, m).events) for m in months) == len(whole.events)
    assert sum(len(membership(facts, m).new) for m in months) == len(whole.new)


def test_four_conventions_four_answers():
    found = churn_conventions(start=200, lost_from_start=10, new=100, lost_from_new=5)
    assert found.closed_cohort == 0.05
    assert found.all_over_start == 0.075
    assert found.all_over_start_plus_new == 0.05
    assert found.all_over_average == pytest.approx(15 / 242.5)
    assert (
        churn_conventions(start=0, lost_from_start=0, new=4, lost_from_new=1).closed_cohort is None
    )


def test_a_year_is_not_twelve_times_a_month():
    assert annual_churn(0.05) == pytest.approx(0.459640, abs=1e-6)
    assert annual_churn(0) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        annual_churn(5)


def test_a_ratio_over_nothing_is_null():
    assert ratio(3, 4).value == 0.75
    assert ratio(3, 0).reason == "no_population"


def test_an_event_on_the_last_instant_belongs_to_the_period_it_ends():
    facts = [PaidSpell("a", at(1, 1), at(7, 1)), PaidSpell("b", at(1, 1), at(6, 1))]
    assert [event[0] for event in membership(facts, JUNE).events] == ["a"]


def test_a_plan_changed_without_a_gap_is_no_event():
    facts = [PaidSpell("a", at(1, 1), at(6, 10)), PaidSpell("a", at(6, 10))]
    found = membership(facts, JUNE)
    assert found.events == () and found.retained == {"a"}
