"""Measuring a reading against labels: figures of `evaluate_reading` and of docs/reading.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedback.text.labelled import POLARITIES

# A mixed or unscored comment counts as "no clear sentiment": it never wins a positive or
# a negative.
LABELS = {
    "positive": "pos", "negative": "neg", "neutral": "neu", "mixed": "neu", "unscored": "neu",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quality:
    """How well labels were met, each figure 0..1.

    `macro_f1` is the mean F1 of the labels that occur; `wrong_polarity` the share of all comments
    called positive though negative or the reverse; `negatives_found` the recall of negatives, None
    where there are none. `confusion` counts (true label, label given).
    """

    count: int
    accuracy: float
    macro_f1: float
    wrong_polarity: float
    negatives_found: float | None
    confusion: Mapping[tuple[str, str], int]


def quality(true: Sequence[str], given: Sequence[str]) -> Quality:
    """Compare labels neg, neu, pos. Raises ValueError where there is nothing to compare."""
    if not true or len(true) != len(given):
        raise ValueError(f"expected as many labels as readings, got {len(true)} and {len(given)}")
    confusion = Counter(zip(true, given, strict=True))
    opposite = confusion["neg", "pos"] + confusion["pos", "neg"]
    negatives = sum(n for (label, _), n in confusion.items() if label == "neg")
    occurring = [label for label in POLARITIES if label in set(true)]
    return Quality(
        count=len(true),
        accuracy=sum(confusion[label, label] for label in POLARITIES) / len(true),
        macro_f1=sum(f1_of(confusion, label) for label in occurring) / len(occurring),
        wrong_polarity=opposite / len(true),
        negatives_found=confusion["neg", "neg"] / negatives if negatives else None,
        confusion=dict(confusion),
    )


def f1_of(confusion: Mapping[tuple[str, str], int], label: str) -> float:
    """Return the F1 of one label, 0 where it was neither true nor given."""
    right = confusion.get((label, label), 0)
    true = sum(n for (one, _), n in confusion.items() if one == label)
    given = sum(n for (_, one), n in confusion.items() if one == label)
    return 2 * right / (true + given) if true + given else 0.0


def vader_label(compound: float) -> str:
    """Return the label VADER's authors recommend for a compound."""
    if compound >= 0.05:
        return "pos"
    return "neg" if compound <= -0.05 else "neu"


@dataclass(frozen=True, slots=True)
class Found:
    """How one class of several was found: precision, recall and F1, 0..1."""

    name: str
    count: int
    precision: float
    recall: float
    f1: float


def found_classes(
    true: Sequence[Iterable[str]], given: Sequence[Iterable[str]], names: Iterable[str]
) -> list[Found]:
    """Compare sets of classes, one against the rest."""
    pairs = [(set(one), set(other)) for one, other in zip(true, given, strict=True)]
    results = []
    for name in names:
        both = sum(name in one and name in other for one, other in pairs)
        is_true = sum(name in one for one, _ in pairs)
        is_given = sum(name in other for _, other in pairs)
        precision = both / is_given if is_given else 0.0
        recall = both / is_true if is_true else 0.0
        f1 = 2 * both / (is_true + is_given) if is_true + is_given else 0.0
        results.append(Found(name, is_true, precision, recall, f1))
    return results


@dataclass(frozen=True, slots=True)
class GateQuality:
    """The language gate: shares (0..1) of English kept and of other languages called English."""

    english: int
    english_kept: float | None
    others: int
    others_called_english: float | None
    right_language: float | None  # of the others


def gate_quality(true: Sequence[str], given: Sequence[str]) -> GateQuality:
    """Compare ISO 639-1 codes."""
    english = [code for label, code in zip(true, given, strict=True) if label == "en"]
    others = [(label, code) for label, code in zip(true, given, strict=True) if label != "en"]
    return GateQuality(
        len(english),
        _share(code == "en" for code in english),
        len(others),
        _share(code == "en" for _, code in others),
        _share(label == code for label, code in others),
    )


def calibration_error(confidence: Sequence[float], is_right: Sequence[bool]) -> float:
    """Return the expected calibration error over ten bins of confidence, 0..1."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for sure, right in zip(confidence, is_right, strict=True):
        bins.setdefault(min(int(sure * 10), 9), []).append((sure, right))
    gaps = (
        abs(sum(sure for sure, _ in one) - sum(right for _, right in one)) for one in bins.values()
    )
    return sum(gaps) / len(confidence) if confidence else 0.0


def _share(flags: Iterable[bool]) -> float | None:
    listed = list(flags)
    return sum(listed) / len(listed) if listed else None
