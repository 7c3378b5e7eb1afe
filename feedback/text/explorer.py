"""Group similar comments on demand: TF-IDF and non-negative factorisation.

Deterministic (NNDSVD start, fixed number of steps), so the same comments give
the same groups. An explorer only: it never writes a theme by itself.
Source: Boutsidis and Gallopoulos 2008 (NNDSVD); Lee and Seung 2001 (updates).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedback.text.mining import STOP_WORDS
from feedback.text.themes import WORD, base_form

MOST_COMMENTS = 20_000
MOST_WORDS = 2_000
STEPS = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Comments that share words: its strongest words, its size, its most typical comments.

    `comments` are indices, strongest first; a comment belongs to its strongest group only.
    """

    words: tuple[str, ...]
    comments: tuple[int, ...]


def explore(comments: Sequence[str], *, groups: int = 8) -> list[Group]:
    """Return up to `groups` groups, largest first; [] when there is too little to group."""
    import numpy as np

    comments = comments[:MOST_COMMENTS]
    bags = [_bag(comment) for comment in comments]
    names: dict[str, Counter[str]] = {}
    frequency: Counter[str] = Counter()
    for bag in bags:
        frequency.update(bag.keys())
        for base, words in bag.items():
            names.setdefault(base, Counter()).update(words)
    vocabulary = [
        base for base, n in frequency.most_common(MOST_WORDS) if 3 <= n <= 0.5 * len(comments)
    ]
    if len(vocabulary) < groups * 2 or len(comments) < groups * 5:
        return []
    matrix = _tf_idf(bags, vocabulary, frequency)
    weights, parts = _factorise(matrix, groups)
    strongest = weights.argmax(axis=1)
    found = []
    for number in range(groups):
        order = np.argsort(-weights[:, number], kind="stable")
        mine = [int(i) for i in order if strongest[i] == number and weights[i, number] > 1e-9]
        top = [vocabulary[i] for i in np.argsort(-parts[number], kind="stable")[:6]]
        if len(mine) >= 3:
            words = tuple(names[base].most_common(1)[0][0] for base in top)
            found.append(Group(words, tuple(mine)))
    return sorted(found, key=lambda group: -len(group.comments))


def _bag(comment: str) -> dict[str, list[str]]:
    bag: dict[str, list[str]] = {}
    for match in WORD.finditer(comment[:5000]):
        word = match.group().lower().replace("’", "'")
        if len(word) > 2 and word.isalpha() and word not in STOP_WORDS:
            bag.setdefault(base_form(word), []).append(word)
    return bag


def _tf_idf(
    bags: Sequence[dict[str, list[str]]], vocabulary: Sequence[str], frequency: Counter[str]
) -> Any:
    import numpy as np

    column = {base: index for index, base in enumerate(vocabulary)}
    matrix = np.zeros((len(bags), len(vocabulary)), dtype=np.float32)
    for row, bag in enumerate(bags):
        for base, words in bag.items():
            if base in column:
                matrix[row, column[base]] = 1 + np.log(len(words))
    matrix *= np.log(
        len(bags) / np.array([frequency[base] for base in vocabulary], dtype=np.float32)
    )
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.maximum(lengths, 1e-9)


def _factorise(matrix: Any, groups: int) -> tuple[Any, Any]:
    """Return (comments x groups, groups x words), both non-negative, by multiplicative updates."""
    import numpy as np

    weights, parts = _nndsvd(matrix, groups)
    for _ in range(STEPS):
        parts *= (weights.T @ matrix) / np.maximum(weights.T @ weights @ parts, 1e-9)
        weights *= (matrix @ parts.T) / np.maximum(weights @ (parts @ parts.T), 1e-9)
    scale = np.maximum(np.linalg.norm(parts, axis=1), 1e-9)
    return weights * scale, parts / scale[:, None]


def _nndsvd(matrix: Any, groups: int) -> tuple[Any, Any]:
    """Start from the leading singular vectors, the side with more weight kept, zeros filled."""
    import numpy as np

    # The eigenvectors of the small side give the singular vectors without a dense SVD.
    values, vectors = np.linalg.eigh((matrix.T @ matrix).astype(np.float64))
    order = np.argsort(-values)[:groups]
    right = vectors[:, order].T
    left = (matrix @ right.T).T
    weights = np.zeros((matrix.shape[0], groups))
    parts = np.zeros((groups, matrix.shape[1]))
    for index in range(groups):
        u, v = left[index], right[index]
        sides = [(np.maximum(s * u, 0), np.maximum(s * v, 0)) for s in (1, -1)]
        best_u, best_v = max(
            sides, key=lambda side: np.linalg.norm(side[0]) * np.linalg.norm(side[1])
        )
        weights[:, index], parts[index] = best_u, best_v
    fill = float(matrix.mean()) + 1e-6
    weights[weights == 0] = fill
    parts[parts == 0] = fill
    return weights, parts
