"""Learning the weights that ship with the product. Needs scikit-learn; reading never does.

The method: one logistic regression, positive against negative, over words (count / sqrt of their
number) and seven measures of VADER with the customer lexicon. Sets weigh by the square root of
their size, classes alike. It is deterministic. The confidence comes from leanings of comments whose
whole domain was left out of training. Pairs of words and words marked as negated were tried: they
add .0005 to the area under the curve, as the lexicon's phrases already say what they would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from feedback.text.clauses import parts_of
from feedback.text.emotions import EmotionModel
from feedback.text.findings import EMOTIONS
from feedback.text.labelled import DOMAINS, TRAINING_DOMAINS, read_polarities
from feedback.text.phrases import find_phrases
from feedback.text.reading import CommentReader
from feedback.text.sentiment import SentimentModel, features
from feedback.text.vader import emphasis
from feedback.text.valences import valences_of

REGULARIZATION = 0.3  # C, chosen by leaving one domain out
SMALLEST_COUNT = 3  # texts a word must be in
# Bounds of "no clear sentiment", in log-odds. Chosen so that few negatives are missed and few
# comments are called the opposite; docs/reading.md shows what other bounds would give.
BAND = (-0.25, 1.1)
# Leanings of clauses that make a comment mixed: see SentimentModel._is_mixed.
OPPOSED = (-0.8, 1.3)
STRONGLY_OPPOSED = (-1.5, 1.5)
MIXED_CONFIDENCE = 0.5  # no set labels mixed comments: neither sure nor unsure
BINS = 10
SUREST = 0.98  # no table from a few hundred comments a bin can promise more
Matrix = Any  # a scipy sparse matrix: rows are comments


@dataclass(frozen=True, slots=True)
class Examples:
    """A set ready to learn from: word counts, measures and labels of each comment."""

    name: str
    words: list[Counter[str]]
    measures: NDArray[np.float64]
    labels: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained regression and the words its first columns stand for."""

    words: Mapping[str, int]
    regression: LogisticRegression

    def leanings(self, examples: Examples) -> NDArray[np.float64]:
        """Return the log-odds of positive against negative of each comment."""
        matrix = as_matrix([examples], self.words)
        return np.asarray(self.regression.decision_function(matrix))


def untrained_reader() -> CommentReader:
    """Return a reader that knows no weights yet: for its tokens and measures."""
    blank = {
        "bias": 0.0, "features": [0.0] * 7, "band": BAND, "opposed": OPPOSED,
        "strongly_opposed": STRONGLY_OPPOSED, "mixed_confidence": 0.0,
        "confidence": [(0.0, 0.0)], "words": {},
    }  # fmt: skip
    emotions = EmotionModel({"bounds": [0.0] * len(EMOTIONS), "words": {}})
    return CommentReader(themes=(), model=SentimentModel(blank), emotions=emotions)


def read_examples(directory: Path, name: str, reader: CommentReader) -> Examples:
    """Read a set and measure it as the product would."""
    rows = read_polarities(directory, name)
    texts = [row.text for row in rows]
    phrased = find_phrases(reader.scan(texts))
    whole = parts_of(phrased, valences_of(phrased)).whole()
    measures = np.column_stack(features(whole, np.array(list(map(emphasis, texts)))))
    words = [Counter(filter(None, written)) for written in phrased.words()]
    return Examples(name, words, measures, np.array([row.label for row in rows]))


def as_matrix(sets: Sequence[Examples], words: Mapping[str, int]) -> Matrix:
    """Return words (count / sqrt of all known) and measures, one row a comment."""
    blocks = []
    for examples in sets:
        rows, columns, values = [], [], []
        for i, counted in enumerate(examples.words):
            known = [(words[word], n) for word, n in counted.items() if word in words]
            total = sum(n for _, n in known)
            rows += [i] * len(known)
            columns += [column for column, _ in known]
            values += [n / total**0.5 for _, n in known]
        shape = (len(examples.words), len(words))
        counts = sparse.csr_matrix((values, (rows, columns)), shape=shape)
        blocks.append(sparse.hstack([counts, sparse.csr_matrix(examples.measures)]))
    return sparse.vstack(blocks).tocsr()


def weights_of(sets: Sequence[Examples]) -> NDArray[np.float64]:
    """Return the weight of each positive or negative comment, mean 1."""
    labels = np.concatenate([examples.labels for examples in sets])
    weights = np.concatenate([np.full(len(e.labels), len(e.labels) ** -0.5) for e in sets])
    for label in ("neg", "pos"):
        weights[labels == label] /= weights[labels == label].sum()
    weights = weights[labels != "neu"]
    return np.asarray(weights / weights.mean())


def frequent_words(sets: Sequence[Examples]) -> dict[str, int]:
    """Number the words that occur in enough texts."""
    counts = Counter(word for examples in sets for counted in examples.words for word in counted)
    kept = sorted(word for word, n in counts.items() if n >= SMALLEST_COUNT)
    return {word: i for i, word in enumerate(kept)}


def fit(sets: Sequence[Examples]) -> Fitted:
    """Train on the positive and the negative comments of `sets`."""
    words = frequent_words(sets)
    labels = np.concatenate([examples.labels for examples in sets])
    clear = labels != "neu"
    regression = LogisticRegression(C=REGULARIZATION, max_iter=500, tol=1e-4)
    regression.fit(as_matrix(sets, words)[clear], labels[clear] == "pos", weights_of(sets))
    return Fitted(words, regression)


def leanings_left_out(
    sets: Sequence[Examples], tests: Sequence[Examples]
) -> dict[str, NDArray[np.float64]]:
    """Return the leanings of each test set from a model that never saw its domain."""
    fitted: dict[str, Fitted] = {}
    leanings = {}
    for examples in tests:
        domain = DOMAINS.get(examples.name, "")
        key = domain if domain in TRAINING_DOMAINS.values() else ""
        if key not in fitted:
            fitted[key] = fit([one for one in sets if DOMAINS[one.name] != key])
        leanings[examples.name] = fitted[key].leanings(examples)
    return leanings


def confidence_table(
    leanings: Mapping[str, NDArray[np.float64]], labels: Mapping[str, NDArray[np.str_]]
) -> list[tuple[float, float]]:
    """Return (leaning, share of comments near it whose label is right), smoothed to be monotone.

    Sets weigh by the square root of their size. Away from the band the share may only rise
    (isotonic regression over bins).
    """
    x = np.concatenate([leanings[name] for name in leanings])
    gold = np.concatenate([labels[name] for name in leanings])
    weight = np.concatenate([np.full(len(labels[n]), len(labels[n]) ** -0.5) for n in leanings])
    low, high = BAND
    unclear = (x >= low) & (x <= high)
    share = float(np.average(gold[unclear] == "neu", weights=weight[unclear]))
    table = [(low, share), (high, share)]
    for label, inside, sign in (("neg", x < low, -1), ("pos", x > high, 1)):
        edge = low if label == "neg" else high
        distances = np.abs(x[inside] - edge)
        right = (gold[inside] == label).astype(float)
        for distance, sure in _rising(distances, right, weight[inside]):
            table.append((edge + sign * (distance + 1e-6), sure))
    return [(round(point, 6), round(sure, 3)) for point, sure in sorted(table)]


def _rising(
    distances: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Return (distance, share right) of bins of equal size, made to rise with the distance."""
    order = np.argsort(distances, kind="stable")
    bins = np.array_split(order, BINS)
    middles = [float(np.median(distances[one])) for one in bins]
    shares = [float(np.average(right[one], weights=weights[one])) for one in bins]
    rising = IsotonicRegression(out_of_bounds="clip").fit(middles, shares)
    points = [0.0, *middles]
    return [(point, min(float(rising.predict([point])[0]), SUREST)) for point in points]


def exported(fitted: Fitted, table: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return what `models/sentiment.json` holds, weights rounded to three decimals."""
    coefficients = fitted.regression.coef_[0]
    words = {
        word: weight
        for word, i in sorted(fitted.words.items())
        if (weight := round(float(coefficients[i]), 3))
    }
    return {
        "bias": round(float(fitted.regression.intercept_[0]), 4),
        "features": [round(float(weight), 4) for weight in coefficients[len(fitted.words) :]],
        "band": list(BAND),
        "opposed": list(OPPOSED),
        "strongly_opposed": list(STRONGLY_OPPOSED),
        "mixed_confidence": MIXED_CONFIDENCE,
        "confidence": [list(point) for point in table],
        "words": words,
    }
