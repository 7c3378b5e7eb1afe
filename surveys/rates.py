"""How often something may happen, kept in the database: exact across processes and restarts."""

from __future__ import annotations

import math
import time

from django.db import connection

from outbox.transactions import write

_SWEPT_SECONDS = 86_400
# Generic cell rate: `paced_until` moves on by one share a time, and may be one window ahead.
_TAKE = """
INSERT INTO surveys_rate (name, paced_until) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET paced_until =
    (CASE WHEN surveys_rate.paced_until > %s THEN surveys_rate.paced_until ELSE %s END) + %s
WHERE surveys_rate.paced_until <= %s
RETURNING paced_until"""
_WAIT = "SELECT paced_until FROM surveys_rate WHERE name = %s"
_SWEEP = """
DELETE FROM surveys_rate WHERE name IN
    (SELECT name FROM surveys_rate WHERE paced_until < %s ORDER BY paced_until LIMIT 20)"""


def take(name: str, *, most: int, seconds: float) -> int:
    """Count one more of `name`: `most` at once, refilled evenly over `seconds`.

    Return 0 when it may happen, else how many seconds to wait.
    """
    now, share = time.time(), seconds / most
    latest = now + seconds - share
    with write(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [name, now + share, now, now, share, latest])
        if cursor.fetchone():
            cursor.execute(_SWEEP, [now - _SWEPT_SECONDS])
            return 0
        cursor.execute(_WAIT, [name])
        found = cursor.fetchone()
    return max(1, math.ceil(found[0] - latest)) if found else 1
