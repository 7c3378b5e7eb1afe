"""P5: a survey's page at any number of responses, beside a page that counts them itself.

`make bench-numbers` builds 10 thousand to 5 million responses on PostgreSQL and up
to a million on SQLite, all within the twelve months the page shows; `SCALE=small`
stops at 100 thousand, `MOST=1000000` at a million, `ON=postgresql` leaves SQLite out.
Each figure is given twice: of a page whose numbers stand still, and of one on which a
number changes before every fetch. `cpu` is the web process's own time: unlike a
latency it says something on a busy machine. Export speed and memory are printed by
`make bench-export`, which `make bench-numbers` runs first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg

from tests.bench import speak
from tests.bench.filling import fill as fill_fast
from tests.servers import AppServer, app_server, postgres_server

_MOST = int(os.environ.get("MOST", 100_000 if speak.is_small() else 5_000_000))
SIZES = [size for size in (10_000, 100_000, 1_000_000, 5_000_000) if size <= _MOST]
SQLITE_MOST = 1_000_000
ROUNDS = 3 if speak.is_small() else 5
PAGES = 20  # fetches of the page a round
PATH = "/admin/surveys/bench/?period=12m"

# Two of three answers have a comment that was read; each of these names one of eight themes.
_FILL = """
INSERT INTO surveys_invitation (survey_id, channel, state, reason, nonce, key_id, token_hash,
    properties, created_at, sent_at, expires_at)
SELECT (SELECT min(id) FROM surveys_survey), 'email', 'sent', '', {nonce}, 'a', {hash}, '{{}}',
    {moment}, {moment}, {moment} FROM ({numbers}) AS s;
INSERT INTO feedback_response (invitation_id, survey_id, score, comment, language, channel,
    properties, standing, version, submitted_at, submitted_date, external_id)
SELECT i.id, i.survey_id, (i.id * 7919) % 11, CASE i.id % 3 WHEN 0 THEN '' ELSE
    'Support answered within the hour and the new bank feed simply works. Thank you! ' || i.id END,
    'en', 'email', '{{}}', 'counted', 1, i.sent_at, {day}, '' FROM surveys_invitation i
WHERE i.id > (SELECT coalesce(max(invitation_id), 0) FROM feedback_response);
INSERT INTO feedback_reading (response_id, version, response_version, language, sentiment,
    read_sentiment, reason, compound, confidence, clauses, read_at)
SELECT id, '1', 1, 'en', CASE id % 4 WHEN 0 THEN 'negative' ELSE 'positive' END, 'positive', '',
    0.5, 0.9, '[]', submitted_at FROM feedback_response
WHERE comment <> '' AND id > (SELECT coalesce(max(response_id), 0) FROM feedback_reading);
INSERT INTO feedback_mention (response_id, theme_id, start, "end", sentiment, compound)
SELECT r.id, (SELECT min(id) FROM feedback_theme) + r.id % 8, 3, 8, 'positive', 0.5
FROM feedback_response r
WHERE r.comment <> '' AND r.id > (SELECT coalesce(max(response_id), 0) FROM feedback_mention);
"""
_TABLES = [
    "surveys_invitation", "feedback_response", "feedback_reading", "feedback_mention",
]  # fmt: skip
_POSTGRES = {
    "nonce": "'\\x00'",
    "hash": "sha256(n::text::bytea)",
    "moment": "now() - make_interval(days => (n % 364)::int)",
    "day": "i.sent_at::date",
}
_SQLITE = {
    "nonce": "x'00'",
    "hash": "CAST(n AS BLOB)",
    "moment": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (n % 364) || ' days')",
    "day": "date(i.sent_at)",
}
_PREPARE = """
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from surveys.models import Brand, Survey
from surveys import services
survey = Survey.objects.create(
    slug="bench", name="Bench", kind="nps", brand=Brand.objects.create(name="Kestrel"))
services.go_live(survey)
user = get_user_model().objects.create_superuser("bench", "bench@example.com", "bench")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
# As a recount leaves it: another number, and another stamp on all that was kept of the old one.
_CHANGE = """
UPDATE scores_weektally SET score_9 = score_9 + 1 WHERE id = (
    SELECT max(id) FROM scores_weektally WHERE facet = 'all');
UPDATE scores_tallystamp SET stamp = stamp - 1"""
_RECOUNT = """
import time, django; django.setup()
from datetime import timedelta
from analytics.scores.tallies import recount
from analytics.periods import today
from surveys.models import Survey
survey, day = Survey.objects.get().pk, today()
started = time.perf_counter()
for back in range(0, 370, 10):
    recount(survey, [day - timedelta(days=back + n) for n in range(10)])
print(time.perf_counter() - started)
"""
# What an afternoon writes: the figures of the same page, aggregated from the answers by the ORM.
_NAIVE = """
import json, sys, time, django; django.setup()
from django.db.models import Avg, Count, Q
from django.db.models.functions import TruncWeek
from feedback.models import Mention, Response
def page():
    answers = Response.objects.filter(survey__slug="bench", standing="counted")
    nps = dict(n=Count("pk"), good=Count("pk", filter=Q(score__gte=9)),
               bad=Count("pk", filter=Q(score__lte=6)))
    answers.aggregate(**nps)
    list(answers.values("score").annotate(n=Count("pk")).order_by("score"))
    list(answers.annotate(week=TruncWeek("submitted_at")).values("week").annotate(**nps))
    list(answers.exclude(comment="").values("reading__sentiment").annotate(n=Count("pk")))
    list(Mention.objects.filter(response__in=answers).values("theme__slug").annotate(
        n=Count("response", distinct=True), score=Avg("response__score")))
times = []
for _ in range(int(sys.argv[1])):
    started = time.perf_counter(); page(); times.append(time.perf_counter() - started)
print(json.dumps(times))
"""


@dataclass(frozen=True, slots=True)
class World:
    """A running product whose database can be filled further: `fill(first, last)`."""

    name: str
    app: AppServer
    session: str
    environment: dict[str, str]
    fill: Callable[[int, int], None]
    change: Callable[[], None]  # one number of the page

    def cpu_seconds(self) -> float:
        """Return the user and system time of the web process so far."""
        ticks = 0
        for pid in self.app.program.children():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _environment(url: str, data: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "VERBATIM_DATA": data,
        "TIME_ZONE": "UTC",
        "OUTBOX_BELL": "false",
        "LOG_LEVEL": "WARNING",
    }


def _run(environment: dict[str, str], code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def _session(environment: dict[str, str]) -> str:
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
    return _run(environment, _PREPARE)


@contextmanager
def postgres_world() -> Iterator[World]:
    with postgres_server() as url, tempfile.TemporaryDirectory() as data:
        environment = _environment(url, data)
        session = _session(environment)
        with psycopg.connect(url, autocommit=True) as connection:

            def fill(first: int, last: int) -> None:
                numbers = f"SELECT generate_series({first}, {last}) AS n"
                fill_fast(connection, _TABLES, _FILL.format(numbers=numbers, **_POSTGRES))

            def change() -> None:
                connection.execute(_CHANGE)

            with app_server(environment) as app:
                yield World("postgresql", app, session, environment, fill, change)


@contextmanager
def sqlite_world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as data:
        file = Path(data) / "bench.sqlite3"
        environment = _environment(f"sqlite:///{file}", data)
        session = _session(environment)

        def fill(first: int, last: int) -> None:
            numbers = (
                f"WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c "
                f"WHERE n < {last}) SELECT n FROM c"
            )
            statements = _FILL.format(numbers=numbers, **_SQLITE) + "ANALYZE;"
            subprocess.run(["sqlite3", file, statements], check=True)

        def change() -> None:
            subprocess.run(["sqlite3", "-cmd", ".timeout 5000", file, _CHANGE], check=True)

        with app_server(environment) as app:
            yield World("sqlite", app, session, environment, fill, change)


def page_seconds(world: World, *, changes: bool = False) -> list[float]:
    """Fetch the page PAGES times, after a change each if wanted; return what each took."""
    times = []
    for _ in range(PAGES):
        if changes:
            world.change()
        request = Request(world.app.url + PATH, headers={"Cookie": f"sessionid={world.session}"})
        started = time.perf_counter()
        with urlopen(request, timeout=120) as reply:
            body = reply.read()
        times.append(time.perf_counter() - started)
        if b"of comments are positive" not in body:
            raise RuntimeError(f"this is not the page: {reply.url} {body[:300]!r}")
    return times


def at(times: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(world: World, size: int) -> float:
    """Print the figures of one size; return the page's median in milliseconds."""
    recounted = float(_run(world.environment, _RECOUNT))
    page_seconds(world)
    ours: list[float] = []
    moved: list[float] = []
    naive: list[float] = []
    cpu = [0.0, 0.0]
    for _ in range(ROUNDS):
        for kind, times in enumerate((ours, moved)):
            before = world.cpu_seconds()
            times += page_seconds(world, changes=bool(kind))
            cpu[kind] += world.cpu_seconds() - before
        naive += json.loads(_run(world.environment, _NAIVE, "1"))
    label = f"{world.name}_{size}"
    median = at(ours, 0.5)
    speak.figure("P5", f"{label}_page_p50_ms", median, at_most=50)
    speak.figure("P5", f"{label}_page_p95_ms", at(ours, 0.95))
    speak.figure("P5", f"{label}_page_p99_ms", at(ours, 0.99), at_most=100)
    speak.figure("P5", f"{label}_page_cpu_ms", 1000 * cpu[0] / len(ours))
    speak.figure("P5", f"{label}_changed_page_p50_ms", at(moved, 0.5), at_most=50)
    speak.figure("P5", f"{label}_changed_page_cpu_ms", 1000 * cpu[1] / len(moved))
    ratio = at(naive, 0.5) / median
    speak.figure("P5", f"{label}_naive_of_page", ratio, at_least=100 if size == 1_000_000 else 0)
    speak.figure("P5", f"{label}_recount_us_per_response", 1e6 * recounted / size)
    return median


def main() -> None:
    worlds = {"postgresql": (postgres_world, SIZES[-1]), "sqlite": (sqlite_world, SQLITE_MOST)}
    wanted = os.environ.get("ON", "postgresql,sqlite").split(",")
    for world_of, most in (worlds[name] for name in wanted):
        with world_of() as world:
            done, medians = 0, []
            for size in (size for size in SIZES if size <= most):
                world.fill(done + 1, size)
                done = size
                medians.append(measure(world, size))
            growth = medians[-1] / medians[0]
            speak.figure("P5", f"{world.name}_page_growth", growth, at_most=1.5)
    speak.machine(rounds=ROUNDS)
    speak.publish("numbers")


if __name__ == "__main__":
    main()
