"""Cases about scores: NPS, CSAT, CES, shares and response rates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.golden.reading import (
    Input,
    Output,
    bounds,
    histogram,
    level,
    table,
    the_instant,
    with_reason,
)
from analytics.statistics.answers import (
    DatedAnswer,
    count_scores,
    latest_per_person,
    population_sd,
)
from analytics.statistics.histograms import Bands
from analytics.statistics.nps import (
    adjusted_wald_interval,
    needed_answers,
    nps,
    nps_change,
    nps_change_paired,
    wald_interval,
)
from analytics.statistics.posterior import probability_positive
from analytics.statistics.rates import Outcomes, response_rates, worst_case
from analytics.statistics.ratings import rating
from analytics.statistics.result import Result
from analytics.statistics.score import nps_counts
from analytics.statistics.shares import goodman, share, share_change
from analytics.statistics.weights import Stratum, poststratify, weighted_nps

BANDS: Bands = {"promoter": (9, 10), "passive": (7, 8), "detractor": range(7)}


def _nps_output(result: Result) -> Output:
    return with_reason({"n": result.n, "nps": result.value, **result.parts}, result)


def _counts(given: Input) -> tuple[int, int, int]:
    return given["promoters"], given["passives"], given["detractors"]


def nps_from_scores(scores: list[object]) -> Output:
    counted = count_scores(scores)
    result = nps(*nps_counts(counted.histogram, BANDS))
    return _nps_output(result) | {
        "skipped": counted.skipped,
        "invalid": counted.invalid,
        "sd_population": population_sd(counted.histogram),
    }


def nps_window(given: Input) -> Output:
    answers = [
        DatedAnswer(row["respondent"], the_instant(row["at"]), row["score"], row["is_test"])
        for row in table(given)
    ]
    start, stop = (_local(given[end], given["tz"]) for end in ("start", "end"))
    return nps_from_scores([a.score for a in latest_per_person(answers, start=start, stop=stop)])


def _local(text: str, zone: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def nps_interval(given: Input) -> Output:
    promoters, passives, detractors = _counts(given)
    result = nps(promoters, passives, detractors, level=level(given))
    output: Output = {"nps": result.value} | bounds(result.interval, "score_low", "score_high")
    for name, method in (("adj_wald", adjusted_wald_interval), ("wald", wald_interval)):
        found = method(promoters, detractors, result.n, level=level(given)) if result.n else None
        output |= bounds(found, f"{name}_low", f"{name}_high")
    return with_reason(output, result)


def nps_bayes(given: Input) -> Output:
    result = probability_positive(
        *_counts(given), prior=given.get("prior", 0.5), level=level(given)
    )
    return with_reason(
        {
            "posterior_mean": result.parts.get("mean"),
            "cred_low": result.parts.get("low"),
            "cred_high": result.parts.get("high"),
            "prob_positive": result.value,
        },
        result,
    )


def nps_weighted(given: Input) -> Output:
    result = weighted_nps([(_sign(score), weight) for score, weight in given["rows"]])
    return with_reason({"nps": result.value, "n": result.n, **result.parts}, result)


def _sign(score: int) -> int:
    promoters, _, detractors = nps_counts({score: 1}, BANDS)
    return promoters - detractors


def nps_changed(given: Input) -> Output:
    change = nps_change(tuple(given["before"]), tuple(given["after"]), level=level(given))
    output = {
        "change": change.delta,
        "adjusted_change": change.adjusted,
        "se": change.se,
        "z": change.statistic,
        "p_value": change.p_value,
        "ci_low": change.low,
        "ci_high": change.high,
        "significant": change.is_real if change.delta is not None else None,
    }
    return output | ({"reason": change.reason} if change.reason else {})


def nps_changed_paired(given: Input) -> Output:
    pairs = [(_sign(row["before"]), _sign(row["after"])) for row in table(given)]
    change = nps_change_paired(pairs, level=level(given))
    output = {
        "n": change.n_after,
        "change": change.delta,
        "se": change.se,
        "t": change.statistic,
        "p_value": change.p_value,
        "ci_low": change.low,
        "ci_high": change.high,
    }
    return output | ({"reason": change.reason} if change.reason else {})


def nps_required(given: Input) -> Output:
    shares = given["p_promoter"], given["p_detractor"]
    return {"n": needed_answers(*shares, margin=given["moe_points"], level=level(given))}


def csat_counts(given: Input) -> Output:
    result = share(given["satisfied"], given["total"], level=level(given))
    wilson = bounds(result.interval, "wilson_low", "wilson_high")
    return with_reason({"csat": result.value, **wilson}, result)


def csat_histogram(given: Input) -> Output:
    found = rating(
        histogram(given["histogram"]),
        scale=(given["scale_min"], given["scale_max"]),
        threshold=given["threshold"],
        level=level(given),
    )
    output = {
        "n": found.satisfied.n,
        "csat": found.satisfied.value,
        **bounds(found.satisfied.interval, "wilson_low", "wilson_high"),
        "mean": found.mean.value,
        "sd": found.mean.parts.get("sd"),
        "top_box": found.best,
        "bottom_2": found.worst_two,
    }
    return with_reason(output, found.satisfied)


def ces_histogram(given: Input) -> Output:
    found = rating(
        histogram(given["histogram"]),
        scale=(given["scale_min"], given["scale_max"]),
        threshold=given["threshold"],
        is_reversed=given.get("reverse", False),
        level=level(given),
    )
    output = {
        "n": found.mean.n,
        "mean": found.mean.value,
        "sd": found.mean.parts.get("sd"),
        "net": found.net,
        "top_box": found.satisfied.value,
        **bounds(found.satisfied.interval, "top_box_low", "top_box_high"),
        **bounds(found.mean.interval, "mean_low", "mean_high"),
    }
    return with_reason(output, found.mean)


def prop_change(given: Input) -> Output:
    before, after = (given["k0"], given["n0"]), (given["k1"], given["n1"])
    change = share_change(before, after, level=level(given))
    output = {
        "change": change.delta,
        "z_n_minus_1": change.statistic,
        "p_value": change.p_value,
        "ci_low": change.low,
        "ci_high": change.high,
    }
    return output | ({"reason": change.reason} if change.reason else {})


def goodman_shares(given: Input) -> Output:
    found = goodman(given["counts"], level=level(given))
    if not found:
        return {"low": None, "high": None, "reason": "no_responses"}
    return {
        "low": [category.interval.low for category in found],
        "high": [category.interval.high for category in found],
    }


def response_rate(given: Input) -> Output:
    names = ("complete", "partial", "refusal", "noncontact", "other", "unknown")
    found = response_rates(Outcomes(**{name: given.get(name, 0) for name in names}))
    rates = {name: getattr(found, name).value for name in ("rr1", "rr2", "rr5", "rr6")}
    return with_reason(rates, found.rr1)


def worst_case_bounds(given: Input) -> Output:
    found = worst_case(given["score"], given["response_rate"])
    return {"low": found.low, "high": found.high}


def poststratified(given: Input) -> Output:
    strata = [Stratum(r["stratum"], r["n"], r["N"], r["score"]) for r in given["rows"]]
    found = poststratify(strata)
    return {
        "raw": found.raw,
        "weighted": found.weighted,
        "weights": list(found.weights),
        "n_eff": found.n_eff,
    }


FNS = {
    "nps.scores": lambda given: nps_from_scores(given["scores"]),
    "nps.counts": lambda given: _nps_output(nps(*_counts(given))),
    "nps.window": nps_window,
    "nps.interval": nps_interval,
    "nps.bayes": nps_bayes,
    "nps.weighted": nps_weighted,
    "nps.change": nps_changed,
    "nps.change_paired": nps_changed_paired,
    "nps.required_n": nps_required,
    "csat.counts": csat_counts,
    "csat.histogram": csat_histogram,
    "ces.histogram": ces_histogram,
    "prop.change": prop_change,
    "multinomial.goodman": goodman_shares,
    "survey.response_rate": response_rate,
    "survey.worst_case_bounds": worst_case_bounds,
    "survey.poststratify": poststratified,
}
