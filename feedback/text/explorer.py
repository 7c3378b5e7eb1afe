"""Group similar comments on demand: TF-IDF and non-negative factorisation.

Deterministic (fixed start, fixed number of steps), so the same comments give
the same groups. An explorer only: it never writes a theme by itself.
Sources: Boutsidis and Gallopoulos 2008 (NNDSVD start); Lee and Seung 2001
(multiplicative updates); Halko, Martinsson and Tropp 2011 (subspace iteration).

The matrix is sparse and kept so: a comment has some five content words, and
dense products would take the processor for ten seconds instead of half a one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from feedback.text.forms import WORD, base_form
from feedback.text.mining import NO_WORDS, Weight, weight_of

MOST_COMMENTS = 10_000
MOST_WORDS = 1_500
STEPS = 60
_TOP_WORDS = 6
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Group:
    """Comments that share words: its strongest words, its size, its most typical comments.

    `comments` are indices, strongest first; a comment belongs to its strongest group only.
    """

    words: tuple[str, ...]
    comments: tuple[int, ...]


def explore(comments: Sequence[str], *, groups: int = 8) -> list[Group]:
    """Return up to `groups` groups, largest first; [] when there is too little to group."""
    bags = [_bag(comment) for comment in comments[:MOST_COMMENTS]]
    frequency = Counter(base for bag in bags for base in bag)
    vocabulary = [
        base for base, n in frequency.most_common(MOST_WORDS) if 3 <= n <= 0.5 * len(bags)
    ]
    if len(vocabulary) < groups * 2 or len(bags) < groups * 5:
        return []
    weights, parts = _factorise(_tf_idf(bags, vocabulary, frequency), groups)
    found = _members(weights)
    names = _names(bags)
    return sorted(
        (
            Group(tuple(names[vocabulary[i]] for i in _strongest(parts[number])), mine)
            for number, mine in enumerate(found)
            if len(mine) >= 3
        ),
        key=lambda group: (-len(group.comments), group.words),
    )


def _bag(comment: str) -> dict[str, list[str]]:
    """Return the content words of a comment by base form."""
    bag: dict[str, list[str]] = {}
    for match in WORD.finditer(NO_WORDS.sub(" ", comment[:5000])):
        word = match.group().lower().replace("’", "'")
        if weight_of(word) == Weight.SUBJECT:
            bag.setdefault(base_form(word), []).append(word)
    return bag


def _names(bags: Sequence[Mapping[str, list[str]]]) -> dict[str, str]:
    """Return how each base form is mostly written."""
    written: dict[str, Counter[str]] = {}
    for bag in bags:
        for base, words in bag.items():
            written.setdefault(base, Counter()).update(words)
    return {base: counts.most_common(1)[0][0] for base, counts in written.items()}


def _members(weights: Any) -> list[tuple[int, ...]]:
    """Return the comments of each group, strongest first."""
    import numpy as np

    strongest = weights.argmax(axis=1)
    return [
        tuple(
            int(i)
            for i in np.argsort(-weights[:, number], kind="stable")
            if strongest[i] == number and weights[i, number] > 1e-6
        )
        for number in range(weights.shape[1])
    ]


def _strongest(part: Any) -> list[int]:
    import numpy as np

    return [int(i) for i in np.argsort(-part, kind="stable")[:_TOP_WORDS] if part[i] > 1e-6]


class _Sparse:
    """A comments x words matrix as three arrays; knows its products with narrow dense ones."""

    def __init__(self, entries: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> None:
        import numpy as np

        self.shape = shape
        rows, columns, values = zip(*entries, strict=True)
        self._values = np.array(values)
        self._rows, self._columns = np.array(rows), np.array(columns)
        self._by_column = np.argsort(self._columns, kind="stable")

    def times(self, words: Any) -> Any:
        """Return this times (words x k)."""
        products = words[self._columns] * self._values[:, None]
        return _summed(products, self._rows, self.shape[0])

    def transposed_times(self, comments: Any) -> Any:
        """Return the transpose of this times (comments x k)."""
        order = self._by_column
        products = comments[self._rows[order]] * self._values[order][:, None]
        return _summed(products, self._columns[order], self.shape[1])

    def mean(self) -> float:
        return float(self._values.sum() / (self.shape[0] * self.shape[1]))


def _summed(products: Any, keys: Any, length: int) -> Any:
    """Return the sums of the products with equal keys (sorted), as (length x k)."""
    import numpy as np

    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    sums = np.zeros((length, products.shape[1]))
    sums[keys[starts]] = np.add.reduceat(products, starts, axis=0)
    return sums


def _tf_idf(
    bags: Sequence[Mapping[str, list[str]]], vocabulary: Sequence[str], frequency: Counter[str]
) -> _Sparse:
    """Return (1 + log count) x log(comments / comments with the word), rows of length one."""
    rarity = {base: log(len(bags) / frequency[base]) for base in vocabulary}
    column = {base: index for index, base in enumerate(vocabulary)}
    entries = []
    for row, bag in enumerate(bags):
        found = {b: (1 + log(len(words))) * rarity[b] for b, words in bag.items() if b in column}
        length = sum(value * value for value in found.values()) ** 0.5 or 1.0
        entries += [(row, column[base], value / length) for base, value in found.items()]
    return _Sparse(entries, (len(bags), len(vocabulary)))


def _factorise(matrix: _Sparse, groups: int) -> tuple[Any, Any]:
    """Return (comments x groups, groups x words), both non-negative, by multiplicative updates."""
    import numpy as np

    weights, parts = _nndsvd(matrix, groups)
    for _ in range(STEPS):
        parts *= matrix.transposed_times(weights).T / np.maximum(
            weights.T @ weights @ parts, _SMALL
        )
        weights *= matrix.times(parts.T) / np.maximum(weights @ (parts @ parts.T), _SMALL)
    scale = np.maximum(np.linalg.norm(parts, axis=1), _SMALL)
    return weights * scale, parts / scale[:, None]


def _nndsvd(matrix: _Sparse, groups: int) -> tuple[Any, Any]:
    """Start from the leading singular vectors, the side with more weight kept, zeros filled."""
    import numpy as np

    right = _leading(matrix, groups)
    left = matrix.times(right)
    weights = np.empty((matrix.shape[0], groups))
    parts = np.empty((groups, matrix.shape[1]))
    for index in range(groups):
        u, v = left[:, index], right[:, index]
        sides = [(np.maximum(s * u, 0), np.maximum(s * v, 0)) for s in (1, -1)]
        weights[:, index], parts[index] = max(
            sides, key=lambda side: float(np.linalg.norm(side[0]) * np.linalg.norm(side[1]))
        )
    fill = matrix.mean() + 1e-6
    return np.where(weights == 0, fill, weights), np.where(parts == 0, fill, parts)


def _leading(matrix: _Sparse, count: int) -> Any:
    """Return (words x count) leading right singular vectors, by subspace iteration."""
    import numpy as np

    width = min(count + 8, matrix.shape[1])
    # Any start does that is not orthogonal to them; this one is the same every time.
    base = np.cos(np.outer(np.arange(1, matrix.shape[1] + 1), np.arange(1, width + 1)))
    for _ in range(8):
        base, _unused = np.linalg.qr(matrix.transposed_times(matrix.times(base)))
    image = matrix.times(base)
    values, vectors = np.linalg.eigh(image.T @ image)
    return base @ vectors[:, np.argsort(-values, kind="stable")[:count]]
