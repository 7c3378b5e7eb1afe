import pytest

from analytics.statistics.guards import guard, guard_of, guarded, may_show_arrow
from analytics.statistics.nps import nps
from analytics.statistics.shares import share


@pytest.mark.parametrize(
    ("n", "status", "words"),
    [
        (0, "null", "no_answers"),
        (1, "suppressed", "too_few"),
        (4, "suppressed", "too_few"),
        (5, "low_n", "indicative"),
        (9, "low_n", "indicative"),
        (10, "ok", "early_reading"),
        (29, "ok", "early_reading"),
        (30, "ok", ""),
    ],
)
def test_each_step_of_n_has_its_status_and_words(n, status, words):
    found = guard(n)
    assert (found.status, found.words) == (status, words)
    assert found.show_value == (status in ("ok", "low_n"))
    assert found.show_arrow == (n >= 30)


def test_drivers_wait_for_a_hundred_answers():
    assert not guard(99).show_drivers
    assert guard(100).show_drivers


def test_an_agents_own_figure_waits_for_twenty_answers():
    assert guard(19, audience="agent").status == "suppressed"
    assert guard(20, audience="agent").status == "ok"
    assert guard(5, audience="segment").status == "low_n"


def test_a_wide_interval_is_grey_whatever_the_n():
    assert guard(50, half_width=20.1).is_grey
    assert not guard(50, half_width=20.0).is_grey
    assert guard(50, half_width=0.16, unit="fraction").is_grey
    assert not guard(50, half_width=0.14, unit="fraction").is_grey


def test_too_few_answers_leave_only_counts():
    shown = guarded(nps(3, 0, 1))
    assert (shown.value, shown.interval, shown.reason) == (None, None, "too_few_to_show")
    assert shown.parts == {"promoters": 3, "passives": 0, "detractors": 1}
    assert shown.n == 4


def test_enough_answers_pass_untouched():
    result = nps(50, 30, 20)
    assert guarded(result) is result
    assert guarded(share(3, 6)).status == "low_n"
    assert guarded(share(0, 0)).status == "null"


def test_the_guard_of_a_result_reads_its_own_interval():
    assert guard_of(nps(14, 8, 10)).is_grey
    assert not guard_of(nps(500, 300, 200)).is_grey


def test_an_arrow_needs_both_sides():
    assert not may_show_arrow(200, 29)
    assert may_show_arrow(30, 30)
