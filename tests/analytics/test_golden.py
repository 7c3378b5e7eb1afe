import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from analytics.golden import OFFERED, load, verify

FIXTURES = {
    "spells": {
        "columns": ["customer", "subscription", "start", "end", "kind"],
        "rows": [
            ["ann", "s1", "2025-01-01T00:00:00Z", None, "paid"],
            ["bo", "s1", "2025-01-01T00:00:00Z", "2025-06-10T00:00:00Z", "paid"],
            ["cy", "s1", "2025-06-02T00:00:00Z", None, "trial"],
        ],
    },
    "levels": {
        "columns": ["customer", "start", "end", "was_customer_before", "events"],
        "rows": [["ann", 100, 130, True, [30]], ["bo", 50, 0, True, [-50]]],
    },
}
JUNE = {"start": "2025-06-01T00:00:00Z", "end": "2025-07-01T00:00:00Z"}


def case(id, fn, given, expected, tolerance=1e-6):
    return {
        "id": id,
        "metric": "m",
        "fn": fn,
        "title": f"about {id}",
        "input": given,
        "expected": expected,
        "tolerance": tolerance,
    }


GOOD = [
    case("n1", "nps.counts", {"promoters": 6, "passives": 2, "detractors": 2}, {"nps": 40.0}),
    case("n2", "nps.scores", {"scores": []}, {"nps": None, "reason": "no_responses"}),
    case("s1", "csat.counts", {"satisfied": 8, "total": 10}, {"csat": 0.8, "wilson_low": 0.490162}),
    case("c1", "churn.rows", {"fixture": "spells", **JUNE}, {"start": 2, "churn_rate": 0.5}),
    case("m1", "mrr.bridge", {"fixture": "levels"}, {"net": -20, "grr": 0.666667, "nrr": 0.866667}),
    case(
        "h1",
        "health.normalise",
        {"kind": "linear", "value": 3, "worst": 0, "best": 4},
        {"score": 75},
    ),
    case(
        "k1",
        "kpi.state",
        {"value": 5, "low": 4, "high": 6, "target": 3, "higher_is_better": True},
        {"state": "met"},
    ),
    case(
        "b1",
        "stats.bh",
        {"p_values": [0.01, 0.2]},
        {"adjusted": [0.02, 0.2], "rejected_5pct": [True, False]},
    ),
]


@pytest.fixture
def write(tmp_path):
    def _write(cases):
        path = tmp_path / "cases.json"
        path.write_text(json.dumps({"schema_version": 1, "fixtures": FIXTURES, "cases": cases}))
        return path

    return _write


def one(write, fn, given, expected, tolerance=1e-6):
    [outcome] = verify(load(write([case("x", fn, given, expected, tolerance)]))).outcomes
    return outcome


def test_right_cases_pass_through_the_products_own_functions(write, capsys):
    call_command("verify_golden", write(GOOD))
    assert capsys.readouterr().out.splitlines() == [f"{len(GOOD)} passed, 0 failed"]


def test_a_wrong_number_is_printed_with_what_was_expected(write, capsys):
    wrong = case(
        "n9", "nps.counts", {"promoters": 6, "passives": 2, "detractors": 2}, {"nps": -40.0}
    )
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_golden", write([*GOOD, wrong]))
    assert stopped.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "FAILED n9 (nps.counts): about n9",
        "    nps: expected -40.0, got 40.0",
        f"{len(GOOD)} passed, 1 failed",
    ]


def test_what_is_not_offered_is_listed_and_is_no_failure(write, capsys):
    call_command("verify_golden", write([*GOOD, case("z", "horoscope", {}, {"luck": 1})]))
    assert capsys.readouterr().out.splitlines() == [
        "not offered: horoscope",
        f"{len(GOOD)} passed, 0 failed, 1 not offered",
    ]


def test_a_key_may_be_left_out_and_is_listed(write, capsys):
    given, expected = {"numerator": 1, "denominator": 4}, {"rate": 0.25, "colour": "red"}
    call_command("verify_golden", write([case("x", "ratio", given, expected)]))
    assert "output left out: ratio colour" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expected", "passes"),
    [
        ({"rate": 0.333334}, True),
        ({"rate": 0.333336}, False),
        ({"rate": None}, False),
        ({"rate": "0.333333"}, False),
        ({"rate": True}, False),
    ],
)
def test_numbers_have_a_tolerance_and_nothing_else_has(write, expected, passes):
    assert one(write, "ratio", {"numerator": 1, "denominator": 3}, expected).is_passed is passes


def test_a_null_keeps_its_reason(write):
    nothing = {"numerator": 1, "denominator": 0}
    assert one(write, "ratio", nothing, {"rate": None, "reason": "no_population"}).is_passed
    assert not one(write, "ratio", nothing, {"rate": None, "reason": "no_responses"}).is_passed
    some = {"numerator": 1, "denominator": 2}
    assert not one(write, "ratio", some, {"rate": 0.5, "reason": "no_population"}).is_passed


def test_lists_must_be_of_equal_length(write):
    outcome = one(write, "stats.bh", {"p_values": [0.5]}, {"adjusted": [0.5, 0.5]})
    assert outcome.differences == ("adjusted: expected [0.5, 0.5], got [0.5]",)


def test_an_input_the_product_refuses_is_a_failure_not_a_crash(write):
    outcome = one(write, "csat.counts", {"satisfied": 9, "total": 3}, {"csat": 3})
    assert outcome.differences == ("raised ValueError: 9 of 3 is not a share",)


def test_a_broken_file_says_what_is_wrong(write, tmp_path):
    with pytest.raises(CommandError, match="no fixture is called 'nowhere'"):
        call_command("verify_golden", write([case("x", "churn.rows", {"fixture": "nowhere"}, {})]))
    with pytest.raises(CommandError, match=r"absent\.json"):
        call_command("verify_golden", tmp_path / "absent.json")


def test_exact_money_compares_with_plain_numbers(write):
    given = {"start": 0.1, "end": 0.3}
    outcome = one(write, "expansion.rate", given, {"expansion": 0.2, "expansion_rate": 2.0}, 0)
    assert outcome.is_passed
    assert OFFERED["expansion.rate"](given)["expansion"] == Decimal("0.2")


def test_every_metric_of_the_contract_is_offered():
    families = {fn.split(".")[0] for fn in OFFERED}
    assert families == {
        "active", "adoption", "aht", "alert", "ces", "churn", "clv", "crc", "csat", "driver",
        "expansion", "fcr", "health", "hours", "kpi", "mix", "mrr", "multinomial", "nps", "nrr",
        "predict", "prop", "ratio", "referral", "renewal", "retention", "rpr", "stats", "survey",
        "text", "time", "trend", "trial", "usage",
    }  # fmt: skip
