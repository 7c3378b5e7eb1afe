"""What tickets, contacts, referrals and files take in memory: at a hundredth, a tenth, the scale.

Each is worked through by a process of its own, as the outbox does it, so that its peak is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from tests.bench import speak
from tests.bench.filling import fill

Run = Callable[..., str]
"""Run a program of Python with arguments in a process of its own; return what it printed."""
PARTS = {"a_hundredth": 100, "a_tenth": 10, "the_scale": 1}
MOST_GROWTH_MB = 32
"""What the whole scale may take more than a hundredth of it."""
_TABLES = ["success_ticket", "success_contactleg", "success_referral"]
# Five tickets, ten legs and a referral a customer, of 400 days; one ticket of a hundred is open.
_FILL = """
INSERT INTO success_ticket (external_id, customer_id, requester, issue, channel, opened_at,
    first_reply_at, solved_at, inbound_contacts, reopened, is_escalated, is_other_department, flag,
    rating, is_demo)
SELECT 't' || who || '-' || n, CASE WHEN n > 1 THEN who END, 'p' || who, 'i' || n % 3, 'mail', at,
    at + (who + n) % 300 * interval '1 minute',
    CASE WHEN (who + n) % 97 > 0 THEN at + (300 + (who * 31 + n) % 4000) * interval '1 minute' END,
    1 + (who + n) % 9 / 8, (who + n) % 19 / 18, false, false, '', '', false
FROM (SELECT id AS who, n, now() - (id * 7919 + n * 104729) % 576000 * interval '1 minute' AS at
    FROM surveys_customer, generate_series(1, 5) AS n WHERE {whose}) AS t;
INSERT INTO success_contactleg (external_id, customer_id, contact, ticket, ended_at, channel,
    talk_seconds, hold_seconds, wrap_seconds, is_abandoned, concurrency, is_bot, is_demo)
SELECT 'l' || who || '-' || n, who, 'k' || who || '-' || n / 2, 't' || who || '-' || n / 2,
    now() - (who * 7919 + n / 2 * 104729) % 576000 * interval '1 minute' + n * interval '1 second',
    CASE who % 3 WHEN 0 THEN 'chat' ELSE 'phone' END, (who * 7 + n) % 900, n, 60, false,
    1 + who % 3, n = 9, false
FROM (SELECT id AS who, n FROM surveys_customer, generate_series(1, 10) AS n WHERE {whose}) AS l;
INSERT INTO success_referral (external_id, customer_id, referred, at, is_customer_already, is_demo)
SELECT 'r' || id, id, 'person ' || id / 2, now() - id * 7919 % 576000 * interval '1 minute', false,
    false FROM surveys_customer WHERE {whose};
"""
_OPEN = """
INSERT INTO success_openinghours (weekday, opens, closes, is_demo)
SELECT day, '09:00', '17:00', false FROM generate_series(0, 4) AS day;
"""
_MOST = """
import resource
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
"""
_SUPPORT = (
    _MOST
    + """
import time, django; django.setup()
import numpy, scipy.special
from analytics.success.behind import rows_behind
from analytics.success.catalogue import (
    METRICS, MONTHS, SUPPORT, facts_of_months, measure, months_to,
)
from analytics.success.charts import chart_of
from analytics.success.spans import last_month
started = time.perf_counter()
period = last_month()
facts = facts_of_months(period, MONTHS)
found = {slug: [] for slug, metric in METRICS.items() if metric.group == SUPPORT}
for span in months_to(period, MONTHS):
    for slug, months in found.items():
        months.append((span, measure(METRICS[slug], facts, span)))
        if span == period:
            assert months[-1][1].value is not None
            chart_of(slug, facts, months)
            rows_behind(slug, facts, span)
    facts.let_go()
assert rows_behind("referral", facts, period).total
print(time.perf_counter() - started, most())
"""
)
_RECEIVE = """
import sys, django; django.setup()
from analytics.success import files
from analytics.success.kinds import KINDS
rows = int(sys.argv[1])
text = "external_id,user,customer,at,name,feature\\n" + "".join(
    f"f{rows}-{n},user {n % 999},c{n % 900 + 1},2026-03-01T10:00:00Z,saved,reports\\n"
    for n in range(rows)
)
file = files.receive(
    KINDS["usage-events"], "events.csv", text.encode(), by=None, language="en")
assert files.start(file)
print(file.pk)
"""
_FILE = (
    _MOST
    + """
import sys, time, django; django.setup()
import numpy
from analytics.success.files import FACTS
from analytics.success.models import FactFile
from outbox.drain import drain
started = time.perf_counter()
file = FactFile.objects.filter(pk=int(sys.argv[1])).defer("data")
while file.get().state == "running":
    drain(FACTS)
assert file.get().created_count == file.get().rows, file.get().error
print(time.perf_counter() - started, most())
"""
)


def compare_memory(
    connection: psycopg.Connection[Any], run: Run, *, customers: int, rows: int
) -> None:
    """Print the memory of both at three sizes, and what the largest takes more than the least."""
    connection.execute(_OPEN)
    whose, support, file = "true", [], []
    for name, part in PARTS.items():
        fill(connection, _TABLES, _FILL.format(whose=f"id % {part} = 0 AND {whose}"))
        whose = f"id % {part} > 0"
        support.append(_measured("support", name, run(_SUPPORT)))
        key = run(_RECEIVE, rows // part)
        file.append(_measured("file", name, run(_FILE, key)))
    for what, sizes in (("support", support), ("file", file)):
        grown = sizes[-1] - sizes[0]
        speak.figure("P10", f"{what}_memory_growth_mb", grown, at_most=MOST_GROWTH_MB)
    speak.say(f"tickets {customers * 5} legs {customers * 10} referrals {customers} lines {rows}")


def _measured(what: str, size: str, told: str) -> float:
    seconds, most_mb = map(float, told.split())
    if size == "the_scale":
        speak.figure("P5", f"{what}_seconds", seconds)
    speak.figure("P10", f"{what}_memory_of_{size}_mb", most_mb)
    return most_mb
