"""Judge all answers' evidence again; shows before and after, and changes only with --apply."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feedback.evidence import VERSION
from feedback.models import Response
from feedback.rejudging import apply, rejudge


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="change what is shown")

    def handle(self, *args: Any, **options: Any) -> None:
        found = rejudge()
        by_survey = Counter((change.survey, change.standing) for change in found.changes)
        held = Response.objects.filter(standing=Response.Standing.QUARANTINED).count()
        more = sum(1 if c.standing == "quarantined" else -1 for c in found.changes)
        self.stdout.write(f"rules {VERSION}: {found.judged} answers have evidence")
        self.stdout.write(f"{found.decided} of them were decided by staff and stay as they are")
        self.stdout.write(f"held before: {held}, held after: {held + more}")
        for (survey, standing), count in sorted(by_survey.items()):
            self.stdout.write(f"  {survey}: {count} become {standing}")
        if options["apply"]:
            self.stdout.write(f"applied to {apply(found.changes)} answers")
        elif found.changes:
            self.stdout.write("nothing changed yet: add --apply to apply it")
