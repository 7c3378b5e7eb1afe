"""Training on a few made-up comments: the same data gives the same files."""

import csv
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from feedback.text.emotions import EmotionModel
from feedback.text.labelled import TRAINING_DOMAINS, WORDING_SETS, emotions_of, polarity_of
from feedback.text.reading import CommentReader
from feedback.text.sentiment import SentimentModel

PRAISE = ["lovely gizmo it just zings", "we adore the zing of it", "what a zing", "zing zing great"]
BLAME = ["the gizmo went blorp again", "blorp and broken", "only blorp here", "blorp blorp awful"]
PLAIN = ["the gizmo is blue", "we have two of them", "it came on monday", "my brother has one"]

EMOTION_SOURCES_SHOWN = (
    "anger", "disappointment", "confusion", "fear", "joy", "gratitude", "admiration", "surprise",
)  # fmt: skip


def write(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("text", "label"), *rows])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    labels = {
        "emotion_go": ("joy", "anger", "neutral"),
        "theme_mams": ("food:positive", "staff:negative", "place:neutral"),
    }
    for name in (*TRAINING_DOMAINS, *WORDING_SETS):
        given = labels.get(name, ("pos", "neg", "neu"))
        rows = [
            (f"{text} {word}", label)
            for label, texts in zip(given, (PRAISE, BLAME, PLAIN), strict=True)
            for text in texts
            for word in ("today", "now", "there")
        ]
        if name == "emotion_go":
            rows += [(f"so {one} {i}", one) for one in EMOTION_SOURCES_SHOWN for i in range(5)]
        write(tmp_path / f"{name}.csv", rows)
    return tmp_path


def trained(data: Path, out: Path) -> dict[str, bytes]:
    call_command("train_reading", data=data, out=out, verbosity=0)
    return {path.name: path.read_bytes() for path in sorted(out.rglob("*.*"))}


def test_training_is_reproducible_and_learns(data: Path, tmp_path: Path) -> None:
    files = trained(data, tmp_path / "one")
    assert files == trained(data, tmp_path / "two")
    assert set(files) == {"english_words.txt", "emotions.json", "sentiment.json"}
    sentiment = SentimentModel(json.loads(files["sentiment.json"]))
    emotions = EmotionModel(json.loads(files["emotions.json"]))
    reader = CommentReader(themes=(), model=sentiment, emotions=emotions)
    praise, blame = (
        reader.read(f"the {word} of the gizmo", language="en").compound
        for word in ("zing", "blorp")
    )
    assert praise is not None and blame is not None and praise > blame


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"hutto_amazon\.csv"):
        call_command("train_reading", data=tmp_path)


def test_labels_of_other_kinds_become_polarities() -> None:
    assert polarity_of("emotion_go", "joy|surprise") == "pos"
    assert polarity_of("emotion_go", "joy|anger") == ""
    assert polarity_of("emotion_go", "neutral") == "neu"
    assert polarity_of("theme_mams", "food:positive|place:neutral") == "pos"
    assert polarity_of("theme_mams", "food:positive|staff:negative") == ""
    assert polarity_of("airline", "neg") == "neg"
    assert polarity_of("banking", "card_arrival") == ""


def test_goemotions_labels_become_ours() -> None:
    assert emotions_of("annoyance|surprise") == {"anger", "surprise"}
    assert emotions_of("neutral") == set()
