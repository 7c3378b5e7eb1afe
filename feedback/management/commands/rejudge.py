"""Judge all answers' evidence again; shows before and after, and changes only with --apply."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feedback import rejudging
from feedback.models import Rejudging
from outbox.drain import drain
from surveys.models import Survey


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="change what is shown")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._finish(rejudging.look(by=""))
        self._tell(found)
        if options["apply"] and found.finished_at:
            self.stdout.write(f"applied to {self._finish(rejudging.apply(by='')).changed} answers")
        elif found.changed:
            self.stdout.write("nothing changed yet: add --apply to apply it")

    def _finish(self, row: Rejudging) -> Rejudging:
        while Rejudging.objects.filter(pk=row.pk, finished_at__isnull=True).exists():
            if not drain(rejudging.REJUDGE):
                self.stdout.write("a worker does it, or it was given up: its page says how it goes")
                break
        row.refresh_from_db()
        return row

    def _tell(self, found: Rejudging) -> None:
        before = sum(three[1] for three in found.by_survey.values())
        after = sum(three[2] for three in found.by_survey.values())
        self.stdout.write(f"rules {found.rules}: {found.done} answers have evidence")
        self.stdout.write(f"{found.decided} of them were decided by staff and stay as they are")
        self.stdout.write(f"held before: {before}, held after: {after}")
        slugs = dict(Survey.objects.values_list("pk", "slug"))
        for survey_id, (_judged, was, will_be) in sorted(found.by_survey.items()):
            if was != will_be:
                name = slugs.get(int(survey_id), survey_id)
                self.stdout.write(f"  {name}: held {was} before, {will_be} after")
