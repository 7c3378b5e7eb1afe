from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feedback import rereading
from feedback.models import Reading, Rereading
from outbox.drain import drain


class Command(BaseCommand):
    help = (
        "Read every past comment again that the words, themes and reader of today have not "
        "read: after an update, or when `Reading > Read again` says so."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="also those that the reader of today has read"
        )
        parser.add_argument(
            "--wait", action="store_true", help="do the work here and now instead of in the workers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            Reading.objects.update(version="")
        count = rereading.stale().count()
        if not count:
            self.stdout.write("every comment is read with the words and themes of today")
            return
        started = rereading.start(reason="manage.py reread", by="")
        if not options["wait"]:
            self.stdout.write(f"{count} comments are read again in the background")
            return
        self._finish(started)

    def _finish(self, started: Rereading) -> None:
        while Rereading.objects.filter(pk=started.pk, finished_at__isnull=True).exists():
            if not drain(rereading.REREAD):
                break  # somebody else holds it, or it was given up: both are on its page
            started.refresh_from_db()
            self.stdout.write(f"{started.done} of {started.total}")
        started.refresh_from_db()
        self.stdout.write(f"{started.done} comments read again, {started.changed} read otherwise")
