"""When mails leave: evenly, on weekday mornings where people are, whatever the clocks do."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.slots import Plan, is_morning, morning_from, slot, zone_of

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [
    "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo",
    "America/Santiago", "Asia/Beirut", "UTC",
]  # fmt: skip
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
numbers = st.integers(1, 10**12)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


@given(moments, zones, numbers)
def test_a_morning_is_a_weekday_morning_never_earlier_and_soon(moment, zone, number):
    at = morning_from(moment, number, zone)
    assert moment <= at <= moment + timedelta(days=4)
    assert local(at, zone).weekday() < 5
    assert time(9) <= local(at, zone).time() < time(12)


@given(moments, zones, numbers, st.integers(0, 120), st.booleans())
def test_a_slot_is_never_before_its_wave_opens(opens_at, zone, number, days, morning):
    plan = Plan(opens_at, days, morning)
    at = slot(plan, number, zone)
    assert at >= opens_at
    assert at <= opens_at + timedelta(days=days + 4)
    assert at == slot(plan, number, zone)
    if morning:
        assert is_morning(at, zone)


def test_a_moment_in_the_morning_stays_where_it_is():
    nine = datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)
    assert morning_from(nine, 7, BERLIN) == nine
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=BERLIN)
    assert local(morning_from(noon, 7, BERLIN), BERLIN).date() == noon.date() + timedelta(days=1)


def test_friday_noon_is_monday_morning():
    friday = datetime(2026, 11, 27, 13, tzinfo=BERLIN)
    at = local(morning_from(friday, 1, BERLIN), BERLIN)
    assert (at.weekday(), at.date().isoformat()) == (0, "2026-11-30")


@pytest.mark.parametrize(
    ("zone", "saturday"),
    [
        # The clocks go forward, then back, in the night to Sunday.
        (BERLIN, datetime(2026, 3, 28, 15, tzinfo=UTC)),
        (BERLIN, datetime(2026, 10, 24, 15, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 3, 7, 15, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 10, 31, 15, tzinfo=UTC)),
        (ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 4, 3, tzinfo=UTC)),  # half an hour
    ],
)
def test_the_morning_keeps_its_wall_clock_when_the_clocks_change(zone, saturday):
    before = local(morning_from(saturday - timedelta(days=2), 3, zone), zone)
    after = local(morning_from(saturday, 3, zone), zone)
    assert before.utcoffset() != after.utcoffset()
    assert 9 <= after.hour < 12 and after.weekday() == 0
    same_minute = local(morning_from(saturday - timedelta(days=7), 3, zone), zone)
    assert same_minute.time() == after.time()


def test_people_are_spread_evenly_over_days_and_over_the_morning():
    plan = Plan(MONDAY, 28, is_morning=True)
    slots = [local(slot(plan, number, BERLIN), BERLIN) for number in range(5000, 7000)]
    days = Counter(at.date() for at in slots)
    assert len(days) == 20  # the weekdays of four weeks
    assert max(days.values()) - min(days.values()) <= 3
    hours = Counter(at.hour for at in slots)
    assert all(abs(hours[hour] - 2000 / 3) < 60 for hour in (9, 10, 11))


def test_a_spread_without_mornings_is_even_too():
    plan = Plan(MONDAY, 10)
    days = Counter((slot(plan, number, BERLIN) - MONDAY).days for number in range(1, 1001))
    assert set(days) == set(range(10))
    assert max(days.values()) - min(days.values()) <= 3


def test_each_is_asked_in_the_morning_of_their_own_zone():
    plan = Plan(MONDAY, 0, is_morning=True)
    there, here = (slot(plan, 4, zone) for zone in (NEW_YORK, BERLIN))
    assert local(there, NEW_YORK).time() == local(here, BERLIN).time()
    assert there - here == timedelta(hours=6)


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"time_zone": "America/New_York"}, "America/New_York"),
        ({"timezone": " Asia/Kathmandu "}, "Asia/Kathmandu"),
        ({"time_zone": "Atlantis/Capital"}, "Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "Europe/Berlin"),
        ({"time_zone": "Europe"}, "Europe/Berlin"),
        ({"time_zone": "\x00"}, "Europe/Berlin"),
        ({"time_zone": 7}, "Europe/Berlin"),
        ({}, "Europe/Berlin"),
    ],
)
def test_a_contacts_zone_is_a_property_and_nonsense_is_the_workspaces(properties, name):
    assert zone_of(properties, BERLIN).key == name
