"""Make an installation ready to run: data directory, database, static files, first login."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import socket
from http.client import HTTPConnection, HTTPException
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ADMIN = "admin"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to ask instead
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike


def is_port_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Return whether a web server speaks there; what it says is /healthz's business."""
    connection = HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def migrate() -> int:
    """Bring the database up to date; return how many migrations that took."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    return len(plan)


def put_into_one_file() -> None:
    """Bring what SQLite keeps beside the database into it: who copies the file has everything."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def collect_static() -> bool:
    """Collect and compress static files; return False when nothing had changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    state = _static_state()
    if stamp.exists() and stamp.read_text() == state:
        return False
    shutil.rmtree(root, ignore_errors=True)
    call_command("collectstatic", verbosity=0, interactive=False, stdout=StringIO())
    stamp.write_text(state)
    return True


def _static_state() -> str:
    """Return a digest of every static file's name, size and time of change."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_first_start() -> bool:
    return not get_user_model().objects.exists()


def make_login() -> str:
    """Create the staff user `admin`; return the password, which is stored nowhere.

    Where mail is kept in the house, the user has an address there: what digests and
    alarms say can be read at once. A real mail server is not given an invented one.
    """
    password = new_password()
    is_kept = settings.EMAIL_BACKEND == "surveys.mailbox.MailboxBackend"
    address = f"{ADMIN}@localhost" if is_kept else ""
    get_user_model().objects.create_superuser(ADMIN, address, password)
    return password


def new_password() -> str:
    """Return a password of 79 random bits that can be read aloud."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
