from decimal import Decimal

import pytest

from analytics.statistics.nps import nps
from analytics.statistics.result import Result, null


def test_a_null_without_reason_is_refused():
    with pytest.raises(ValueError, match="reason"):
        Result(value=None, unit="points", n=0, status="null")
    with pytest.raises(ValueError, match="contradicts"):
        Result(value=3.0, unit="points", n=0, status="null", reason="no_responses")
    with pytest.raises(ValueError, match="contradicts"):
        Result(value=None, unit="points", n=0)


def test_a_null_may_keep_what_is_known():
    assert null("fraction", "immature_cohort", parts={"pending": 4}).parts == {"pending": 4}


def test_the_plain_shape_has_only_json_types():
    result = Result(Decimal("12.34"), "money", 2, parts={"rows": [{"mrr": Decimal("1.10")}]})
    assert result.as_dict()["value"] == 12.34
    assert result.as_dict()["parts"] == {"rows": [{"mrr": 1.1}]}


def test_a_period_is_stamped_without_touching_the_number():
    result = nps(3, 1, 0).for_period("2025-03", zone="Europe/Berlin")
    assert (result.period, result.zone, result.value) == ("2025-03", "Europe/Berlin", 75)
