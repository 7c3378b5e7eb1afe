"""P1 and P2: what a customer waits for, against the least a Django view can do.

`make bench-submit`; `SCALE=small` for a check in a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.bench import load, speak
from tests.servers import free_port, postgres_server, valkey_server

ROUNDS = 3 if speak.is_small() else 7
POSTS = 300 if speak.is_small() else 1500
NAIVE_POSTS = 60 if speak.is_small() else 200
# CPU milliseconds per whole flow (page and post), measured for the same machine kind.
LIMESURVEY_MS, SURVEY_AND_REPORT_MS = 205.0, 35.5


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return user and system time of the master and its workers so far."""
        ticks = 0
        for pid in [self.pid, *_children(self.pid)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def gunicorn(name: str, module: str, environment: dict[str, str]) -> Iterator[Server]:
    """Run one side under the same server: one process, eight threads."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "8", "--log-level", "error", "--keep-alive", "30",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment)
    try:
        _wait(port)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{port}/nothing", timeout=2)
        except OSError as error:
            if hasattr(error, "code"):
                return
            time.sleep(0.1)
    raise RuntimeError(f"no server on port {port} after ten seconds")


PREPARE = """
import sys, django; django.setup()
from django.db import connection
from django.utils import timezone
from surveys.models import Brand, Contact, Invitation, Survey
from surveys import services
n = int(sys.argv[1])
with connection.cursor() as cursor:
    kind = "INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "BIGSERIAL PRIMARY KEY"
    cursor.execute(f"CREATE TABLE bench_answer (id {kind}, score INT, comment TEXT)")
brand = Brand.objects.create(name="Kestrel")
survey = Survey.objects.create(slug="bench", name="Bench", kind="nps", brand=brand)
services.go_live(survey)
survey.refresh_from_db()
contacts = Contact.objects.bulk_create(
    [Contact(email=f"c{i}@example.com", properties={"plan": "Growth"}) for i in range(n)], 1000)
rows = [services.new_invitation(survey, contact=c, channel="email", state="sent") for c in contacts]
for row in rows:
    row.opened_at = timezone.now()
Invitation.objects.bulk_create(rows, 500)
print("\\n".join(services.token_of(row) for row in rows))
"""


def prepare(environment: dict[str, str], count: int) -> list[str]:
    """Migrate, make a live survey, and return the tokens of `count` fresh links."""
    python = [sys.executable]
    for command in ("migrate", "collectstatic --no-input"):
        words = ["manage.py", *command.split(), "-v0"]
        subprocess.run([*python, *words], env=environment, check=True)
    done = subprocess.run(
        [*python, "-c", PREPARE, str(count)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.split()


def answers(tokens: list[str]) -> list[bytes]:
    comment = "Support answered within the hour and the new bank feed simply works. Thank you!"
    said = {"score": "9", "comment": comment, "gesture": "pointer"}
    return [load.post(f"/s/{token}", said) for token in tokens]


@dataclass(slots=True)
class Side:
    """One competitor's figures over the rounds."""

    rates: list[float]
    p99s: list[float]
    cpu_ms: list[float]
    slowest_ms: float = 0.0

    def take(self, server: Server, requests: list[bytes]) -> None:
        before = server.cpu_seconds()
        outcome = load.run(server.port, requests)
        spent = server.cpu_seconds() - before
        wrong = {
            status: n for status, n in outcome.statuses.items() if status not in (302, 303, 200)
        }
        if wrong:
            raise RuntimeError(f"{server.name} answered {wrong}")
        self.rates.append(outcome.rate)
        self.p99s.append(outcome.percentile(0.99))
        self.cpu_ms.append(1000 * spent / len(requests))
        self.slowest_ms = max(self.slowest_ms, outcome.percentile(1))


def compare(database: str, environment: dict[str, str]) -> None:
    """Run all sides interleaved on one database and print the figures."""
    per_round = 2 * POSTS + NAIVE_POSTS
    tokens = prepare(environment, (ROUNDS + 1) * per_round)
    sides = {name: Side([], [], []) for name in ("minimal", "ours", "naive", "flow")}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(gunicorn(name, module, {**environment, **more}))
            for name, module, more in (
                (
                    "minimal",
                    "tests.bench.minimal",
                    {"DJANGO_SETTINGS_MODULE": "tests.bench.minimal_settings"},
                ),
                ("ours", "config.wsgi", {}),
                (
                    "naive",
                    "tests.bench.naive",
                    {"DJANGO_SETTINGS_MODULE": "tests.bench.naive_settings"},
                ),
            )
        }
        for number in range(ROUNDS + 1):  # the first warms up and is thrown away
            mine = [tokens.pop() for _ in range(POSTS)]
            flow = [tokens.pop() for _ in range(POSTS)]
            naive = [tokens.pop() for _ in range(NAIVE_POSTS)]
            sides["minimal"].take(servers["minimal"], answers(mine))
            sides["ours"].take(servers["ours"], answers(mine))
            both = [
                r
                for t, p in zip(flow, answers(flow), strict=True)
                for r in (load.get(f"/s/{t}"), p)
            ]
            sides["flow"].take(servers["ours"], both)
            if database == "postgresql":
                sides["naive"].take(servers["naive"], answers(naive))
            if number == 0:
                sides = {name: Side([], [], []) for name in sides}
    report(database, sides)


def report(database: str, sides: dict[str, Side]) -> None:
    minimal, ours, naive, flow = (sides[name] for name in ("minimal", "ours", "naive", "flow"))
    middle = speak.median
    rate = middle([a / b for a, b in zip(ours.rates, minimal.rates, strict=True)])
    speak.figure("P1", f"{database}_submit_per_second", middle(ours.rates))
    speak.figure("P1", f"{database}_minimal_per_second", middle(minimal.rates))
    speak.figure("P1", f"{database}_submit_ratio", rate, at_least=0.8)
    cpu = middle([a / b for a, b in zip(ours.cpu_ms, minimal.cpu_ms, strict=True)])
    speak.figure("P1", f"{database}_submit_cpu_ms", middle(ours.cpu_ms))
    speak.figure("P1", f"{database}_cpu_ratio", cpu, at_most=1.3)
    p99 = middle([a / b for a, b in zip(ours.p99s, minimal.p99s, strict=True)])
    if database == "sqlite":
        speak.figure("P1", "sqlite_submit_p99_ms", middle(ours.p99s), at_most=25)
        speak.figure("P1", "sqlite_submit_slowest_ms", ours.slowest_ms, at_most=250)
    else:
        speak.figure("P1", f"{database}_submit_p99_ms", middle(ours.p99s))
        speak.figure("P1", f"{database}_p99_ratio", p99, at_most=1.3)
        speak.figure("P1", "naive_per_second", middle(naive.rates))
        times = middle([a / b for a, b in zip(ours.rates, naive.rates, strict=True)])
        speak.figure("P1", "times_naive", times, at_least=10)
    flow_ms = 2 * middle(flow.cpu_ms)
    speak.figure("P2", f"{database}_flow_cpu_ms", flow_ms)
    speak.figure(
        "P2",
        f"{database}_times_limesurvey_{LIMESURVEY_MS:g}ms",
        LIMESURVEY_MS / flow_ms,
        at_least=30,
    )
    speak.figure(
        "P2", f"{database}_times_survey_and_report_{SURVEY_AND_REPORT_MS:g}ms",
        SURVEY_AND_REPORT_MS / flow_ms, at_least=8,
    )  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        base = {
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VERBATIM_DATA": directory,
            "REDIS_URL": stack.enter_context(valkey_server(Path(directory) / "broker")),
            "BASE_URL": "http://localhost:8000",
            "LOG_LEVEL": "ERROR",
        }
        compare("sqlite", base)
        url = stack.enter_context(postgres_server(Path(directory) / "postgres"))
        compare("postgresql", {**base, "DATABASE_URL": url})
    speak.machine(rounds=ROUNDS)


if __name__ == "__main__":
    main()
