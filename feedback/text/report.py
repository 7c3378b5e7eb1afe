"""The table of docs/reading.md: plain VADER, our reading without the domain, and as shipped.

Needs scikit-learn, as it trains one model for each domain that it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from feedback.text import training
from feedback.text.evaluation import LABELS, Quality, quality, vader_label
from feedback.text.labelled import CUSTOMER_SETS, DOMAINS, TRAINING_DOMAINS, read_polarities
from feedback.text.reading import CommentReader
from feedback.text.sentiment import SentimentModel
from feedback.text.vader import FastVader

_FIGURES = ("accuracy", "macro_f1", "wrong_polarity", "negatives_found")
_HEADER = (
    "| set | domain | n | accuracy | macro F1 | wrong polarity | negatives found |\n"
    "|---|---|--:|---|---|---|---|"
)


def report(directory: Path) -> Iterator[str]:
    """Yield the lines of a Markdown table: VADER / left out / shipped for each figure."""
    blank = training.untrained_reader()
    examples = [training.read_examples(directory, name, blank) for name in TRAINING_DOMAINS]
    readers: dict[str, CommentReader] = {}
    measured: dict[str, tuple[Quality, Quality, Quality]] = {}
    shipped = CommentReader(themes=())
    vader = FastVader()
    for name, domain in DOMAINS.items():
        rows = read_polarities(directory, name)
        texts, true = [row.text for row in rows], [row.label for row in rows]
        key = domain if domain in TRAINING_DOMAINS.values() else ""
        if key not in readers:
            fitted = training.fit([one for one in examples if DOMAINS[one.name] != key])
            model = SentimentModel(training.exported(fitted, [(0.0, 0.5)]))
            readers[key] = CommentReader(themes=(), model=model)
        plain = [vader_label(vader.polarity_scores(text)["compound"]) for text in texts]
        measured[name] = (
            quality(true, plain),
            quality(true, _labels(readers[key], texts)),
            quality(true, _labels(shipped, texts)),
        )
    yield _HEADER
    for name, three in measured.items():
        trained = "" if name in TRAINING_DOMAINS else " *"
        yield f"| {name}{trained} | {DOMAINS[name]} | {three[0].count} | {_row(three)} |"
    for title, names in (
        ("mean of the customer sets", CUSTOMER_SETS),
        (
            "mean of those never trained on *",
            [n for n in CUSTOMER_SETS if n not in TRAINING_DOMAINS],
        ),
    ):
        yield f"| **{title}** | | | {_means([measured[name] for name in names])} |"


def _labels(reader: CommentReader, texts: Sequence[str]) -> list[str]:
    return [LABELS[one.sentiment] for one in reader.read_many([(text, None) for text in texts])]


def _row(three: Sequence[Quality]) -> str:
    return " | ".join(" / ".join(_shown(getattr(one, name)) for one in three) for name in _FIGURES)


def _means(sets: Sequence[Sequence[Quality]]) -> str:
    cells = []
    for name in _FIGURES:
        columns = zip(*[[getattr(one, name) for one in three] for three in sets], strict=True)
        cells.append(" / ".join(_shown(sum(column) / len(column)) for column in columns))
    return " | ".join(cells)


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
