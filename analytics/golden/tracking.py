"""Cases about movement: trends, alarms, mix, several tests at once, targets."""

from __future__ import annotations

from analytics.golden.reading import Input, Output, table
from analytics.statistics.alerts import alert_events
from analytics.statistics.change import benjamini_hochberg
from analytics.statistics.mix import SegmentPeriods, decompose, oaxaca_row
from analytics.statistics.targets import target_state
from analytics.statistics.trends import cusum, ewma, standardise


def decomposed(given: Input) -> Output:
    found = decompose(
        [
            SegmentPeriods(row["segment"], row["n0"], row["s0"], row["n1"], row["s1"])
            for row in given["segments"]
        ]
    )
    if found is None:
        names = ("before", "after", "total", "mix", "within")
        return {**dict.fromkeys(names), "rows": [], "reason": "no_responses"}
    return {
        "before": found.before,
        "after": found.after,
        "total": found.total,
        "mix": found.mix,
        "within": found.within,
        "rows": [row._asdict() for row in found.rows],
    }


def two_part(given: Input) -> Output:
    mix, within = oaxaca_row(
        share_a=given["m_a"], share_b=given["m_b"], rate_a=given["r_a"], rate_b=given["r_b"]
    )
    return {"mix": mix, "within": within, "gap": mix + within}


def cusum_chart(given: Input) -> Output:
    found = cusum(given["x"], target=given["target"], slack=given["K"], limit=given["H"])
    return {
        "upper": list(found.upper),
        "lower": list(found.lower),
        "n_upper": list(found.run_upper),
        "n_lower": list(found.run_lower),
        "first_signal": found.first_signal,
    }


def ewma_chart(given: Input) -> Output:
    found = ewma(
        given["x"],
        target=given["target"],
        sd=given["sd"],
        smoothing=given["lam"],
        limit=given["L"],
        is_steady=given.get("steady", False),
    )
    return {
        "ewma": list(found.values),
        "ucl_last": found.upper[-1] if found.upper else None,
        "lcl_last": found.lower[-1] if found.lower else None,
        "first_signal": found.first_signal,
    }


def nps_trend(given: Input) -> Output:
    points = [(row["nps"], row["n"]) for row in table(given)]
    # the case gives the variance of one answer on the -1..1 scale
    z = standardise(points, baseline=given["baseline"], variance=100**2 * given["variance"])
    smooth = ewma(z, smoothing=given["lam"], limit=given["L"])
    sums = cusum(z, slack=given["k"], limit=given["h"])
    return {
        "z": z,
        "ewma": list(smooth.values),
        "ewma_signal": smooth.first_signal,
        "cusum_upper": list(sums.upper),
        "cusum_lower": list(sums.lower),
        "cusum_signal": sums.first_signal,
    }


def hochberg(given: Input) -> Output:
    found = benjamini_hochberg(given["p_values"])
    return {"adjusted": list(found.adjusted), "rejected_5pct": list(found.rejected)}


def kpi(given: Input) -> Output:
    found = target_state(
        given["value"],
        given["target"],
        low=given.get("low"),
        high=given.get("high"),
        is_higher_better=given["higher_is_better"],
    )
    output: Output = {"state": found.state, "gap": found.gap}
    return output | ({"reason": found.reason} if found.reason else {})


def hysteresis(given: Input) -> Output:
    found = alert_events(
        given["series"],
        raise_below=given["raise_below"],
        clear_above=given["clear_above"],
        consecutive=given["consecutive"],
    )
    return {"events": [list(event) for event in found]}


FNS = {
    "mix.decompose": decomposed,
    "mix.oaxaca_row": two_part,
    "trend.cusum": cusum_chart,
    "trend.ewma": ewma_chart,
    "trend.nps": nps_trend,
    "stats.bh": hochberg,
    "kpi.state": kpi,
    "alert.hysteresis": hysteresis,
}
