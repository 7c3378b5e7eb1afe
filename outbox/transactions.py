"""The write transaction, the same call on PostgreSQL and SQLite.

SQLite has one writer. Left to its busy timeout, eight threads that write at
once wait up to half a second; one lock per process in front of the
transaction brings the slowest down to a few milliseconds. The worker is
another process and meets us at SQLite's own lock, with short batches.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_one_writer = threading.Lock()


@contextmanager
def write() -> Iterator[None]:
    """Run the block in one transaction; on SQLite, alone in this process.

    Inside another transaction it only joins: that one has SQLite's write lock
    already, and waiting here for a thread that waits for it would end in a
    time-out for both.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with _one_writer, transaction.atomic():
        yield


def check_references() -> None:
    """Have PostgreSQL check what was inserted now, not at the commit.

    For many rows that takes as long as writing them; whoever locks a row
    others want, too, does this before.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
