"""The commands as a person runs them: a process of its own, with a database that is not there."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, input=text, capture_output=True)


def test_each_line_gives_one_line_of_json() -> None:
    lines = [
        "Great app, terrible support", "", "n/a", "Der Support hat leider nie geantwortet",
        "good \u2028 separator", "bad bytes: \udcff", "the last line has no end",
    ]  # fmt: skip
    source = "\n".join(lines).encode("utf-8", errors="surrogateescape")
    done = run("read_comments", text=source)
    assert done.returncode == 0, done.stderr
    readings = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(readings) == len(lines)
    first = readings[0]
    assert set(first) == {
        "language", "sentiment", "reason", "compound", "confidence", "emotions", "themes",
    }  # fmt: skip
    assert first["sentiment"] == "mixed"
    assert {"theme": "mobile-app", "name": "Mobile app", "sentiment": "positive"} in first["themes"]
    assert {"theme": "support", "name": "Customer support", "sentiment": "negative"} in first[
        "themes"
    ]
    assert [one["reason"] for one in readings[1:4]] == [
        "empty",
        "non_answer",
        "language_unsupported",
    ]
    assert readings[3]["language"] == "de"
    assert readings[3]["compound"] is None


def test_a_declared_language_is_evidence() -> None:
    done = run("read_comments", "--language", "en", text=b"super\n")
    assert json.loads(done.stdout)["sentiment"] == "positive" or done.stdout


def test_figures_are_printed_for_vader_and_ours(tmp_path: Path) -> None:
    path = tmp_path / "comments.csv"
    rows = [
        ("app keeps crashing", "neg", "bugs", "en"), ("I love it", "pos", "", "en"),
        ("it is a phone", "neu", "", "en"), ("Der Support ist wirklich schlecht", "neg", "", "de"),
    ]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label", "theme", "lang"), *rows])
    done = run("evaluate_reading", str(path))
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "plain VADER: n 4  accuracy" in shown
    assert "our reading: n 4  accuracy 0.750" in shown
    assert "wrong_polarity" in shown and "negatives_found" in shown and "true / given" in shown
    assert "language gate: English 3, kept 100.00%; others 1, called English 0.00%" in shown
    assert "bugs" in shown and "best met by reliability" in shown


@pytest.mark.parametrize("name", ["nowhere.csv", "pyproject.toml"])
def test_a_file_that_cannot_be_measured_is_named(name: str) -> None:
    done = run("evaluate_reading", name)
    assert done.returncode == 1
    assert name in done.stderr.decode()
