"""Learning the emotion weights from GoEmotions (CC BY 4.0). Only learning needs scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from feedback.text.emotions import negated
from feedback.text.findings import EMOTIONS
from feedback.text.labelled import emotions_of, read_labelled
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader

SOURCE = "emotion_go"
WORDS_KEPT = 1_000
SMALLEST_COUNT = 5  # texts a word must be in
REGULARIZATION = 0.5
FOLDS = 5
SMALLEST_WEIGHT = 0.4


def train_emotions(directory: Path, reader: CommentReader) -> dict[str, Any]:
    """Return what `models/emotions.json` holds: bounds, and eight weights a word."""
    rows = [row for row in read_labelled(directory / f"{SOURCE}.csv") if row.text.strip()]
    texts = _plain_words(reader, [row.text for row in rows])
    found = [emotions_of(row.label) for row in rows]
    counts = Counter(word for words in texts for word in set(words))
    frequent = sorted(word for word, n in counts.items() if n >= SMALLEST_COUNT)
    weights, _ = _fit(texts, found, frequent)
    frequency = np.array([counts[word] for word in frequent])
    importance = (np.abs(weights) * np.sqrt(frequency)).max(axis=0)
    kept = [frequent[i] for i in sorted(np.argsort(-importance, kind="stable")[:WORDS_KEPT])]
    weights, bounds = _fit(texts, found, kept)
    return {
        "bounds": [round(bound, 3) for bound in bounds],
        "words": {
            word: [round(float(weight), 2) for weight in weights[:, i]]
            for i, word in enumerate(kept)
        },
    }


def _fit(
    texts: Sequence[Sequence[str]], found: Sequence[set[str]], words: Sequence[str]
) -> tuple[NDArray[np.float64], list[float]]:
    """Return weights (emotion x word) and the bound on the summed weights of each emotion."""
    numbered = {word: i for i, word in enumerate(words)}
    matrix = _counted(texts, numbered)
    weights, bounds = [], []
    for emotion in EMOTIONS:
        labels = np.array([emotion in one for one in found])
        # The bound is set on scores of texts that were left out, or rare words would look sure.
        scores = np.zeros(len(labels))
        for fold in range(FOLDS):
            out = np.arange(len(labels)) % FOLDS == fold
            scores[out] = matrix[out] @ _weights(matrix[~out], labels[~out])
        weights.append(_weights(matrix, labels))
        bounds.append(best_bound(scores, labels))
    return np.array(weights), bounds


def _weights(matrix: Any, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weight of each word, small ones set to 0: they only cost time."""
    balance = {False: 1.0, True: 3.0}
    regression = LogisticRegression(C=REGULARIZATION, max_iter=500, class_weight=balance)
    weights = regression.fit(matrix, labels).coef_[0]
    return np.where(np.abs(weights) < SMALLEST_WEIGHT, 0.0, weights)


def _plain_words(reader: CommentReader, texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each text an emotion may show in."""
    phrased = find_phrases(reader.scan(texts))
    shown = phrased.comments.split((~negated(phrased)).tolist())
    return [
        [word for word in compress(words, are_shown) if word]
        for words, are_shown in zip(phrased.words(), shown, strict=True)
    ]


def _counted(texts: Sequence[Sequence[str]], numbered: dict[str, int]) -> Any:
    rows, columns = [], []
    for i, words in enumerate(texts):
        known = [numbered[word] for word in words if word in numbered]
        rows += [i] * len(known)
        columns += known
    shape = (len(texts), len(numbered))
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def best_bound(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the bound with the highest F1 of `labels`, the labels being `scores` above it."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(labels[order])
    chosen = np.arange(1, len(order) + 1)
    f1 = 2 * right / (chosen + labels.sum())
    best = int(np.argmax(f1))
    following = scores[order[min(best + 1, len(order) - 1)]]
    return float((scores[order[best]] + following) / 2)
