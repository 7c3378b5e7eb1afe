"""Workers on other machines: they share PostgreSQL and Redis with the web host, and nothing else.

Each has its own copy of the program in another directory, its own data
directory, listens to one queue, and knows only what its environment says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests.servers import (
    AppServer,
    Postgres,
    Program,
    SmtpServer,
    Valkey,
    app_server,
    smtp_server,
    wait_until,
)
from tests.servers.processes import ROOT

QUEUES = {"work": ("read", "tally", "export"), "mail": ("deliver",), "history": ("reread",)}
BEGIN = """
from surveys.access import create_key
from surveys.models import Brand, Campaign, Contact, Survey
from surveys.services import go_live, invite
asks = Survey.objects.create(slug="apart", name="Apart", kind="nps",
                             brand=Brand.objects.create(name="Kestrel"))
go_live(asks)
dana = Contact.objects.create(email="dana@example.com", name="Dana")
invite(asks, [dana], campaign=Campaign.objects.create(name="c", survey=asks, audience_size=1))
print(create_key(name="apart", scopes=["read", "export", "write"])[1])
"""
READ_AGAIN = "from feedback.rereading import start; start(reason='tried', by='Alice')"
LEFT = """
SELECT (SELECT count(*) FROM outbox_job
        WHERE state IN ('pending', 'claimed', 'handed') AND due_at <= now()),
       (SELECT count(*) FROM feedback_reading),
       (SELECT count(*) FROM scores_tally WHERE facet IN ('all', 'quarantined'))
"""


def run(env: dict[str, str], code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=env, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def left(env: dict[str, str]) -> list[int]:
    """Return how many jobs are due, comments read and answers tallied."""
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        row = connection.execute(LEFT).fetchone()
    return list(row or ())


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[dict[str, str], SmtpServer]]:
    """Yield what web host and workers have in common: secrets, PostgreSQL, Redis, mail server."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "generate_secrets"],
        env={**os.environ, "VERBATIM_DATA": str(tmp_path / "none")},
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    postgres, valkey = Postgres(is_durable=False), Valkey()
    try:
        postgres.start()
        valkey.start()
        with smtp_server() as smtp:
            yield {
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                **dict(line.split("=", 1) for line in printed.splitlines()),
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "EMAIL_URL": smtp.url,
            }, smtp  # fmt: skip
    finally:
        valkey.remove()
        postgres.remove()


def machine(env: dict[str, str], queue: str, place: Path) -> Program:
    """Start a worker of one queue from a copy of the program in a place of its own."""
    program = place / "program"
    skipped = shutil.ignore_patterns(".*", "var", "tests", "docs")
    shutil.copytree(ROOT, program, ignore=skipped)
    command = [
        sys.executable, "-m", "celery", "--workdir", str(program), "-A", "config", "worker",
        "--queues", queue, "--concurrency", "1", "--without-gossip", "--without-mingle",
        "--hostname", f"{queue}@%h", "--loglevel", "INFO",
    ]  # fmt: skip
    own = {**env, "VERBATIM_DATA": str(place / "data")}
    return Program(command, env=own, log=place / "log", cwd=place)


@pytest.mark.slow
@pytest.mark.only_on("postgresql")
def test_workers_that_share_only_postgresql_and_redis_do_all_the_work(
    shared: tuple[dict[str, str], SmtpServer], tmp_path: Path
) -> None:
    common, smtp = shared
    web = {**common, "VERBATIM_DATA": str(tmp_path / "web"), "SWEEP_SECONDS": "1"}
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], env=web, cwd=ROOT, check=True)
    machines: dict[str, Program] = {}
    with app_server(web) as app:
        try:
            for queue in QUEUES:
                place = tmp_path / queue
                place.mkdir()
                machines[queue] = machine({**common, "BASE_URL": app.url}, queue, place)
            beat = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING"]
            machines["beat"] = Program(beat, env=web, log=tmp_path / "beat.log")
            for queue in QUEUES:
                program = machines[queue]
                program.wait_ready(lambda p=program: " ready." in p.output(), seconds=90)
            walk({**web, "BASE_URL": app.url}, app, smtp)
            done = {queue: program.output() for queue, program in machines.items()}
        finally:
            for program in machines.values():
                program.stop()
    for queue, kinds in QUEUES.items():
        for kind in kinds:
            assert f"drained kind={kind} " in done[queue], done[queue]
        made = [path.name for path in (tmp_path / queue / "data").rglob("*") if path.is_file()]
        assert made == [], "files on a worker's disk are seen by nobody"


def walk(web: dict[str, str], app: AppServer, smtp: SmtpServer) -> None:
    """Ask, answer by the link that came, read, read again, and fetch a file written elsewhere."""
    key = run(web, BEGIN).splitlines()[-1]
    (mail,) = smtp.wait_for(1)
    (link,) = set(re.findall(rf"{app.url}/s/[\w-]+", mail.text))
    with urlopen(link, timeout=30) as reply:
        assert reply.status == 200
    said = urlencode({"score": 3, "comment": "Support is terrible."}).encode()
    with urlopen(Request(link, said), timeout=30) as reply:
        assert reply.status == 200
    wait_until(lambda: left(web) == [0, 1, 1], seconds=90, what="the answer to be counted")
    run(web, READ_AGAIN)
    wait_until(lambda: left(web)[0] == 0, seconds=90, what="the history")

    asked = call(app, key, "/api/v1/exports", {"dataset": "responses", "form": "parquet"})
    address = f"/api/v1/exports/{asked['id']}"
    wait_until(lambda: call(app, key, address)["state"] == "done", seconds=90, what="the file")
    found = call(app, key, address)
    assert found["rows"] == found["rows_expected"] == 1
    request = Request(f"{app.url}{address}/file", headers={"Authorization": f"Bearer {key}"})
    with urlopen(request, timeout=30) as reply:
        assert hashlib.sha256(reply.read()).hexdigest() == found["sha256"]


def call(app: AppServer, key: str, path: str, body: object = None) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(app.url + path, data, headers), timeout=30) as reply:
        return dict(json.load(reply))
