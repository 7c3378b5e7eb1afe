"""The share of the money: a ratio of totals, with the interval of the textbook."""

from __future__ import annotations

from decimal import Decimal
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics.exposure import exposed, money_share

EQUAL = [Decimal(100)] * 40


def flags(yes: int, n: int) -> list[bool]:
    return [place < yes for place in range(n)]


def test_equal_accounts_give_a_plain_share() -> None:
    found = money_share(EQUAL, flags(10, 40))
    assert found.value == 0.25
    assert found.interval is not None
    # p ± t(39) * sqrt(p(1-p)/(n-1)): with equal amounts the residuals are those of a share.
    half = 2.0226909 * (0.25 * 0.75 / 39) ** 0.5
    assert isclose(float(found.interval.low), 0.25 - half, abs_tol=1e-6)
    assert isclose(float(found.interval.high), 0.25 + half, abs_tol=1e-6)


def test_one_large_account_widens_the_range() -> None:
    uneven = [Decimal(4000), *EQUAL[1:]]
    alike, large = money_share(EQUAL, flags(10, 40)), money_share(uneven, flags(10, 40))
    assert large.value is not None and large.value > 0.6
    assert alike.interval is not None and large.interval is not None
    assert large.interval.half_width > 2 * alike.interval.half_width


@pytest.mark.parametrize(("n", "yes"), [(9, 6), (40, 4), (40, 0)])
def test_too_few_keep_the_value_and_lose_the_range(n: int, yes: int) -> None:
    found = money_share(EQUAL[:n], flags(yes, n))
    assert (found.status, found.interval) == ("low_n", None)
    assert found.value == yes / n
    stake = exposed(found, Decimal(10_000), "EUR")
    assert (stake.value, stake.reason) == (None, "insufficient_data")


def test_nobody_and_no_money_have_a_reason() -> None:
    assert money_share([], []).reason == "no_population"
    assert money_share([Decimal(0)] * 20, flags(5, 20)).reason == "no_population"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.decimals("0.01", "100000", places=2), st.booleans()), min_size=1, max_size=60
    ),
    st.decimals("0.1", "1000", places=1),
)
def test_the_share_is_a_share_and_knows_no_currency(
    accounts: list[tuple[Decimal, bool]], rate: Decimal
) -> None:
    amounts, named = [m for m, _ in accounts], [z for _, z in accounts]
    found = money_share(amounts, named)
    assert found.value is not None and 0 <= found.value <= 1
    other = money_share([m * rate for m in amounts], named)
    assert isclose(float(found.value), float(other.value or 0), abs_tol=1e-9)
    against = money_share(amounts, [not z for z in named])
    assert isclose(float(found.value) + float(against.value or 0), 1, abs_tol=1e-9)
    if found.interval and other.interval:
        assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
        assert isclose(float(found.interval.low), float(other.interval.low), abs_tol=1e-9)
