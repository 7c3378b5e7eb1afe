"""`manage.py train_reading --data DIR`: learn the shipped weights anew; same data, same weights."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback.text.labelled import TRAINING_DOMAINS, WORDING_SETS
from feedback.text.shipping import SHIPPED, train_all


class Command(BaseCommand):
    help = (
        "Learn the weights of comment reading from labelled CSV files (only the sets this product "
        "may learn from) and write them into feedback/text. Needs scikit-learn (requirements-dev)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder with the CSV files")
        parser.add_argument(
            "--out", type=Path, default=SHIPPED, help="folder to write to (default: the product's)"
        )

        parser.add_argument(
            "--report",
            action="store_true",
            help="print the table of docs/reading.md, train nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["data"]
        needed = [f"{name}.csv" for name in (*TRAINING_DOMAINS, *WORDING_SETS)]
        missing = [name for name in needed if not (directory / name).is_file()]
        if missing:
            raise CommandError(f"{directory} lacks {', '.join(missing)}: see docs/reading.md")
        if options["report"]:
            from feedback.text.report import report  # needs scikit-learn, as train_all does

            for line in report(directory):
                self.stdout.write(line)
            return
        for name, size, facts in train_all(directory, options["out"]):
            self.stdout.write(f"{name}: {size / 1000:.0f} kB, {json.dumps(facts)}")
