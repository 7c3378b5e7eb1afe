"""Run worked cases through the product's own functions, without a database or through REST."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics.golden import Case, Report, load, verify


class Command(BaseCommand):
    """Print failures, what is not offered, and `N passed, M failed`; exit 1 on a failure."""

    help = "Check the product's numbers against a file of worked cases."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSON file of cases")
        parser.add_argument(
            "--rest",
            action="store_true",
            help="post the rows of a case as facts and read the metric, both over REST; "
            "needs a migrated database without facts, and leaves it so",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            cases = load(path)
            report = self._through_rest(cases) if options["rest"] else verify(cases)
        except (OSError, KeyError, json.JSONDecodeError, ValueError) as error:
            raise CommandError(f"{path}: {error}", returncode=2) from error
        self._write(report)
        if report.failed:
            raise SystemExit(1)

    def _through_rest(self, cases: list[Case]) -> Report:
        from analytics.golden.rest import OFFERED, has_facts

        if has_facts():
            raise CommandError("There are facts in this database. Use one without.", returncode=2)
        return verify([case for case in cases if case.fn in OFFERED], OFFERED)

    def _write(self, report: Report) -> None:
        for outcome in report.failed:
            self.stdout.write(f"FAILED {outcome.case.id} ({outcome.case.fn}): {outcome.case.title}")
            for difference in outcome.differences:
                self.stdout.write(f"    {difference}")
        missing = sorted({outcome.case.fn for outcome in report.not_offered})
        for fn in missing:
            self.stdout.write(f"not offered: {fn}")
        for key in sorted({f"{o.case.fn} {key}" for o in report.outcomes for key in o.left_out}):
            self.stdout.write(f"output left out: {key}")
        line = f"{len(report.passed)} passed, {len(report.failed)} failed"
        if report.not_offered:
            line += f", {len(report.not_offered)} not offered"
        self.stdout.write(line)
