from datetime import UTC, datetime

import pytest

from analytics.success.metrics.cohorts import cohort_triangle, survival_curve, textbook_retention
from analytics.success.metrics.facts import PaidSpell


def at(month, day=1):
    return datetime(2025, month, day, tzinfo=UTC)


FACTS = [
    PaidSpell("a", at(1, 5)),
    PaidSpell("b", at(1, 9), at(2, 20)),
    PaidSpell("c", at(1, 20), at(2, 10)),
    PaidSpell("c", at(3, 10)),
    PaidSpell("d", at(2, 3), at(3, 1)),
]


def test_each_cohort_is_followed_from_the_end_of_its_own_month():
    january, february, march = cohort_triangle(FACTS, [at(1), at(2), at(3), at(4)])
    assert (january.size, january.kept) == (3, (3, 1, 2))
    assert (february.size, february.kept) == (1, (0, 0))
    assert january.rate(1).value == pytest.approx(1 / 3)
    assert january.rate(7).reason == "not_happened_yet"
    assert march.rate(0).reason == "no_population"


def test_survival_counts_the_still_paying_as_unknown_not_as_kept():
    curve = survival_curve(FACTS, as_of=at(4))
    assert [(step.day, step.at_risk) for step in curve] == [(0, 4), (21, 4), (26, 3), (42, 2)]
    assert curve[-1].share == pytest.approx(0.25)
    assert survival_curve([], as_of=at(4)) == []


def test_the_textbook_formula_shows_its_flaw():
    assert textbook_retention(start=20, new=0, end=25) == 1.25
    assert textbook_retention(start=0, new=4, end=4) is None
