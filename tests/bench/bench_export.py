"""P6 and P7: a million rows out, and many rows in, against what the database itself can do.

`make bench-export`; `SCALE=small` for a check in some minutes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from tests.bench import speak
from tests.bench.filling import fill as fill_fast
from tests.servers import AppServer, app_server, postgres_server

ROWS = 50_000 if speak.is_small() else 1_000_000
ROUNDS = 3
THREADS = 8  # of the web process
IMPORTED = 3_000 if speak.is_small() else 20_000
COLUMNS = "id,survey,submitted_at,score,band,comment,channel,standing,language,sentiment,compound,"
COLUMNS += "themes,external_id,contact_email,contact_name,properties"


# ---- What is exported ------------------------------------------------------------------

# One answer a minute, two of three with a comment, one of two with a theme, five a person.
_FILL = """
INSERT INTO surveys_contact (email, name, language, properties, is_demo, created_at, updated_at)
SELECT 'c' || n || '@example.com', 'Person ' || n, 'en', '{{"plan": "Growth", "seats": 25}}',
    {false}, '2026-01-01', '2026-01-01' FROM ({numbers}) AS s WHERE n % 5 = 0;
INSERT INTO surveys_invitation (survey_id, contact_id, channel, state, reason, nonce, key_id,
    token_hash, properties, created_at, expires_at)
SELECT (SELECT min(id) FROM surveys_survey), (SELECT min(id) FROM surveys_contact)
    + n % (SELECT count(*) FROM surveys_contact), 'email', 'sent', '', {nonce}, 'a', {hash},
    '{{}}', '2026-01-01', '2026-01-01' FROM ({numbers}) AS s;
INSERT INTO feedback_response (invitation_id, survey_id, contact_id, score, comment, language,
    channel, properties, standing, version, submitted_at, submitted_date, external_id)
SELECT i.id, i.survey_id, i.contact_id, i.id % 11, CASE i.id % 3 WHEN 0 THEN '' ELSE
    'Support answered within the hour and the new bank feed simply works. Thank you! ' || i.id END,
    'en', 'email', '{{"plan": "Growth", "seats": 25}}', 'counted', 1, {moment}, '2026-01-01', ''
FROM surveys_invitation i;
INSERT INTO feedback_reading (response_id, version, response_version, language, sentiment,
    read_sentiment, reason, compound, confidence, clauses, read_at)
SELECT id, '1', 1, 'en', 'positive', 'positive', '', 0.5, 0.9, '[]', '2026-01-01'
FROM feedback_response WHERE comment <> '';
INSERT INTO feedback_mention (response_id, theme_id, start, "end", sentiment, compound)
SELECT id, (SELECT min(id) FROM feedback_theme), 3, 8, 'positive', 0.5 FROM feedback_response
WHERE id % 2 = 0;
"""
_FILLED = [
    "surveys_contact", "surveys_invitation", "feedback_response", "feedback_reading",
    "feedback_mention",
]  # fmt: skip
_POSTGRES = {
    "false": "false",
    "numbers": f"SELECT generate_series(1, {ROWS}) AS n",
    "nonce": "'\\x00'",
    "hash": "sha256(n::text::bytea)",
    "moment": "timestamptz '2026-01-01' - make_interval(mins => i.id::int)",
}
_SQLITE = {
    "false": "0",
    "numbers": f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {ROWS}) "
    "SELECT n FROM c",
    "nonce": "x'00'",
    "hash": "CAST(n AS BLOB)",
    "moment": "datetime('2026-01-01', '-' || i.id || ' minutes')",
}
# The same rows and columns, written by the database alone: no guard, no HTTP, no Django.
_PLAIN = """
SELECT r.id, s.slug, r.submitted_at, r.score,
    CASE WHEN r.score >= 9 THEN 'promoter' WHEN r.score >= 7 THEN 'passive' ELSE 'detractor' END,
    r.comment, r.channel, r.standing, g.language, g.sentiment, g.compound,
    (SELECT {joined} FROM (SELECT DISTINCT t.slug FROM feedback_mention m
        JOIN feedback_theme t ON t.id = m.theme_id WHERE m.response_id = r.id) x),
    r.external_id, c.email, c.name, r.properties
FROM feedback_response r JOIN surveys_survey s ON s.id = r.survey_id
LEFT JOIN surveys_contact c ON c.id = r.contact_id
LEFT JOIN feedback_reading g ON g.response_id = r.id
ORDER BY r.submitted_at DESC, r.id DESC"""

_PREPARE = """
import django; django.setup()
from surveys.access import create_key
from surveys.models import Brand, Survey
from surveys import services
survey = Survey.objects.create(
    slug="bench", name="Bench", kind="nps", brand=Brand.objects.create(name="Kestrel"))
services.go_live(survey)
print(create_key(name="bench", scopes=["read", "write"])[1])
"""


# What an importer or the demo calls: no HTTP, no JSON.
_SERVICE = """
import sys, time, django; django.setup()
from datetime import datetime, UTC
from feedback.imports import ImportRow, import_responses
from surveys.models import Survey
survey, at = Survey.objects.get(), datetime(2026, 3, 1, 10, tzinfo=UTC)
comment = "Support answered within the hour and the new bank feed works. Thanks!"
rows = [ImportRow(score=n % 11, comment=comment, submitted_at=at,
                  properties={"plan": "Growth", "seats": 25}) for n in range(1000)]
import_responses(survey, rows)
started = time.perf_counter()
for _ in range(int(sys.argv[1]) // 1000):
    import_responses(survey, rows)
print(time.perf_counter() - started)
"""


@dataclass(frozen=True, slots=True)
class World:
    """A filled database behind a running product."""

    app: AppServer
    key: str
    environment: dict[str, str]
    plain: Callable[[], float]  # seconds the database alone needs for the same file
    load: Callable[[], float] | None  # seconds COPY needs for IMPORTED answers

    def pid(self) -> int:
        """Return the gunicorn worker: the youngest child of the master."""
        master = self.app.program.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return int(children[-1])


def _environment(url: str, data: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "VERBATIM_DATA": data,
        "API_CALLS_PER_MINUTE": "1000000",
        "OUTBOX_BELL": "false",
        "LOG_LEVEL": "WARNING",
    }


def _migrated(environment: dict[str, str]) -> str:
    """Make the tables and an API key; return the key."""
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@contextmanager
def postgres_world() -> Iterator[World]:
    with postgres_server() as url, tempfile.TemporaryDirectory() as data:
        environment = _environment(url, data)
        key = _migrated(environment)
        with psycopg.connect(url, autocommit=True) as connection:
            fill_fast(connection, _FILLED, _FILL.format(**_POSTGRES))
            plain = _PLAIN.format(joined="string_agg(slug, '|')")
            with app_server(environment) as app:
                copy, load = (lambda: _copy(connection, plain)), (lambda: _load(connection))
                yield World(app, key, environment, copy, load)


def _copy(connection: psycopg.Connection[Any], select: str) -> float:
    started = time.perf_counter()
    statement: Any = f"COPY ({select}) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - started


@contextmanager
def sqlite_world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as data:
        file = Path(data) / "bench.sqlite3"
        environment = _environment(f"sqlite:///{file}", data)
        key = _migrated(environment)
        subprocess.run(["sqlite3", file, _FILL.format(**_SQLITE) + "ANALYZE;"], check=True)
        plain = _PLAIN.format(joined="group_concat(slug, '|')")
        with app_server(environment) as app:
            yield World(app, key, environment, lambda: _cli(file, plain), None)


def _cli(file: Path, select: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        ["sqlite3", "-csv", "-readonly", file, select], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


# ---- Exports ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Download:
    seconds: float
    first_byte: float
    rows: int


def download(world: World, path: str) -> Download:
    """Read a file from the product as it comes, counting its lines."""
    request = (
        f"GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {world.key}\r\n\r\n"
    )
    started = time.perf_counter()
    first, lines = 0.0, 0
    with socket.create_connection(("127.0.0.1", world.app.port), timeout=300) as connection:
        connection.sendall(request.encode())
        while piece := connection.recv(262_144):
            first = first or time.perf_counter() - started
            lines += piece.count(b"\n")
    return Download(time.perf_counter() - started, first, lines)


def memory(pid: int, field: str) -> float:
    """Return a process's VmRSS or VmHWM in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024


def compare_exports(name: str, world: World, *, at_least: float) -> None:
    """Run both sides in turn and print the figures of one database."""
    csv_path = f"responses/export.csv?columns={COLUMNS}"
    download(world, "responses?page_size=500")
    Path(f"/proc/{world.pid()}/clear_refs").write_text("5")  # begin the high-water mark anew
    before = memory(world.pid(), "VmRSS")
    plain, ours, jsonl = [], [], []
    for _ in range(ROUNDS):
        plain.append(world.plain())
        ours.append(download(world, csv_path))
        jsonl.append(download(world, "responses/export.jsonl"))
    if min(found.rows for found in ours) < ROWS:
        raise RuntimeError(f"an export stopped early: {ours}")
    alone = speak.median(plain)
    taken = speak.median([found.seconds for found in ours])
    speak.figure("P6", f"{name}_csv_of_database_alone", alone / taken, at_least=at_least)
    speak.figure("P6", f"{name}_csv_rows_per_second", ROWS / taken)
    seconds = speak.median([found.seconds for found in jsonl])
    speak.figure("P6", f"{name}_jsonl_rows_per_second", ROWS / seconds)
    first = speak.median([found.first_byte for found in ours])
    speak.figure("P6", f"{name}_first_byte_seconds", first, at_most=0.3)
    growth = memory(world.pid(), "VmHWM") - before
    speak.figure("P6", f"{name}_memory_growth_mb", max(growth, 0.1), at_most=32)
    compare_parquet(name, world)


def compare_parquet(name: str, world: World) -> None:
    """Print what typed files cost: more rows must not take more memory than a few.

    Files of two row groups come first: one loads the library, and each thread of the server keeps
    some MB of what writing took, whatever the number of rows.
    """
    small = f"responses/export.parquet?columns={COLUMNS}&until={_early(6000)}"
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _file: download(world, small), range(4 * THREADS)))
    Path(f"/proc/{world.pid()}/clear_refs").write_text("5")
    before = memory(world.pid(), "VmRSS")
    files = [download(world, f"responses/export.parquet?columns={COLUMNS}") for _ in range(ROUNDS)]
    seconds = speak.median([found.seconds for found in files])
    speak.figure("P6", f"{name}_parquet_rows_per_second", ROWS / seconds)
    growth = memory(world.pid(), "VmHWM") - before
    speak.figure("P6", f"{name}_parquet_memory_growth_mb", max(growth, 0.1), at_most=32)


# ---- Pages -----------------------------------------------------------------------------


def fetch(world: World, path: str, body: Any = None) -> Any:
    """Return the JSON of one call."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {world.key}", "Content-Type": "application/json"}
    request = Request(f"{world.app.url}/api/v1/{path}", data=data, headers=headers)
    with urlopen(request, timeout=120) as reply:
        return json.load(reply)


def compare_pages(name: str, world: World) -> None:
    """Print what the last page costs of the first: both are full pages of 50."""
    oldest = fetch(world, "responses?page_size=1&until=" + _early())["results"]
    first, last = [], []
    path = f"responses?page_size=50&until={oldest[0]['submitted_at']}"
    for _ in range(10 * ROUNDS):
        for found, address in ((first, "responses?page_size=50"), (last, path)):
            started = time.perf_counter()
            if len(fetch(world, address)["results"]) != 50:
                raise RuntimeError(f"not a full page: {address}")
            found.append(time.perf_counter() - started)
    ratio = speak.median(last) / speak.median(first)
    speak.figure("P6", f"{name}_last_page_of_first", ratio, at_most=1.2)


def _early(rows: int = 100) -> str:
    """Return an instant after about so many of the oldest answers."""
    from datetime import datetime, timedelta

    newest = datetime(2026, 1, 1)
    return (newest - timedelta(minutes=ROWS - rows)).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- Bringing in -----------------------------------------------------------------------

_TABLES = ("surveys_invitation", "feedback_response", "outbox_job")


def _load(connection: psycopg.Connection[Any]) -> float:
    """Return the seconds COPY needs for the rows of IMPORTED answers in the same three tables."""
    with connection.cursor() as cursor:
        rows = {}
        for table in _TABLES:
            cursor.execute(f"SELECT max(id) - {IMPORTED} FROM {table}")  # type: ignore[arg-type]
            (above,) = cursor.fetchone() or (0,)
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE id > {above}) TO STDOUT") as copy:  # type: ignore[arg-type]
                rows[table] = b"".join(bytes(block) for block in copy)
        for table in reversed(_TABLES):
            cursor.execute(
                f"DELETE FROM {table} WHERE id > (SELECT max(id) - {IMPORTED} FROM {table})"
            )  # type: ignore[arg-type]
        started = time.perf_counter()
        for table in _TABLES:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:  # type: ignore[arg-type]
                copy.write(rows[table])
        return time.perf_counter() - started


def bring_in(world: World) -> float:
    """Send IMPORTED answers, 1,000 a call; return the seconds it took."""
    rows = [
        {
            "score": number % 11,
            "comment": "Support answered within the hour and the new bank feed works. Thanks!",
            "submitted_at": "2026-03-01T10:00:00Z",
            "channel": "import",
            "properties": {"plan": "Growth", "seats": 25},
        }
        for number in range(1000)
    ]
    seconds = 0.0
    for _ in range(IMPORTED // 1000):
        started = time.perf_counter()
        body = fetch(world, "responses/bulk", {"survey": "bench", "responses": rows})
        seconds += time.perf_counter() - started
        if body["counts"] != {"created": 1000}:
            raise RuntimeError(f"answers were refused: {body['counts']}")
    return seconds


def ingest(world: World) -> float:
    """Store IMPORTED answers through the service; return the seconds it took."""
    done = subprocess.run(
        [sys.executable, "-c", _SERVICE, str(IMPORTED)],
        env=world.environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout)


def compare_imports(name: str, world: World) -> None:
    called, ingested, loaded = [], [], []
    for _ in range(3):
        called.append(bring_in(world))
        ingested.append(ingest(world))
        if world.load:
            loaded.append(world.load())
    speak.figure("P7", f"{name}_api_answers_per_second", IMPORTED / speak.median(called))
    speak.figure("P7", f"{name}_ingest_answers_per_second", IMPORTED / speak.median(ingested))
    if loaded:
        alone = speak.median(loaded)
        speak.figure("P7", f"{name}_api_of_copy", alone / speak.median(called))
        ratio = alone / speak.median(ingested)
        speak.figure("P7", f"{name}_ingest_of_copy", ratio, at_least=0.3)


def main() -> None:
    for name, world_of, at_least in (
        ("postgresql", postgres_world, 0.5),
        ("sqlite", sqlite_world, 0.2),
    ):
        with world_of() as world:
            compare_exports(name, world, at_least=at_least)
            compare_pages(name, world)
            compare_imports(name, world)
    speak.machine(rounds=ROUNDS)
    speak.publish("export")


if __name__ == "__main__":
    main()
