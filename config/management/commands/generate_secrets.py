from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config.embedded import new_secrets


class Command(BaseCommand):
    help = "Print a fresh SECRET_KEY and LINK_KEYS for an environment file."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_secrets(), ending="")
