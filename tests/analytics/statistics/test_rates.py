import pytest

from analytics.statistics.rates import Outcomes, response_rates, worst_case


def test_the_four_rates_differ_in_partial_and_unknown():
    rates = response_rates(Outcomes(30, 10, 5, 50, 1, 4))
    assert rates.rr1.value == pytest.approx(0.30)
    assert rates.rr2.value == pytest.approx(0.40)
    assert rates.rr5.value == pytest.approx(30 / 96)
    assert rates.rr6.value == pytest.approx(40 / 96)


def test_nothing_sent_is_null_and_none_answered_is_zero():
    assert response_rates(Outcomes()).rr1.reason == "no_population"
    assert response_rates(Outcomes(noncontact=40)).rr1.value == 0
    bounced = response_rates(Outcomes(unknown=7))
    assert (bounced.rr1.value, bounced.rr5.value) == (0, None)


def test_silence_could_hide_almost_anything():
    bounds = worst_case(40, 0.25)
    assert (bounds.low, bounds.high) == (-65, 85)
    everyone = worst_case(12.5, 1)
    assert (everyone.low, everyone.high) == (12.5, 12.5)
    share = worst_case(0.8, 0.5, scale=(0, 1))
    assert (share.low, share.high) == pytest.approx((0.4, 0.9))
    with pytest.raises(ValueError, match="not a response rate"):
        worst_case(40, 25)
