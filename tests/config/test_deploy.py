"""The commands of docs and unit files, run as they stand, on PostgreSQL, Valkey and SMTP."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import (
    Postgres,
    Program,
    Valkey,
    free_port,
    smtp_server,
    wait_until,
)
from tests.servers.processes import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def commands(unit: Path, name: str) -> list[list[str]]:
    """Return a unit's commands of one name, with this environment's programs."""
    found = re.findall(rf"^{name}=(.+)$", unit.read_text(), re.MULTILINE)
    here = str(Path(sys.executable).parent)
    return [shlex.split(line.replace("/srv/verbatim/.venv/bin", here)) for line in found]


@pytest.fixture
def production(tmp_path):
    """Yield the environment of a public installation on real servers."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "generate_secrets"],
        env={**os.environ, "VERBATIM_DATA": str(tmp_path / "other")},
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    secrets = dict(line.split("=", 1) for line in printed.splitlines())
    postgres, valkey = Postgres(), Valkey()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    try:
        postgres.start()
        valkey.start()
        with smtp_server() as smtp:
            yield {
                **kept, **secrets,
                "BASE_URL": "https://ask.example.com", "TRUSTED_PROXIES": "1",
                "VERBATIM_DATA": str(tmp_path), "SWEEP_SECONDS": "1",
                "DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "EMAIL_URL": smtp.url,
                "DEFAULT_FROM_EMAIL": "Acme <surveys@example.com>",
                "BIND": f"127.0.0.1:{free_port()}",
            }  # fmt: skip
    finally:
        valkey.remove()
        postgres.remove()


def ask(env: dict[str, str], path: str) -> tuple[int, str]:
    """Ask the web server as the proxy would: over TLS, says the header."""
    from http.client import HTTPConnection

    host, port = env["BIND"].split(":")
    connection = HTTPConnection(host, int(port), timeout=10)
    try:
        headers = {"Host": "ask.example.com", "X-Forwarded-Proto": "https"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def run(env: dict[str, str], code: str) -> str:
    code = f"import django; django.setup(); {code}"
    env = {**env, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


ENQUEUE = (
    "from outbox.jobs import Wanted, enqueue;"
    "enqueue([Wanted('tally', 1, 'tally:1:2026-01-01', detail='2026-01-01', repeats=True)])"
)
LEFT = """
from django.db.models.functions import Now
from outbox.models import Job
print(Job.objects.exclude(state="done").filter(due_at__lte=Now()).count())
"""  # clocks wait for their hour


def test_the_units_run_the_whole_product(production, tmp_path):
    env = production
    web = ROOT / "deploy" / "systemd" / "verbatim-web.service"
    for command in commands(web, "ExecStartPre"):
        subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, env=env, cwd=ROOT, check=True)
    running = [
        Program(commands(unit, "ExecStart")[0], env=env, log=tmp_path / f"{unit.stem}.log")
        for unit in UNITS
        if unit.stem != "verbatim-drain"
    ]
    try:
        wait_until(lambda: _answers(env), seconds=60, what="the web server")
        assert ask(env, "/healthz") == (200, '{"status": "ok"}')
        assert ask(env, "/accounts/login/")[0] == 200
        run(env, ENQUEUE)
        wait_until(lambda: run(env, LEFT).strip() == "0", seconds=60, what="the work")
        assert ask(env, "/healthz/worker")[0] == 200
    finally:
        for program in running:
            program.stop()
    assert [program.returncode for program in running] == [0, 0, 0]


def _answers(env: dict[str, str]) -> bool:
    try:
        return ask(env, "/healthz")[0] == 200
    except OSError:
        return False


def test_the_drain_unit_does_all_work_without_a_broker(production, tmp_path):
    env = {**production, "REDIS_URL": "redis://127.0.0.1:1/0"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True)
    run(env, ENQUEUE)
    unit = ROOT / "deploy" / "systemd" / "verbatim-drain.service"
    program = Program(commands(unit, "ExecStart")[0], env=env, log=tmp_path / "drain.log")
    try:
        wait_until(lambda: run(env, LEFT).strip() == "0", seconds=60, what="the work")
    finally:
        program.stop()


def test_the_documents_show_the_commands_of_the_units():
    """One command is written down twice: both must be the same."""
    text = (ROOT / "docs" / "scale.md").read_text()
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
        assert line.replace("/srv/verbatim/", "") in text, unit.name
