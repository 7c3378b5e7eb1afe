"""`manage.py create_api_key --name N [--survey SLUG] [--scope S …]`: print a new key, only that."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.access import create_key
from surveys.models import ApiKey, Survey

_MOST = 80  # characters of a name


class Command(BaseCommand):
    help = (
        "Print a new API key, and nothing else: KEY=$(manage.py create_api_key --name shop). "
        "It is shown this once; only its hash is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="What it is for, for example: web shop.")
        parser.add_argument("--survey", metavar="SLUG", help="Limit it to this survey.")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiKey.Scope.values,
            help="What it may do; repeat for several. Left out: read.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        if not 0 < len(name) <= _MOST:
            raise CommandError(f"--name: give 1 to {_MOST} characters, not {len(name)}.")
        survey = _survey(options["survey"]) if options["survey"] else None
        scopes = set(options["scope"] or [ApiKey.Scope.READ])
        _, text = create_key(name=name, scopes=scopes, survey=survey)
        self.stdout.write(text)


def _survey(slug: str) -> Survey:
    found = Survey.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Survey.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(f"--survey: there is no survey {slug!r}. There are: {known}.")
    return found
