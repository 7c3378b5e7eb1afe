"""Writing the files that training gives: the two models and the list of English words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feedback.text.labelled import (
    CUSTOMER_TRAINING_SETS,
    TRAINING_DOMAINS,
    WORDING_SETS,
    read_labelled,
)
from feedback.text.language import foreign_words

SHIPPED = Path(__file__).parent
SMALLEST_COUNT = 2  # texts a word must be in to count as known English
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def train_all(directory: Path, out: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Train and write everything; yield name, size in bytes and some facts of each file."""
    (out / "data").mkdir(parents=True, exist_ok=True)
    (out / "models").mkdir(parents=True, exist_ok=True)
    words = english_words(directory)
    yield _written(
        out / "data" / "english_words.txt", "\n".join(words) + "\n", {"words": len(words)}
    )
    emotions = _emotions(directory)
    facts = {"words": len(emotions["words"])}
    yield _written(out / "models" / "emotions.json", _as_json(emotions), facts)
    sentiment = _sentiment(directory)
    facts = {"words": len(sentiment["words"])}
    yield _written(out / "models" / "sentiment.json", _as_json(sentiment), facts)


def english_words(directory: Path) -> list[str]:
    """Return the words of the training sets that are no frequent word of another language."""
    # scikit-learn and numpy are needed from here on only.
    from feedback.text.training import untrained_reader

    reader = untrained_reader()
    counts: Counter[str] = Counter()
    for name in (*TRAINING_DOMAINS, *WORDING_SETS):
        rows = read_labelled(directory / f"{name}.csv")
        comments = reader.scan([row.text for row in rows if row.text.strip()])
        for written in comments.split([token.word for token in comments.tokens]):
            counts.update(set(written))
    foreign, _ = foreign_words()
    return sorted(
        word
        for word, n in counts.items()
        if n >= SMALLEST_COUNT and len(word) > 1 and _WORD.fullmatch(word) and word not in foreign
    )


def _emotions(directory: Path) -> dict[str, Any]:
    from feedback.text.training import untrained_reader
    from feedback.text.training_emotions import train_emotions

    return train_emotions(directory, untrained_reader())


def _sentiment(directory: Path) -> dict[str, Any]:
    from feedback.text import training

    reader = training.untrained_reader()
    sets = [training.read_examples(directory, name, reader) for name in TRAINING_DOMAINS]
    customers = [examples for examples in sets if examples.name in CUSTOMER_TRAINING_SETS]
    leanings = training.leanings_left_out(sets, customers)
    labels = {examples.name: examples.labels for examples in customers}
    table = training.confidence_table(leanings, labels)
    return training.exported(training.fit(sets), table)


def _as_json(trained: dict[str, Any]) -> str:
    return json.dumps(trained, separators=(",", ":"), sort_keys=True) + "\n"


def _written(path: Path, text: str, facts: dict[str, Any]) -> tuple[str, int, dict[str, Any]]:
    path.write_text(text, encoding="utf-8")
    return path.name, len(text.encode()), facts
