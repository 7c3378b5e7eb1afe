"""Latent analysis of comments, named plainly.

LSA (truncated SVD of a term table) finds related comments; NMF finds themes
in short comments. Below fifty comments there is no model, only keyword rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MIN_COMMENTS = 50
_SEED = 20_250_103
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Latent:
    """`singular_values`, largest first, and each comment's place in the latent space."""

    singular_values: tuple[float, ...]
    places: Any

    def cosines(self) -> list[list[float]]:
        """Return how alike each pair of comments is, -1..1 (the sign of axes is arbitrary)."""
        import numpy

        lengths = numpy.linalg.norm(self.places, axis=1, keepdims=True)
        unit = self.places / numpy.where(lengths > _TINY, lengths, 1.0)
        rows: list[list[float]] = (unit @ unit.T).tolist()
        return rows


def latent_semantics(table: Sequence[Sequence[float]], *, rank: int) -> Latent:
    """Return the rank-`rank` SVD of a comments x terms table (counts or tf-idf)."""
    import numpy

    matrix = numpy.asarray(table, dtype=float)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError("latent analysis needs at least one comment with one term")
    left, sizes, _ = numpy.linalg.svd(matrix, full_matrices=False)
    kept = max(1, min(rank, len(sizes)))
    return Latent(tuple(float(size) for size in sizes[:kept]), left[:, :kept] * sizes[:kept])


def tf_idf(table: Sequence[Sequence[float]]) -> Any:
    """Weight counts by how rare a term is: ln((1 + n)/(1 + df)) + 1, rows of length 1."""
    import numpy

    counts = numpy.asarray(table, dtype=float)
    rarity = numpy.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))) + 1
    weighted = counts * rarity
    lengths = numpy.linalg.norm(weighted, axis=1, keepdims=True)
    return weighted / numpy.where(lengths > 0, lengths, 1.0)


@dataclass(frozen=True, slots=True)
class LatentTheme:
    """A theme found by NMF: its strongest terms and the comments it leads."""

    terms: tuple[str, ...]
    comments: tuple[int, ...]


def latent_themes(
    table: Sequence[Sequence[float]],
    terms: Sequence[str],
    *,
    count: int,
    top_terms: int = 5,
    min_comments: int = MIN_COMMENTS,
) -> list[LatentTheme]:
    """Factor tf-idf into `count` themes; an empty list below `min_comments`.

    The same table always gives the same themes (fixed seed).
    """
    if len(table) < min_comments:
        return []
    by_comment, by_term = _nmf(tf_idf(table), count)
    leading = by_comment.argmax(axis=1)
    is_touched = by_comment.max(axis=1) > _TINY
    return [
        LatentTheme(
            terms=tuple(terms[i] for i in by_term[k].argsort()[::-1][:top_terms]),
            comments=tuple(i for i, lead in enumerate(leading) if lead == k and is_touched[i]),
        )
        for k in range(count)
    ]


def _nmf(matrix: Any, count: int, *, rounds: int = 200) -> tuple[Any, Any]:
    """Return non-negative factors by multiplicative updates (Lee and Seung 2001)."""
    import numpy

    dice = numpy.random.default_rng(_SEED)
    left = dice.random((matrix.shape[0], count)) + _TINY
    right = dice.random((count, matrix.shape[1])) + _TINY
    for _ in range(rounds):
        right *= (left.T @ matrix) / (left.T @ left @ right + _TINY)
        left *= (matrix @ right.T) / (left @ right @ right.T + _TINY)
    return left, right
