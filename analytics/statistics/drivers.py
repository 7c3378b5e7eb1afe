"""Which themes go with better or worse scores: association, never cause.

`impact` is the score of all comments minus the score of those without the
theme. Tests are Welch with Benjamini-Hochberg over the themes of one page.
Say "mentioned with", not "because of".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analytics.statistics.change import Change, benjamini_hochberg
from analytics.statistics.histograms import Histogram, moments, total
from analytics.statistics.means import welch
from analytics.statistics.result import Interval, Reason

MENTIONS_TO_LIST = 5
MENTIONS_FOR_INTERVAL = 20


@dataclass(frozen=True, slots=True)
class ThemeImpact:
    """How one theme goes with the score; figures in the unit of the values.

    `share` is of all comments. `difference` is the score with minus without
    the theme, `impact` = share times difference. Below the guard `impact`,
    `difference` and the test are None with `reason`; `adjusted_p` is the
    p-value after Benjamini-Hochberg over all themes tested together.
    """

    theme: str
    mentions: int
    share: float
    score_with: float | None
    score_without: float | None
    impact: float | None = None
    difference: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    interval: Interval | None = None
    reason: Reason = ""

    @property
    def is_real(self) -> bool:
        """Whether the theme stays significant among all themes tested."""
        return self.adjusted_p is not None and self.adjusted_p <= 0.05


def theme_impacts(
    whole: Histogram,
    by_theme: Mapping[str, Histogram],
    *,
    min_mentions: int = MENTIONS_TO_LIST,
    interval_from: int = MENTIONS_FOR_INTERVAL,
    level: float = 0.95,
) -> list[ThemeImpact]:
    """Return the impact of each theme, in the order of `by_theme`.

    `whole` maps a value to its comments (for NPS +100, 0, -100; for a mean
    the scores), `by_theme` the same for the comments with each theme.
    """
    impacts = [
        _impact(theme, whole, mentioned, min_mentions, interval_from, level)
        for theme, mentioned in by_theme.items()
    ]
    tested = [i for i, impact in enumerate(impacts) if impact.p_value is not None]
    found = benjamini_hochberg([impacts[i].p_value or 0.0 for i in tested])
    for i, adjusted in zip(tested, found.adjusted, strict=True):
        impacts[i] = replace(impacts[i], adjusted_p=adjusted)
    return impacts


def _impact(
    theme: str,
    whole: Histogram,
    mentioned: Histogram,
    min_mentions: int,
    interval_from: int,
    level: float,
) -> ThemeImpact:
    rest = {value: count - mentioned.get(value, 0) for value, count in whole.items()}
    if total(mentioned) + total(rest) != total(whole) or min(rest.values(), default=0) < 0:
        raise ValueError(f"theme {theme!r}: more mentions than comments")
    inside, outside = moments(mentioned), moments(rest)
    n = total(whole)
    bare = ThemeImpact(
        theme, inside.n, inside.n / n if n else 0.0, inside.mean, outside.mean,
        reason="insufficient_data",
    )  # fmt: skip
    if inside.n < min_mentions or inside.mean is None or outside.mean is None:
        return bare
    change = welch(outside, inside, level=level)
    return replace(
        bare,
        impact=(moments(whole).mean or 0.0) - outside.mean,
        difference=change.delta,
        p_value=change.p_value,
        interval=_impact_interval(bare.share, change) if inside.n >= interval_from else None,
        reason="",
    )


def _impact_interval(share: float, change: Change) -> Interval | None:
    """Scale the interval of the difference: impact is share times difference."""
    if change.low is None or change.high is None:
        return None
    return Interval(share * change.low, share * change.high, change.level, "welch t")
