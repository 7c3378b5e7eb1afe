"""`manage.py evaluate_reading FILE.csv`: VADER and our reading against labels, no database."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback.text.evaluation import (
    LABELS,
    Quality,
    calibration_error,
    found_classes,
    gate_quality,
    quality,
    vader_label,
)
from feedback.text.findings import EMOTIONS, UNSCORED
from feedback.text.labelled import POLARITIES, Labelled, emotions_of, polarity_of, read_labelled
from feedback.text.reading import CommentReader, CommentReading
from feedback.text.vader import FastVader

THEMES_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare plain VADER and our reading with labels. FILE.csv has the columns text and label "
        "(neg, neu, pos), and perhaps theme and lang (ISO 639-1). Prints accuracy, macro F1, wrong "
        "polarity, negatives found and a confusion matrix for both; the language gate, themes and "
        "emotions where the file has them."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header, UTF-8")
        parser.add_argument("--language", help="language all comments are declared to be in")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            rows = read_labelled(path)
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from error
        readings = CommentReader().read_many([(row.text, options["language"]) for row in rows])
        self.stdout.write(f"{path.name}: {len(rows)} comments")
        self._sentiment(path.stem, rows, readings)
        self._gate(rows, readings)
        self._emotions(rows, readings)
        self._themes(rows, readings)

    def _sentiment(
        self, name: str, rows: Sequence[Labelled], readings: Sequence[CommentReading]
    ) -> None:
        labels = [polarity_of(name, row.label) for row in rows]
        judged = [i for i, label in enumerate(labels) if label]
        if not judged:
            return
        vader = FastVader()
        true = [labels[i] for i in judged]
        plain = [vader_label(vader.polarity_scores(rows[i].text)["compound"]) for i in judged]
        ours = [LABELS[readings[i].sentiment] for i in judged]
        self._figures("plain VADER", quality(true, plain))
        self._figures("our reading", quality(true, ours))
        mixed = sum(readings[i].sentiment == "mixed" for i in judged)
        unscored = sum(readings[i].sentiment == UNSCORED for i in judged)
        self.stdout.write(f"  mixed {mixed}, unscored {unscored}: both count as neu")
        clear = [k for k, given in enumerate(ours) if given != "neu"]
        sure = [readings[judged[k]].confidence or 0.0 for k in clear]
        error = calibration_error(sure, [true[k] == ours[k] for k in clear])
        self.stdout.write(f"  calibration error of positive and negative {error:.3f}")

    def _figures(self, name: str, measured: Quality) -> None:
        found = measured.negatives_found
        self.stdout.write(
            f"{name}: n {measured.count}  accuracy {measured.accuracy:.3f}"
            f"  macro_f1 {measured.macro_f1:.3f}  wrong_polarity {measured.wrong_polarity:.3f}"
            f"  negatives_found {'-' if found is None else f'{found:.3f}'}"
        )
        self.stdout.write(f"  {'true / given':<12}" + "".join(f"{one:>7}" for one in POLARITIES))
        for true in POLARITIES:
            counts = [measured.confusion.get((true, given), 0) for given in POLARITIES]
            self.stdout.write(f"  {true:<12}" + "".join(f"{count:>7}" for count in counts))

    def _gate(self, rows: Sequence[Labelled], readings: Sequence[CommentReading]) -> None:
        told = [
            (row.language, one.language)
            for row, one in zip(rows, readings, strict=True)
            if row.language
        ]
        if not told:
            return
        gate = gate_quality([one for one, _ in told], [one for _, one in told])
        self.stdout.write(
            f"language gate: English {gate.english}, kept {_percent(gate.english_kept)};"
            f" others {gate.others}, called English {_percent(gate.others_called_english)},"
            f" right language {_percent(gate.right_language)}"
        )

    def _emotions(self, rows: Sequence[Labelled], readings: Sequence[CommentReading]) -> None:
        true = [emotions_of(row.label) for row in rows]
        if not any(true):
            return
        given = [reading.emotions for reading in readings]
        self._classes("emotions", true, given, EMOTIONS)

    def _themes(self, rows: Sequence[Labelled], readings: Sequence[CommentReading]) -> None:
        """Show for each labelled theme the seeded theme that meets it best."""
        true = [set(row.theme.split("|")) - {""} for row in rows]
        if not any(true):
            return
        given = [{mention.theme for mention in one.mentions} for one in readings]
        covered = sum(bool(one) for one in given) / len(given)
        self.stdout.write(f"themes: {covered:.1%} of comments mention at least one seeded theme")
        counts = Counter(name for one in true for name in one)
        for name, count in counts.most_common(THEMES_SHOWN):
            has_name = [{name} if name in one else set() for one in true]
            best, slug = max(
                (
                    (found_classes(has_name, _only(given, slug, name), [name])[0], slug)
                    for slug in {slug for one in given for slug in one}
                ),
                key=lambda pair: (pair[0].f1, pair[1]),
            )
            self.stdout.write(
                f"  {name:<24} n {count:>5}  best met by {slug:<16} precision {best.precision:.3f}"
                f"  recall {best.recall:.3f}  f1 {best.f1:.3f}"
            )

    def _classes(
        self,
        title: str,
        true: Sequence[set[str]],
        given: Sequence[Sequence[str]],
        names: Sequence[str],
    ) -> None:
        found = found_classes(true, given, names)
        mean = sum(one.f1 for one in found) / len(found)
        self.stdout.write(f"{title}: macro_f1 {mean:.3f}")
        for one in found:
            self.stdout.write(
                f"  {one.name:<16} n {one.count:>5}  precision {one.precision:.3f}"
                f"  recall {one.recall:.3f}  f1 {one.f1:.3f}"
            )


def _only(given: Sequence[set[str]], slug: str, name: str) -> list[set[str]]:
    """Return the comments that mention `slug`, under another name."""
    return [{name} if slug in one else set() for one in given]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"
