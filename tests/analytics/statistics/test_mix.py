import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.mix import SegmentPeriods, decompose, oaxaca_row

side = st.tuples(st.integers(0, 400), st.floats(-100, 100))


@st.composite
def segments(draw):
    pairs = draw(st.lists(st.tuples(side, side), min_size=1, max_size=8))
    return [
        SegmentPeriods(str(i), n0, s0 if n0 else None, n1, s1 if n1 else None)
        for i, ((n0, s0), (n1, s1)) in enumerate(pairs)
    ]


def test_both_groups_rise_and_the_total_falls():
    found = decompose(
        [SegmentPeriods("large", 80, 60, 40, 65), SegmentPeriods("small", 20, 10, 60, 15)]
    )
    assert (found.before, found.after) == (50, 35)
    assert (found.mix, found.within) == pytest.approx((-20, 5))


def test_a_new_group_only_changes_the_mix():
    found = decompose(
        [SegmentPeriods("old", 50, 20, 50, 20), SegmentPeriods("new", 0, None, 50, 60)]
    )
    assert found.within == pytest.approx(0)
    assert found.mix == pytest.approx(20)


def test_a_period_without_answers_cannot_be_split():
    assert decompose([SegmentPeriods("a", 0, None, 10, 5.0)]) is None
    assert decompose([]) is None


@given(segments())
def test_mix_and_within_add_up_to_the_change(rows):
    found = decompose(rows)
    if found:
        assert found.mix + found.within == pytest.approx(found.total, abs=1e-8)


@given(segments())
def test_the_order_of_the_segments_does_not_matter(rows):
    found, turned = decompose(rows), decompose(rows[::-1])
    if found:
        assert found.mix == pytest.approx(turned.mix, abs=1e-8)


def test_the_two_part_form_reproduces_a_published_row():
    mix, within = oaxaca_row(share_a=0.19285, share_b=0.21834, rate_a=0.44642, rate_b=0.58148)
    assert (mix, within) == pytest.approx((-0.014822, -0.026046), abs=2e-6)


def test_each_group_is_told_against_the_average_of_all():
    found = decompose(
        [SegmentPeriods("good", 50, 80, 70, 80), SegmentPeriods("bad", 50, 20, 30, 20)]
    )
    assert [row.mix for row in found.rows] == pytest.approx([0.2 * 24, -0.2 * -36])
