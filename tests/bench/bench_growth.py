"""P11: what one answer costs, from the opened link to the number on the page, and at rest.

`make bench-growth` answers COUNT invitations through gunicorn on a durable
PostgreSQL with a Celery worker beside it, and counts the CPU seconds of web,
worker and database, the bytes of every table with its indexes, and the dead
rows left behind. From them follows what two cores carry in a day.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import load, speak
from tests.bench.bench_submit import answers, gunicorn, prepare
from tests.bench.reading_pipeline import cpu_seconds as worker_seconds
from tests.servers import Postgres, Valkey, wait_until, worker_process

COUNT = 1_500 if speak.is_small() else 20_000
WARM = 200
CORES, DAY = 2, 86_400
PEAK = 5  # the busiest hour against the mean of the day
WAITING = """SELECT count(*) FROM outbox_job WHERE state IN ('pending', 'claimed', 'handed')
AND kind IN ('read', 'tally')"""
SIZES = """SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
DEAD = "SELECT relname, n_tup_upd + n_tup_del, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"


def database_seconds(postgres: Postgres) -> float:
    """Return user and system time of the postmaster and all it ever forked."""
    program = postgres._program
    assert program is not None
    ticks = _ticks(program.pid, fields=(11, 12, 13, 14))
    ticks += sum(_ticks(pid, fields=(11, 12)) for pid in program.children())
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int, *, fields: tuple[int, ...]) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0
    return sum(int(stat[field]) for field in fields)


def rows(connection: psycopg.Connection[Any], sql: Any) -> dict[str, tuple[int, ...]]:
    return {name: tuple(values) for name, *values in connection.execute(sql).fetchall()}


def measure(url: str, postgres: Postgres, environment: dict[str, str]) -> None:
    tokens = prepare(environment, COUNT + WARM)
    gets = [load.get(f"/s/{token}?score=9") for token in tokens]
    posts = answers(tokens)
    with (
        psycopg.connect(url, autocommit=True) as connection,
        gunicorn("verbatim", "config.wsgi", environment) as web,
        worker_process(environment, concurrency=1) as worker,
    ):

        def is_done() -> bool:
            found = connection.execute(WAITING).fetchone()
            return found is not None and found[0] == 0

        load.run(web.port, gets[:WARM])
        load.run(web.port, posts[:WARM])
        wait_until(is_done, seconds=120, what="the first answers", pause=0.5)
        connection.execute("VACUUM ANALYZE")
        before = rows(connection, SIZES)
        spent = [web.cpu_seconds(), worker_seconds(worker), database_seconds(postgres)]
        load.run(web.port, gets[WARM:])
        opened = web.cpu_seconds() - spent[0]
        load.run(web.port, posts[WARM:])
        wait_until(is_done, seconds=600, what="the answers", pause=0.5)
        now = [web.cpu_seconds(), worker_seconds(worker), database_seconds(postgres)]
        web_cpu, worker_cpu, database_cpu = (b - a for a, b in zip(spent, now, strict=True))
        time.sleep(2)  # statistics of a session are told when it falls idle
        dead = rows(connection, DEAD)
        connection.execute("VACUUM ANALYZE")
        say(web_cpu, opened, worker_cpu, database_cpu)
        say_bytes(before, rows(connection, SIZES))
        say_dead(dead)


def say(web: float, opened: float, worker: float, database: float) -> None:
    """Print the CPU of one answer and what follows from it."""
    parts = {
        "web_page": opened, "web_submit": web - opened, "worker": worker, "database": database,
    }  # fmt: skip
    for name, seconds in parts.items():
        speak.figure("P11", f"cpu_ms_per_answer_{name}", 1000 * seconds / COUNT)
    each = sum(parts.values()) / COUNT
    speak.figure("P11", "cpu_ms_per_answer", 1000 * each)
    most = CORES * DAY / each
    speak.figure("P11", "answers_a_day_two_cores_full", most)
    speak.figure("P11", f"answers_a_day_two_cores_peak_{PEAK}_times_mean", most / PEAK)


def say_bytes(before: dict[str, tuple[int, ...]], after: dict[str, tuple[int, ...]]) -> None:
    """Print what an answer takes at rest, largest table first; jobs go away after a while."""
    grown = {
        name: ((size - before[name][0]) / COUNT, (indexes - before[name][1]) / COUNT)
        for name, (size, indexes) in after.items()
    }
    kept = {name: both for name, both in grown.items() if name != "outbox_job" and both[0] >= 1}
    speak.figure("P11", "bytes_per_answer_kept", sum(size for size, _ in kept.values()))
    speak.figure("P11", "bytes_per_answer_of_done_jobs", grown["outbox_job"][0])
    for name, (size, indexes) in sorted(kept.items(), key=lambda item: -item[1][0])[:8]:
        speak.say(f"P11 bytes_per_answer {name} {size:.0f} of them indexes {indexes:.0f}")


def say_dead(dead: dict[str, tuple[int, ...]]) -> None:
    """Print the dead rows an answer leaves, and how many updates touched no index."""
    worst = sorted(dead.items(), key=lambda item: -item[1][0])[:5]
    for name, (gone, updated, hot) in worst:
        share = hot / updated if updated else 0
        speak.say(f"P11 dead_rows_per_answer {name} {gone / COUNT:.2f} hot updates {share:.0%}")


def main() -> None:
    postgres, broker = Postgres(), Valkey()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as data:
        try:
            postgres.start()
            broker.start()
            environment = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_URL": postgres.url,
                "REDIS_URL": broker.url,
                "VERBATIM_DATA": data,
                "EMAIL_URL": "smtp://127.0.0.1:1",
                "LOG_LEVEL": "INFO",
            }
            measure(postgres.url, postgres, environment)
        finally:
            broker.remove()
            postgres.remove()
    speak.machine(rounds=1)
    speak.publish("growth")


if __name__ == "__main__":
    main()
