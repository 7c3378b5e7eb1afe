"""Customer metrics at size (P5, P7, P10): every page warm, facts in bulk beside COPY of their rows.

Figures of so many facts are computed ahead by the outbox, as in life; how long that takes is said,
and how much memory the process gains while it does: no more at the full scale than at a tenth.
Tickets and uploaded files are also measured alone, at three sizes in one run.

Full scale is 100 thousand customers, 1 million states of subscriptions, 10 million usage events,
500 thousand tickets and 1 million parts of contacts; SCALE=medium a tenth of it, SCALE=small
a hundredth.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from tests.bench import speak
from tests.bench.filling import fill
from tests.bench.success_memory import compare_memory
from tests.servers import AppServer, app_server, postgres_server

SHRINK = {"small": 100, "medium": 10}.get(os.environ.get("SCALE", ""), 1)
CUSTOMERS = 100_000 // SHRINK
ROUNDS = 5
LINES = 250_000 // SHRINK  # of an uploaded file
INGESTED = 20_000 if SHRINK == 100 else 100_000
MOST_GROWTH_MB = 64
"""Resident memory a process may gain over what it has when it begins, whatever the scale."""

# Ten states a customer over three years; a hundred events a customer in the last year.
_FILL = """
INSERT INTO surveys_customer (external_id, name, properties, is_internal, is_demo, created_at)
SELECT 'c' || n, 'Customer ' || n, '{{}}', false, false, now()
    FROM generate_series(1, {customers}) AS n;
INSERT INTO success_subscriptionstate (external_id, customer_id, at, until, status, plan, amount,
    currency, quantity, "interval", interval_count, tax, discount, discount_amount, is_forever,
    is_metered, cause, monthly, is_demo)
SELECT 's' || c.id, c.id, begun + step * interval '100 days',
    CASE WHEN step < 9 THEN begun + (step + 1) * interval '100 days' END,
    CASE WHEN (c.id + step) % 12 = 0 THEN 'cancelled' ELSE 'active' END, 'Growth',
    10 + (c.id + step) % 90, 'EUR', 1, 'month', 1, 0, 0, 0, false, false, '',
    CASE WHEN (c.id + step) % 12 = 0 THEN 0 ELSE 10 + (c.id + step) % 90 END, false
FROM (SELECT id, now() - interval '1000 days' - (id % 90) * interval '1 day' AS begun
      FROM surveys_customer) AS c, generate_series(0, 9) AS step;
INSERT INTO success_usageevent (external_id, "user", customer_id, at, day, name, feature, kind,
    page, is_core, is_internal, is_demo)
SELECT 'e' || c.id || '-' || n, 'u' || c.id || '-' || n % 3, c.id, at, at::date, 'saved',
    CASE n % 4 WHEN 0 THEN 'reports' ELSE '' END, '', '', true, false, false
FROM (SELECT c.id, n, now() - ((c.id * 7919 + n * 104729) % 525600) * interval '1 minute' AS at
      FROM surveys_customer c, generate_series(1, 100) AS n) AS c;
"""
_PREPARE = """
import django; django.setup()
from django.contrib.auth import get_user_model
from django.test import Client
user = get_user_model().objects.create_superuser("bench", "bench@example.com", "bench")
client = Client(); client.force_login(user)
[cookie] = client.cookies.values()
print(f"{cookie.key}={cookie.value}")
"""
_MEMORY = """
import resource
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
"""
_INGEST = (
    _MEMORY
    + """
import sys, time, django; django.setup()
from analytics.success.intake import take_in
from analytics.success.kinds import KINDS
start, rows = int(sys.argv[1]), int(sys.argv[2])
seconds, memory = 0, []
for first in range(start, start + rows, 5000):
    part = [
        {"external_id": f"in-{n}", "user": f"u{n % 999}", "customer": f"c{n % 900 + 1}",
         "at": "2026-03-01T10:00:00Z", "name": "saved", "feature": "reports"}
        for n in range(first, first + 5000)
    ]
    started = time.perf_counter()
    assert take_in(KINDS["usage-events"], part).created == 5000
    seconds += time.perf_counter() - started
    memory.append(most())
print(seconds, memory[-1], memory[-1] - memory[1])
"""
)
_COMPUTE = (
    _MEMORY
    + """
import time, django; django.setup()
import numpy, scipy.special
from analytics.success.daily import HEALTH, HEALTH_PART, PLAN, at_once, plan_now
from analytics.success.keeping import FIGURES
from outbox.drain import drain
from outbox.jobs import enqueue
from outbox.models import Job
before = resident()
enqueue([plan_now(), at_once()])
for first, rest in ((PLAN, FIGURES), (HEALTH, HEALTH_PART)):
    started = time.perf_counter()
    drain(first)
    while drain(rest):
        pass
    print(time.perf_counter() - started)
    assert not Job.objects.filter(kind=rest).exclude(state="done").exists()
print(most(), most() - before)
"""
)
_KEY = """
import django; django.setup()
from surveys.access import create_key
print(create_key(name="bench", scopes=["read"])[1])
"""


@dataclass(frozen=True, slots=True)
class World:
    app: AppServer
    cookie: str
    environment: dict[str, str]
    connection: psycopg.Connection[Any]


@contextmanager
def world() -> Iterator[World]:
    with postgres_server() as url, tempfile.TemporaryDirectory() as data:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url,
            "VERBATIM_DATA": data,
            "OUTBOX_BELL": "false",
            "LOG_LEVEL": "WARNING",
        }
        for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
        cookie = _python(environment, _PREPARE)
        with psycopg.connect(url, autocommit=True) as connection:
            tables = ["success_subscriptionstate", "success_usageevent"]
            fill(connection, tables, _FILL.format(customers=CUSTOMERS))
            with app_server(environment) as app:
                yield World(app, cookie, environment, connection)


def _python(environment: dict[str, str], code: str, *args: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


# ---- Pages ---------------------------------------------------------------------------


def slugs(here: World) -> list[str]:
    code = "import django; django.setup()\nfrom analytics.success.catalogue import METRICS\n"
    return _python(here.environment, code + "print(*METRICS)").split()


def open_address(url: str, headers: dict[str, str]) -> float:
    started = time.perf_counter()
    with urlopen(Request(url, headers=headers), timeout=600) as reply:
        reply.read()
    return time.perf_counter() - started


def compute_ahead(here: World) -> None:
    """Have the worker's code compute every figure and place every account that is kept."""
    figures, accounts, most_mb, more_mb = _python(here.environment, _COMPUTE).split()
    speak.figure("P5", "figures_ahead_seconds", float(figures))
    speak.figure("P5", "accounts_ahead_seconds", float(accounts))
    speak.figure("P10", "ahead_memory_at_most_mb", float(most_mb))
    speak.figure("P10", "ahead_memory_growth_mb", float(more_mb), at_most=MOST_GROWTH_MB)


def compare_pages(here: World) -> None:
    """Print the slowest of the rounds of each page, and how many keep within a second."""
    names = slugs(here)
    signed_in = {"Cookie": here.cookie}
    key = {"Authorization": f"Bearer {_python(here.environment, _KEY)}"}
    pages = {"overview": f"{here.app.url}/admin/metrics/"}
    pages |= {slug: f"{here.app.url}/admin/metrics/{slug}/" for slug in names}
    pages |= {"accounts": f"{here.app.url}/admin/accounts/"}
    pages |= {"account": f"{here.app.url}/admin/accounts/{CUSTOMERS // 2}/"}
    compare("page", pages, signed_in)
    api = f"{here.app.url}/api/v1/metrics"
    calls = {f"{slug}_value": f"{api}/{slug}" for slug in names}
    calls |= {f"{slug}_series": f"{api}/{slug}/series" for slug in names}
    calls |= {"accounts": f"{here.app.url}/api/v1/accounts?band=red"}
    compare("api", calls, key)


def compare(what: str, addresses: dict[str, str], headers: dict[str, str]) -> None:
    slowest = {}
    for name, address in addresses.items():
        open_address(address, headers)
        slowest[name] = max(open_address(address, headers) for _ in range(ROUNDS))
    for name, seconds in slowest.items():
        if what == "page" or seconds > 1:
            speak.figure("P5", f"{what}_{name}_seconds", seconds)
    within = sum(seconds <= 1 for seconds in slowest.values())
    speak.figure("P5", f"{what}s_within_a_second_of_all", within / len(slowest), at_least=1)
    speak.figure("P5", f"slowest_{what}_seconds", max(slowest.values()), at_most=1)


# ---- Bringing in ---------------------------------------------------------------------


def load(here: World) -> float:
    """Return the seconds COPY needs for the newest INGESTED events, same table and indexes."""
    newest = f"SELECT id FROM success_usageevent ORDER BY id DESC LIMIT {INGESTED}"
    with here.connection.cursor() as cursor:
        with cursor.copy(
            f"COPY (SELECT * FROM success_usageevent WHERE id IN ({newest})) TO STDOUT"  # type: ignore[arg-type]
        ) as copy:
            rows = b"".join(bytes(block) for block in copy)
        cursor.execute(f"DELETE FROM success_usageevent WHERE id IN ({newest})")  # type: ignore[arg-type]
        started = time.perf_counter()
        with cursor.copy("COPY success_usageevent FROM STDIN") as copy:
            copy.write(rows)
        return time.perf_counter() - started


def compare_ingest(here: World) -> None:
    taken, loaded, memory = [], [], []
    for round_ in range(3):
        told = _python(here.environment, _INGEST, round_ * INGESTED, INGESTED).split()
        seconds, *mb = map(float, told)
        taken.append(seconds)
        memory.append(mb)
        loaded.append(load(here))
    ours, alone = speak.median(taken), speak.median(loaded)
    speak.figure("P7", "facts_rows_per_second", INGESTED / ours)
    speak.figure("P7", "facts_of_copy", alone / ours, at_least=0.3)
    most_mb, more_mb = (max(column) for column in zip(*memory, strict=True))
    speak.figure("P10", "facts_memory_at_most_mb", most_mb)
    speak.figure("P10", "facts_memory_growth_mb", more_mb, at_most=MOST_GROWTH_MB)


def memory(here: World) -> float:
    """Return the resident memory of the web process in MB."""
    master = here.app.program.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    status = Path(f"/proc/{children[-1]}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    with world() as here:
        compare_ingest(here)
        compare_memory(
            here.connection,
            lambda code, *args: _python(here.environment, code, *args),
            customers=CUSTOMERS,
            rows=LINES,
        )
        compute_ahead(here)
        compare_pages(here)
        speak.figure("P10", "web_memory_at_most_mb", memory(here))
    speak.say(f"customers {CUSTOMERS} states {CUSTOMERS * 10} events {CUSTOMERS * 100}")
    speak.machine(rounds=ROUNDS)
    speak.publish("success")


if __name__ == "__main__":
    main()
