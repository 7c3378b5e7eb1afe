from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.success.metrics.paths import Walk, path_report, walked

START = datetime(2025, 3, 1, tzinfo=UTC)
STEPS = ("sign up", "invite", "send")
WEEK = timedelta(days=7)


def at(days):
    return START + timedelta(days=days)


def came(*events, steps=STEPS):
    until = at(31)
    found = walked([(at(day), name) for day, name in events], steps, until=until, window=WEEK)
    return [(moment - START).days for moment in found]


def test_steps_count_in_their_order_whatever_lies_between():
    assert came((0, "sign up"), (1, "look"), (2, "invite"), (3, "send")) == [0, 2, 3]
    assert came((0, "send"), (1, "invite"), (2, "sign up"), (3, "send")) == [2]


def test_the_window_runs_from_the_first_step_and_its_end_is_in_it():
    assert came((0, "sign up"), (7, "invite"), (8, "send")) == [0, 7]


def test_only_who_began_in_the_period_is_on_the_path():
    assert came((31, "sign up"), (32, "invite")) == []
    assert came((30, "sign up"), (32, "invite")) == [30, 32]


def test_one_event_is_one_step_even_where_steps_have_the_same_name():
    assert came((0, "open"), (1, "look"), steps=("open", "open")) == [0]
    assert came((0, "open"), (1, "open"), steps=("open", "open")) == [0, 1]


def walks(*counts):
    """So many people who came to one step, to two, ..."""
    return [
        Walk(f"{steps}-{number}", None, tuple(at(day) for day in range(steps)))
        for steps, count in enumerate(counts, 1)
        for number in range(count)
    ]


def test_a_step_is_sticking_where_far_fewer_go_on_than_after_the_others():
    report = path_report(
        walks(10, 10, 90, 5, 85), ("a", "b", "c", "d", "e"), as_of=at(90), window=WEEK
    )
    assert [step.reached for step in report.steps] == [200, 190, 180, 90, 85]
    assert [step.name for step in report.steps if step.is_sticking] == ["c"]
    assert [step.stopped for step in report.steps] == [10, 10, 90, 5, 0]
    assert (report.through.value, report.steps[0].seconds) == (85 / 200, 86400)


def test_who_is_still_under_way_waits_the_quick_ones_too():
    report = path_report(walks(1, 0, 3), STEPS, as_of=at(5), window=WEEK)
    assert (report.through.value, report.through.reason) == (None, "immature_cohort")
    assert report.pending == 4
    assert path_report([], STEPS, as_of=at(5), window=WEEK).through.reason == "no_population"


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.sampled_from([*STEPS, "look"])), max_size=8),
        max_size=12,
    )
)
def test_nobody_is_further_than_before_and_everybody_stops_somewhere(people):
    found = []
    for number, events in enumerate(people):
        happened = sorted((at(day), name) for day, name in events)
        if reached := walked(happened, STEPS, until=at(31), window=WEEK):
            assert list(reached) == sorted(reached)
            assert reached[-1] - reached[0] <= WEEK
            found.append(Walk(number, None, reached))
    report = path_report(found, STEPS, as_of=at(60), window=WEEK)
    counts = [step.reached for step in report.steps]
    assert counts == sorted(counts, reverse=True)
    assert sum(step.stopped for step in report.steps) + counts[-1] == counts[0] == len(found)
