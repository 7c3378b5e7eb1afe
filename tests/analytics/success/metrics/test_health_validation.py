import pytest

from analytics.success.metrics.health_validation import Outcome, validate


def _outcomes(lost, kept, *, lost_at=40, kept_at=80):
    return [Outcome(lost_at + i % 9, True, {"usage": lost_at + i % 9}) for i in range(lost)] + [
        Outcome(kept_at + i % 9, False, {"usage": 50 + i % 5}) for i in range(kept)
    ]


def test_thirty_of_each_are_needed():
    assert validate(_outcomes(29, 500)).verdict == "too_little_history"
    assert validate(_outcomes(500, 29)).auc is None


def test_a_score_that_sees_churn_coming_is_predictive():
    found = validate(_outcomes(30, 90))
    assert (found.verdict, found.auc) == ("predictive", 1)
    assert found.churn_by_band["red"].value == 1
    assert found.churn_by_band["yellow"].reason == "no_population"
    assert found.component_auc["usage"] > 0.9


def test_a_score_that_does_not_says_so():
    found = validate(_outcomes(60, 60, lost_at=70, kept_at=70))
    assert found.verdict == "not_predictive_yet"
    assert found.auc == pytest.approx(0.5)
