"""`make run`'s command: starts everything, says where it is, leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.servers import Program, free_port, wait_until

SIGN_IN = re.compile(r"Sign in +admin +(\S+)")


class Installation:
    """One embedded installation in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        kept = ("PATH", "HOME", "LANG")
        self.env = {name: os.environ[name] for name in kept if name in os.environ}
        self.env |= {"VERBATIM_DATA": str(directory / "var"), "PORT": str(self.port)}
        self.starts = 0

    def start(self, **more: str) -> Program:
        self.starts += 1
        log = self.directory / f"log{self.starts}"
        command = [sys.executable, "manage.py", "up", "--no-demo"]
        return Program(command, env={**self.env, **more}, log=log)

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def processes(self) -> dict[str, int]:
        rows = json.loads((self.directory / "var" / "processes.json").read_text())
        return {row["name"]: row["pid"] for row in rows}

    def left_behind(self) -> list[int]:
        """Return the ids of processes that were started for this data directory."""
        mark = f"VERBATIM_DATA={self.env['VERBATIM_DATA']}".encode()
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if mark in _environment(pid)]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path)
    yield made
    for pid in made.left_behind():
        os.kill(pid, signal.SIGKILL)


def wait_until_ready(program: Program) -> None:
    program.wait_ready(lambda: "Ctrl-C" in program.output(), seconds=60)


def test_the_whole_life_of_an_installation_until_a_part_of_it_dies(installation):
    """First start, use, stop; second start, kill -9; third start cleans up; a part of it dies.

    In one, for each first start makes a database, which takes longest.
    """
    first = installation.start()
    wait_until_ready(first)
    assert SIGN_IN.search(first.output()), first.output()
    assert f"http://localhost:{installation.port}/admin/" in first.output()
    assert installation.get("/healthz")[0] == 200
    assert installation.get("/accounts/login/")[0] == 200
    assert set(installation.processes()) == {"up", "broker", "worker", "web"}
    first.signal(signal.SIGINT)
    assert first.wait(seconds=30) == 0
    assert "Everything is kept" in first.output()
    beside = installation.directory / "var" / "verbatim.sqlite3-wal"
    assert not beside.exists() or not beside.stat().st_size, "the file alone holds everything"
    assert installation.left_behind() == []

    second = installation.start()
    wait_until_ready(second)
    assert not SIGN_IN.search(second.output()), "the password is shown once"
    second.signal(signal.SIGKILL)
    second.wait()
    assert installation.left_behind(), "a kill -9 leaves children: that is what is tested next"

    third = installation.start()
    wait_until_ready(third)
    assert "processes of a run that was killed" in third.output()
    assert installation.get("/healthz")[0] == 200
    os.kill(installation.processes()["broker"], signal.SIGKILL)
    assert third.wait(seconds=40) == 1
    assert "Ended by itself: broker" in third.output()
    assert installation.left_behind() == []


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """An installation that runs, in a directory whose path is too long for a socket's."""
    deep = tmp_path_factory.mktemp("deep") / ("long-" * 20)
    deep.mkdir()
    made = Installation(deep)
    program = made.start(SWEEP_SECONDS="1")
    wait_until_ready(program)
    yield made, program
    program.signal(signal.SIGTERM)
    assert program.wait(seconds=30) == 0
    assert made.left_behind() == []


def ask(installation: Installation, code: str, *arguments: str, **more: str) -> str:
    """Run code with the installation's settings; return what it prints."""
    env = {**installation.env, "DJANGO_SETTINGS_MODULE": "config.settings", **more}
    command = [sys.executable, "-c", f"import django, sys; django.setup(); {code}", *arguments]
    asked = Program(command, env=env, log=installation.directory / "asked")
    assert asked.wait() == 0, asked.output()
    return asked.output()


def test_the_password_shown_opens_the_admin(running):
    installation, program = running
    password = SIGN_IN.search(program.output())[1]
    code = (
        "from django.contrib.auth import authenticate;"
        "admin = authenticate(username='admin', password=sys.argv[1]);"
        "print(admin.is_superuser, admin.email)"
    )
    assert "True admin@localhost" in ask(installation, code, password)


def test_work_is_done_with_and_without_the_bell(running):
    installation, _program = running
    code = (
        "from outbox.jobs import Wanted, enqueue;"
        "enqueue([Wanted('tally', 1, 'tally:1:2026-01-01', detail='2026-01-01')])"
    )
    ask(installation, code, OUTBOX_BELL="false")
    wait_until(lambda: '"oldest_due_seconds": 0' in installation.get("/healthz/worker")[1])


def test_a_second_start_beside_a_running_one_is_refused(running):
    installation, program = running
    beside = installation.start(PORT=str(free_port()))
    assert beside.wait(seconds=30) == 1
    assert f"runs here already (process {program.pid})" in beside.output()
    assert installation.get("/healthz")[0] == 200


def test_a_taken_port_is_named_with_a_way_out(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        program = installation.start()
        assert program.wait(seconds=30) == 1
    assert f"Port {installation.port} is taken" in program.output()
    assert f"PORT={installation.port + 1} make run" in program.output()
