"""Share of the score's variation that goes with each theme.

Ordinary least squares of the comment value on theme flags, and R squared
divided among the themes: Shapley up to eight themes, Johnson's relative
weights beyond (Shapley doubles its work with each theme).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any, Literal

SHAPLEY_UP_TO = 8
MIN_COMMENTS = 100
MIN_PER_THEME = 10

Commented = tuple[float, Collection[str]]
"""The value of one comment's answer (for NPS +100, 0, -100) and its themes."""


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients in the unit of the values; `shares` add up to `r2` (0..1).

    `r2` and `shares` are None when every value is the same.
    """

    intercept: float
    coefficients: dict[str, float]
    r2: float | None
    shares: dict[str, float] | None
    method: Literal["shapley", "johnson"]
    n: int


def theme_regression(
    rows: Sequence[Commented],
    *,
    min_comments: int = MIN_COMMENTS,
    min_per_theme: int = MIN_PER_THEME,
) -> Regression | None:
    """Regress values on themes; None below the guards.

    Themes with too few mentions stay out of the model.
    """
    counts: dict[str, int] = {}
    for _, themes in rows:
        for theme in set(themes):
            counts[theme] = counts.get(theme, 0) + 1
    names = sorted(theme for theme, count in counts.items() if count >= min_per_theme)
    if len(rows) < max(min_comments, 1) or not names:
        return None
    return _fit(rows, names)


def _fit(rows: Sequence[Commented], names: list[str]) -> Regression:
    import numpy

    y = numpy.array([value for value, _ in rows], dtype=float)
    x = numpy.array([[float(name in themes) for name in names] for _, themes in rows])
    centred, target = x - x.mean(axis=0), y - y.mean()
    beta = numpy.linalg.lstsq(centred, target, rcond=None)[0]
    r2, shares = None, None
    method: Literal["shapley", "johnson"] = "shapley" if len(names) <= SHAPLEY_UP_TO else "johnson"
    if target @ target > 0:
        divide = _shapley if method == "shapley" else _johnson
        parts = divide(centred, target)
        shares = dict(zip(names, (float(part) for part in parts), strict=True))
        r2 = float(sum(parts))
    return Regression(
        intercept=float(y.mean() - x.mean(axis=0) @ beta),
        coefficients=dict(zip(names, (float(b) for b in beta), strict=True)),
        r2=r2,
        shares=shares,
        method=method,
        n=len(rows),
    )


def _shapley(x: Any, y: Any) -> list[float]:
    """Average each theme's gain in R squared over every order of entering."""
    count = x.shape[1]
    explained = {
        subset: _r2(x, y, subset)
        for size in range(count + 1)
        for subset in combinations(range(count), size)
    }
    return [_shapley_of(theme, count, explained) for theme in range(count)]


def _shapley_of(theme: int, count: int, explained: dict[tuple[int, ...], float]) -> float:
    others = [i for i in range(count) if i != theme]
    return sum(
        (explained[tuple(sorted((*subset, theme)))] - explained[subset])
        / (count * comb(count - 1, size))
        for size in range(count)
        for subset in combinations(others, size)
    )


def _r2(x: Any, y: Any, columns: tuple[int, ...]) -> float:
    import numpy

    if not columns:
        return 0.0
    part = x[:, columns]
    # least squares by the pseudo-inverse: two themes that always come together are allowed
    beta = numpy.linalg.pinv(part.T @ part, hermitian=True) @ (part.T @ y)
    return float((part @ beta) @ y / (y @ y))


def _johnson(x: Any, y: Any) -> list[float]:
    """Return relative weights (Johnson 2000): R squared through orthogonal stand-ins."""
    import numpy

    norms = numpy.sqrt((x * x).sum(axis=0))
    z = x / numpy.where(norms > 0, norms, 1.0)
    left, sizes, right = numpy.linalg.svd(z, full_matrices=False)
    keep = sizes > 1e-10
    left, sizes, right = left[:, keep], sizes[keep], right[keep]
    loading = right.T * sizes @ right
    beta = (left @ right).T @ (y / numpy.sqrt(y @ y))
    return [float(part) for part in loading**2 @ beta**2]
