"""Filling a PostgreSQL of a benchmark fast: what is measured comes afterwards."""

from __future__ import annotations

from typing import Any

import psycopg

_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(connection: psycopg.Connection[Any], tables: list[str], statements: str) -> None:
    """Run statements that write many rows of these tables; their indexes are built anew after it.

    References are not checked: the statements take them from the tables themselves.
    """
    found = connection.execute(_INDEXES, [tables]).fetchall()
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
    connection.execute("SET session_replication_role = replica")
    connection.execute(statements)  # type: ignore[arg-type]
    connection.execute("SET session_replication_role = DEFAULT")
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _name, definition in found:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE")
