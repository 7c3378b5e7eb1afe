"""P4: comments through outbox and Celery workers on PostgreSQL, against plain VADER in a loop.

A part of `make bench-reading`. Fetch, read, write and tally
are the workers'; what PostgreSQL itself takes is not in their CPU seconds, but in the rates.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import speak
from tests.bench.bench_reading import LENGTHS, written_comments
from tests.servers import Valkey, Worker, postgres_server, worker_process

ROUNDS = 3 if speak.is_small() else 5
# Long enough that the bell and the last recount, which no second worker shortens, weigh little.
COUNT = 2_000 if speak.is_small() else 40_000
SETTLING = 2_000
BURST = 2_000 if speak.is_small() else 10_000
STEADY_RATE, STEADY_SECONDS = 100, 5 if speak.is_small() else 20
POLL = 0.05
DEADLINE = 120.0


# ---- The machines ----------------------------------------------------------------------


def prepare(environment: dict[str, str]) -> None:
    """Point this process at the fresh servers, migrate, use the themes of a general business."""
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command

    from feedback.models import Theme
    from feedback.text.presets import INDUSTRY_PRESETS

    call_command("migrate", verbosity=0)
    Theme.objects.exclude(slug__in=INDUSTRY_PRESETS["general"]).update(is_active=False)


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Yield the environment of fresh servers: a durable PostgreSQL and a broker."""
    broker = Valkey()
    with tempfile.TemporaryDirectory(prefix="verbatim-bench-") as data, postgres_server() as url:
        broker.start()
        try:
            yield {
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "VERBATIM_DATA": data,
                "DATABASE_URL": url,
                "REDIS_URL": broker.url,
                "OUTBOX_BELL": "true",
                "LOG_LEVEL": "ERROR",
            }
        finally:
            broker.remove()


def cpu_seconds(worker: Worker) -> float:
    """Return user and system time of a worker and its processes so far."""
    ticks = 0
    for pid in (worker.program.pid, *worker.program.children()):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(worker: Worker) -> float:
    """Return the proportional memory of a worker and its processes (PSS)."""
    total = 0
    for pid in (worker.program.pid, *worker.program.children()):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(
            next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]
        )
    return total / 1024


# ---- The answers -------------------------------------------------------------------------


def write_answers(survey: Any, comments: Sequence[str]) -> None:
    """Store answers, each with its outbox row; the bell rings when they are committed."""
    from django.db import transaction

    from tests.feedback.making import answers

    with transaction.atomic():
        answers(survey, comments)


def is_idle() -> bool:
    """Is nothing left to do now? A month that is closed later waits for its day."""
    from django.utils import timezone

    from outbox.models import Job

    waiting = Job.objects.filter(state__in=["pending", "claimed"], due_at__lte=timezone.now())
    return not waiting.exists()


def visible(survey: Any) -> int:
    """Return how many comments a page shows by now: it reads tallies and nothing else."""
    from django.db.models import Sum

    from analytics.scores.models import Tally

    counted = Tally.objects.filter(survey=survey, facet="sentiment")
    return counted.aggregate(n=Sum("count"))["n"] or 0


def wait_for(is_reached: Any) -> float:
    """Return the seconds until `is_reached()`; RuntimeError when that never happens."""
    begun = time.perf_counter()
    while not is_reached():
        if time.perf_counter() - begun > DEADLINE:
            raise RuntimeError(f"the workers did not finish within {DEADLINE:.0f} s")
        time.sleep(POLL)
    return time.perf_counter() - begun


def ring(times: int) -> None:
    """Wake as many worker processes as there are."""
    from outbox.tasks import drain_kind

    for _ in range(times):
        drain_kind.publish("read")


# ---- The figures -------------------------------------------------------------------------


@dataclass(slots=True)
class Side:
    """One number of workers: CPU seconds against VADER's, and comments a second, by round."""

    ratios: list[float]
    rates: list[float]


def vader_seconds(comments: Sequence[str]) -> float:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    begun = time.process_time()
    for comment in comments:
        analyzer.polarity_scores(comment)
    return time.process_time() - begun


def one_round(comments: Sequence[str], worker: Worker, workers: int) -> tuple[float, float]:
    """Return the workers' CPU seconds, all work done, and the seconds until a page shows all.

    They are stored first, as answers of a day of a survey of their own, and read when we ring.
    """
    from django.conf import settings

    settings.OUTBOX_BELL = False
    survey = fresh_survey()
    write_answers(survey, comments)
    settings.OUTBOX_BELL = True
    before, begun = cpu_seconds(worker), time.perf_counter()
    ring(workers)
    wait_for(lambda: visible(survey) >= len(comments))
    taken = time.perf_counter() - begun
    wait_for(is_idle)
    return cpu_seconds(worker) - before, taken


def fresh_survey() -> Any:
    from surveys.models import Survey
    from tests.feedback.making import a_survey

    return a_survey(f"survey-{Survey.objects.count()}")


def settle(comments: Sequence[str], worker: Worker, workers: int) -> None:
    """Bring workers and database to where they are after running for a while."""
    from django.db import connection

    one_round(comments[:SETTLING], worker, workers)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def throughput(environment: dict[str, str]) -> None:
    """Print rates and CPU of one worker and of two, which take turns: the machine drifts."""
    sides = {(length, workers): Side([], []) for length in LENGTHS for workers in (1, 2)}
    memory: dict[int, list[float]] = {1: [], 2: []}
    for length, words in LENGTHS.items():
        comments = written_comments(words, COUNT if length == 15 else COUNT // 4)
        for _ in range(ROUNDS):
            for workers in (1, 2):
                with worker_process(environment, concurrency=workers, with_beat=False) as worker:
                    settle(comments, worker, workers)
                    plain = vader_seconds(comments)
                    spent, taken = one_round(comments, worker, workers)
                    memory[workers].append(memory_mb(worker))
                side = sides[length, workers]
                side.ratios.append(plain / spent)
                side.rates.append(len(comments) / taken)
    for workers, peaks in memory.items():
        speak.figure("P4", f"memory_{workers}_workers_mb", max(peaks))
    for (length, workers), side in sides.items():
        name = f"{length}_words_{workers}_workers"
        goal = 0.65 if length == 15 else 0.0
        ratio, rate = speak.median(side.ratios), speak.median(side.rates)
        speak.figure("P4", f"pipeline_ratio_{name}", ratio, at_least=goal)
        speak.figure("P4", f"comments_per_second_{name}", rate)
    pairs = zip(sides[15, 1].rates, sides[15, 2].rates, strict=True)
    gain = speak.median([two / one for one, two in pairs])
    speak.figure("P4", "two_workers_over_one", gain, at_least=1.8)


def burst(environment: dict[str, str]) -> None:
    """Print how long 95 % of many answers stored at once wait until a page shows them."""
    comments = written_comments(LENGTHS[15], BURST)
    with worker_process(environment, concurrency=2, with_beat=False) as worker:
        settle(comments, worker, 2)
        times = []
        for _ in range(ROUNDS):
            survey = fresh_survey()
            write_answers(survey, comments)
            times.append(wait_for(lambda one=survey: visible(one) >= 0.95 * len(comments)))
            wait_for(is_idle)
    speak.figure("P4", "burst_p95_seconds", speak.median(times), at_most=2)


def steady(environment: dict[str, str]) -> None:
    """Print the same for answers that come one after the other."""
    per_step = int(STEADY_RATE * POLL)
    comments = written_comments(LENGTHS[15], per_step * int(STEADY_SECONDS / POLL))
    stored: list[float] = []
    shown: list[float] = []
    with worker_process(environment, concurrency=2, with_beat=False) as worker:
        settle(comments, worker, 2)
        survey = fresh_survey()
        begun = time.perf_counter()
        while len(shown) < len(comments):
            due = min(len(comments), int((time.perf_counter() - begun) / POLL) * per_step)
            if due > len(stored):
                write_answers(survey, comments[len(stored) : due])
                stored += [time.perf_counter()] * (due - len(stored))
            shown += [time.perf_counter()] * (visible(survey) - len(shown))
            if time.perf_counter() - begun > STEADY_SECONDS + DEADLINE:
                raise RuntimeError("the workers did not keep up")
            time.sleep(POLL / 5)
    waits = sorted(seen - put for put, seen in zip(stored, shown, strict=False))
    speak.figure("P4", "steady_p95_seconds", waits[int(0.95 * len(waits))], at_most=1)


def main() -> None:
    with servers() as environment:
        prepare(environment)
        everything = {**os.environ, **environment}
        throughput(everything)
        burst(everything)
        steady(everything)
        speak.machine(
            rounds=ROUNDS, packages=("Django", "celery", "psycopg", "redis", "vaderSentiment")
        )
