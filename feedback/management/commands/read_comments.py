"""`manage.py read_comments < comments.txt`: one JSON line for each line, no database needed."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

from django.core.management.base import BaseCommand

from feedback.text.findings import combined
from feedback.text.presets import SEEDED_THEMES
from feedback.text.reading import CommentReader, CommentReading

BATCH = 500


class Command(BaseCommand):
    help = (
        "Read comments from standard input, one a line; print one JSON object for each: language, "
        "sentiment (positive, neutral, negative, mixed, unscored), reason (why unscored), compound "
        "(-1..1), confidence (0..1), emotions, themes (theme, name, sentiment)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--language", help="language all comments are declared to be in (ISO 639-1, as in: en)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        reader = CommentReader()
        source: TextIO = options.get("stdin") or _standard_input()
        for batch in _batches(source):
            readings = reader.read_many([(line, options["language"]) for line in batch])
            self.stdout.write("".join(f"{as_json(one)}\n" for one in readings), ending="")


def _standard_input() -> TextIO:
    """Return standard input as UTF-8 whose bad bytes are read as signs, not refused."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
    return sys.stdin


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(lines)
    while batch := [line.rstrip("\r\n") for line in islice(remaining, BATCH)]:
        yield batch


def as_json(reading: CommentReading) -> str:
    """Return one line of JSON. Each theme comes once, with the sentiment of all its mentions."""
    sentiments: dict[str, list[str]] = {}
    for mention in reading.mentions:
        sentiments.setdefault(mention.theme, []).append(mention.sentiment)
    themes = [
        {"theme": slug, "name": SEEDED_THEMES[slug].name, "sentiment": combined(found)}
        for slug, found in sentiments.items()
    ]
    return json.dumps(
        {
            "language": reading.language,
            "sentiment": reading.sentiment,
            "reason": reading.reason,
            "compound": reading.compound,
            "confidence": reading.confidence,
            "emotions": list(reading.emotions),
            "themes": themes,
        }
    )
