"""When an account warns, when that is over, and when it may warn again: tables of cases."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.care.rules import (
    COOL_DOWN,
    KINDS,
    Account,
    Decision,
    Past,
    Standing,
    decide,
    rows_of,
)
from analytics.success.metrics.health import band_of

TODAY = date(2026, 11, 29)
MONTH_AGO = TODAY - timedelta(days=30)


def standing(score: float | None, *, day: date = TODAY, version: int = 1, **parts: Any) -> Standing:
    return Standing(day, score, None if score is None else band_of(score), version, parts)


def account(score: float | None, before: float | None, **known: Any) -> Account:
    now = standing(score)
    month = standing(before, day=MONTH_AGO, version=known.pop("version", 1))
    return Account(**{"now": now, "month": month, "shown": now.band, **known})


def raised(found: Account, *past: Past, today: date = TODAY) -> list[str]:
    return [sign.kind for sign in decide(found, past, today).to_raise]


@pytest.mark.parametrize(
    ("before", "now", "version", "warns"),
    [
        (90, 75.1, 1, False),  # 14.9 points, the same band
        (95, 80, 1, True),  # 15 points
        (76, 74.9, 1, True),  # a band lower by a hair
        (70, 76, 1, False),  # better
        (95, 80, 2, False),  # by another definition: no comparison
        (None, 20, 1, False),  # not known a month ago
        (90, None, 1, False),  # not known now
    ],
)
def test_health_that_fell_by_15_points_or_a_band_warns(before, now, version, warns):
    assert raised(account(now, before, version=version)) == (["health_fall"] if warns else [])


def test_health_a_person_has_set_warns_of_no_fall():
    assert raised(account(40, 90, by="mara", shown="yellow")) == []


def test_a_fall_says_what_it_stands_on():
    found = Account(
        now=standing(50, usage=20.0, support=90.0, feedback=None),
        month=standing(80, day=MONTH_AGO, usage=80.0, support=94.0, feedback=10.0),
    )
    [sign] = decide(found, (), TODAY).to_raise
    assert sign.evidence["parts"] == [["usage", 80.0, 20.0]]
    assert (sign.evidence["before"], sign.evidence["before_date"]) == (80, "2026-10-30")


@pytest.mark.parametrize(
    ("shown", "days", "warns"),
    [("red", 60, True), ("red", 0, True), ("red", 61, False), ("red", -1, False),
     ("yellow", 20, False), (None, 20, False)],
)  # fmt: skip
def test_a_term_that_ends_in_poor_health_warns(shown, days, warns):
    found = Account(shown=shown, due=TODAY + timedelta(days=days))
    assert raised(found) == (["renewal"] if warns else [])


def open_fall(before: float = 80, band: str = "green") -> Past:
    evidence = {"before": before, "before_band": band, "version": 1}
    return Past(1, "health_fall", "", "open", evidence)


@pytest.mark.parametrize(
    ("now", "over"), [(66, False), (70.5, False), (76, True), (None, False), (62, False)]
)
def test_a_fall_is_over_when_health_is_back_not_when_a_month_has_passed(now, over):
    # a month later the account is compared with a month that was as low
    decision = decide(account(now, now), [open_fall()], TODAY)
    assert decision.over == ((1,) if over else ())


def test_an_open_sign_keeps_what_raised_it_and_takes_more_rows_in():
    talk = Past(3, "conversation", "", "seen", {"rows": [7]})
    more = decide(Account(talks=(9, 7)), [talk], TODAY)
    assert more.to_renew == {3: {"rows": [9, 7]}}
    assert decide(Account(talks=(7,)), [talk], TODAY) == Decision()
    assert decide(Account(), [talk], TODAY).over == (3,)
    assert decide(account(30, 80), [open_fall()], TODAY) == Decision()


def test_an_answer_somebody_heard_warns_of_nothing_again():
    heard = Past(3, "detractor", "", "acted", {"rows": [7]}, TODAY - timedelta(days=30))
    assert raised(Account(answers=(7,)), heard) == []
    [sign] = decide(Account(answers=(8, 7)), [heard], TODAY).to_raise
    assert rows_of(sign.evidence) == [8]


@pytest.mark.parametrize("kind", KINDS)
def test_no_second_sign_within_the_cool_down(kind):
    shown = {
        "health_fall": account(40, 90),
        "renewal": Account(shown="red", due=TODAY + timedelta(days=40)),
        "conversation": Account(talks=(1,)),
        "detractor": Account(answers=(1,)),
    }[kind]
    for days, may in ((0, False), (COOL_DOWN[kind] - 1, False), (COOL_DOWN[kind], True)):
        ended = Past(1, kind, "2026-01-01", "acted", {}, TODAY - timedelta(days=days))
        assert (raised(shown, ended) == [kind]) is may, days


def test_a_term_somebody_dismissed_is_not_raised_again_and_the_next_one_is():
    due = TODAY + timedelta(days=20)
    ended = Past(1, "renewal", due.isoformat(), "dismissed", {}, TODAY - timedelta(days=35))
    assert raised(Account(shown="red", due=due), ended) == []
    assert raised(Account(shown="red", due=due + timedelta(days=9)), ended) == ["renewal"]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(2, 40), st.booleans())
def test_whatever_health_does_signs_do_not_flicker(seed, step, is_pressed):
    """Day by day: at most one is open, and a rest lies between the end of one and the next."""
    dice, score, scores = Random(seed), 70.0, []
    for _day in range(90):
        score = min(100.0, max(0.0, score + dice.uniform(-step, step)))
        scores.append(score)
    signs: list[Past] = []
    for number in range(30, len(scores)):
        today = TODAY + timedelta(days=number)
        then = standing(scores[number - 30], day=today - timedelta(days=30))
        found = Account(now=standing(scores[number], day=today), month=then)
        decision = decide(found, signs, today)
        for pk in decision.over:
            signs[pk] = _ended(signs[pk], today)
        for sign in decision.to_raise:
            last = max((past.ended_date for past in signs if past.ended_date), default=None)
            assert last is None or (today - last).days >= COOL_DOWN[sign.kind]
            assert all(past.ended_date for past in signs)
            signs.append(Past(len(signs), sign.kind, sign.about, "open", sign.evidence))
        assert decide(found, signs, today) == Decision(), "deciding twice changes nothing"
        if is_pressed and signs and number % 7 == 0 and signs[-1].ended_date is None:
            signs[-1] = _ended(signs[-1], today)


def _ended(sign: Past, day: date) -> Past:
    return Past(sign.pk, sign.kind, sign.about, "acted", sign.evidence, day)
