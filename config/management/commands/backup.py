from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.embedded import SECRETS_FILE


class Command(BaseCommand):
    help = "Write database and secrets of the embedded installation into one file, while it runs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="default: backups/ in the data directory")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError(
                "This installation runs on PostgreSQL: use pg_dump (docs/operate.md), and keep "
                "SECRET_KEY and LINK_KEYS: without LINK_KEYS no mailed link opens any more."
            )
        target = Path(options["file"] or self._default())
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write(target)
        self.stdout.write(f"{target} ({target.stat().st_size / 1e6:.1f} MB)")

    def _default(self) -> Path:
        name = f"verbatim-{timezone.localtime():%Y%m%d-%H%M%S}.tar.gz"
        return Path(settings.DATA_DIR) / "backups" / name

    def _write(self, target: Path) -> None:
        unfinished = target.with_name(f"{target.name}.tmp")
        unfinished.touch(mode=0o600)
        with tempfile.TemporaryDirectory(dir=target.parent) as directory:
            copy = Path(directory) / "verbatim.sqlite3"
            self._copy_database(copy)
            with tarfile.open(unfinished, "w:gz") as archive:
                archive.add(copy, arcname=copy.name)
                secrets = Path(settings.DATA_DIR) / SECRETS_FILE
                if secrets.exists():
                    archive.add(secrets, arcname=SECRETS_FILE)
        unfinished.replace(target)

    def _copy_database(self, copy: Path) -> None:
        """Copy what is committed at this moment, whole, and prove that it opens."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        with closing(sqlite3.connect(copy)) as database:
            (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise CommandError(f"The copy is damaged ({verdict}): is the disk full?")
