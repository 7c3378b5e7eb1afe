from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys import postbox


class Command(BaseCommand):
    help = (
        "Read delivery-status notices, complaints and unsubscribe mails from a mailbox "
        "(default: BOUNCE_MAILBOX), or one mail from standard input with `-`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "mailbox",
            nargs="?",
            default="",
            help="imaps://user:password@host/INBOX, maildir:/path, mbox:/path or -",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["mailbox"] or settings.BOUNCE_MAILBOX
        if not address:
            raise CommandError("Name a mailbox, or set BOUNCE_MAILBOX (docs/operate.md).")
        if address == "-":
            found = Counter([postbox.take(sys.stdin.buffer.read())])
        else:
            try:
                own = address == settings.BOUNCE_MAILBOX
                found = postbox.read_own() if own else postbox.read(address)
            except postbox.UnreadableMailbox as error:
                raise CommandError(str(error)) from error
        self.stdout.write(", ".join(f"{n} {what}" for what, n in found.most_common()) or "no mail")
