from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import Period
from analytics.targets import spans

names = st.sampled_from(["month", "quarter", "year", "30d", "90d"])
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_periods_are_named_by_the_day_inside() -> None:
    day = date(2026, 11, 28)
    assert spans.running("month", day) == Period(date(2026, 11, 1), date(2026, 12, 1))
    assert spans.running("quarter", day) == Period(date(2026, 10, 1), date(2027, 1, 1))
    assert spans.running("year", day) == Period(date(2026, 1, 1), date(2027, 1, 1))
    assert spans.running("30d", day) == Period(date(2026, 10, 30), date(2026, 11, 29))


@settings(derandomize=True, deadline=None)
@given(names, days)
def test_periods_join_without_gap_or_overlap(name: str, day: date) -> None:
    found = spans.back(name, day, count=5)
    assert found[-1].start <= day < found[-1].stop
    assert all(one.stop == following.start for one, following in itertools.pairwise(found))
    if spans.is_calendar(name):
        first = spans.running(name, found[0].start)
        assert first == found[0]
        assert spans.running(name, found[0].stop - timedelta(days=1)) == first
