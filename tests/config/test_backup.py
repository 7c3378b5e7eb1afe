"""A backup made while answers come in opens whole, with the keys that open mailed links."""

from __future__ import annotations

import sqlite3
import stat
import tarfile
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.embedded import ensure_secrets
from outbox.jobs import Wanted, enqueue
from outbox.transactions import write

pytestmark = pytest.mark.django_db(transaction=True)


def write_until(stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        with write():
            enqueue([Wanted("read", number, f"a:{number}"), Wanted("read", number, f"b:{number}")])
        number += 1
    connection.close()


def only_on_sqlite():
    if connection.vendor != "sqlite":
        with pytest.raises(CommandError, match="pg_dump"):
            call_command("backup")
        return False
    return True


def test_a_backup_under_writes_holds_whole_transactions(tmp_path, settings):
    if not only_on_sqlite():
        return
    settings.DATA_DIR = tmp_path
    ensure_secrets(tmp_path)
    stop = threading.Event()
    writer = threading.Thread(target=write_until, args=(stop,))
    writer.start()
    try:
        for number in range(5):
            call_command("backup", str(tmp_path / f"{number}.tar.gz"))
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        file = tmp_path / f"{number}.tar.gz"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with tarfile.open(file) as archive:
            assert sorted(archive.getnames()) == ["secrets.env", "verbatim.sqlite3"]
            copy = tmp_path / f"{number}.sqlite3"
            copy.write_bytes(archive.extractfile("verbatim.sqlite3").read())
        database = sqlite3.connect(copy)
        keys = [key for (key,) in database.execute("SELECT dedupe_key FROM outbox_job")]
        database.close()
        assert {key[2:] for key in keys if key[0] == "a"} == {
            key[2:] for key in keys if key[0] == "b"
        }


def test_without_a_name_it_lies_in_the_data_directory(tmp_path, settings, capsys):
    if not only_on_sqlite():
        return
    settings.DATA_DIR = tmp_path
    call_command("backup")
    (file,) = (tmp_path / "backups").iterdir()
    assert file.name.startswith("verbatim-")
    assert str(file) in capsys.readouterr().out
