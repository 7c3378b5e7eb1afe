"""Friction counts people who were active, by what struck them, told from chance."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.success.metrics.friction import (
    ERROR,
    RAGE_CLICK,
    Came,
    Struggle,
    by_place,
    friction,
    spots,
)


def click(user: str, *, times: int = 1, place: str = "reports", name: str = "save") -> Struggle:
    return Struggle(user, RAGE_CLICK, name, feature=place, times=times)


def error(user: str, *, page: str = "/invoices") -> Struggle:
    return Struggle(user, ERROR, "TypeError app.js:12", page=page)


def test_people_are_counted_not_clicks_and_only_the_active_ones():
    found = friction([click("ann", times=40), error("ann"), error("ghost")], Came(10, {"ann"}))
    assert (found.value, found.numerator, found.n) == (0.1, 1, 10)
    assert found.interval.method == "wilson"
    assert found.parts == {
        "rage_clicks": 40,
        "errors": 2,
        "with_rage_clicks": 1,
        "with_errors": 1,
        "only_struggled": 1,
    }


def test_nobody_active_is_no_figure_and_nobody_struggling_a_true_zero():
    assert friction([error("ghost")], Came(0, set())).reason == "no_population"
    assert friction([], Came(7, set())).value == 0


def test_spots_are_told_apart_and_the_one_that_strikes_most_people_is_first():
    met = [click("ann", times=9), click("bob", place="payroll"), click("ann", place="payroll")]
    found = spots([*met, error("ann")], Came(4, {"ann", "bob"}))
    assert [(s.place, s.kind, s.times, s.result.value) for s in found] == [
        ("payroll", RAGE_CLICK, 2, 0.5),
        ("reports", RAGE_CLICK, 9, 0.25),
        ("/invoices", ERROR, 1, 0.25),
    ]
    assert all(s.before is None and s.change is None for s in found)


def test_a_change_is_clear_only_where_chance_would_rarely_do_it():
    users = [f"u{n}" for n in range(100)]
    now = [*(click(user) for user in users[:40]), *(error(user) for user in users[:3])]
    then = [*(click(user) for user in users[:5]), *(error(user) for user in users[:2])]
    found = spots(now, Came(200, users), before=then, came_before=Came(200, users))
    more, same = found
    assert (more.place, more.is_clear, more.change.direction) == ("reports", True, 1)
    assert (more.before.value, same.is_clear) == (0.025, False)


def test_what_ended_stands_last_with_nobody():
    now, then = [click("ann")], [error("bob")]
    found = spots(now, Came(5, {"ann"}), before=then, came_before=Came(5, {"bob"}))
    assert [(s.kind, s.result.value, s.before.value) for s in found] == [
        (RAGE_CLICK, 0.2, 0.0),
        (ERROR, 0.0, 0.2),
    ]


_STRUGGLES = st.lists(
    st.builds(
        Struggle,
        st.sampled_from("abcdef"),
        st.sampled_from([RAGE_CLICK, ERROR]),
        st.sampled_from(["save", "send"]),
        st.sampled_from(["", "reports"]),
        st.sampled_from(["", "/a"]),
        st.integers(1, 9),
    )
)


@settings(max_examples=30)
@given(_STRUGGLES, st.sets(st.sampled_from("abcdefgh")), st.randoms())
def test_a_spot_strikes_at_most_all_who_struggled_and_order_says_nothing(met, active, dice):
    struck = Came(len(active), active)
    whole = friction(met, struck)
    shuffled = dice.sample(met, len(met))
    assert friction(shuffled, struck) == whole
    assert spots(shuffled, struck) == spots(met, struck)
    for share in [*(s.result for s in spots(met, struck)), *by_place(met, struck).values()]:
        assert (share.numerator or 0) <= (whole.numerator or 0)
    told = sum(s.times for s in spots(met, struck))
    assert told == whole.parts["rage_clicks"] + whole.parts["errors"]
