"""Parquet from typed JSON lines: one row group at a time, in memory that does not grow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from analytics.exports.cells import Column

if TYPE_CHECKING:
    import pyarrow as pa

_DIGITS = 38  # of a decimal, the most that fits
_GROUP = 1_000_000  # bytes of JSON that make one row group: some thousand rows


def parquet(lines: Iterable[bytes], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield a Parquet file made of pieces of typed JSON lines (whole rows each).

    Times are UTC with microseconds, decimals exact, lists are lists, documents JSON texts.
    """
    # Loaded here: 40 MB that only a process that writes such a file needs.
    import pyarrow as pa
    import pyarrow.parquet as pq

    pool = pa.system_memory_pool()
    pa.set_memory_pool(pool)
    schema = pa.schema([(column.id, _arrow(column)) for column in columns])
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _groups(lines):
            writer.write_table(_table(group, columns, schema))
            pool.release_unused()  # every thread of the server may write a file
            yield sink.taken()
    yield sink.taken()


def _groups(lines: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for piece in lines:
        gathered.append(piece)
        size += len(piece)
        if size >= _GROUP:
            yield b"".join(gathered)
            gathered, size = [], 0
    if size:
        yield b"".join(gathered)


def _table(group: bytes, columns: Sequence[Column], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa
    from pyarrow import json

    read = pa.schema([(column.id, _parsed(column)) for column in columns])
    table = json.read_json(
        io.BytesIO(group),
        read_options=json.ReadOptions(use_threads=False, block_size=len(group) + 1),
        parse_options=json.ParseOptions(explicit_schema=read, unexpected_field_behavior="error"),
    )
    return table.cast(schema)


_AS_TEXT = ("date", "decimal", "digits")  # read as texts first, then made what they are


def _parsed(column: Column) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if column.type in _AS_TEXT else _arrow(column)


def _arrow(column: Column) -> pa.DataType:
    import pyarrow as pa

    return {
        "text": pa.string(),
        "json": pa.string(),
        "integer": pa.int64(),
        "digits": pa.int64(),
        "number": pa.float64(),
        "decimal": pa.decimal128(_DIGITS, column.places),
        "instant": pa.timestamp("us", "UTC"),
        "moment": pa.timestamp("us", "UTC"),
        "date": pa.date32(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }[column.type]


class _Sink(io.RawIOBase):
    """What the writer takes for a file; `taken` hands on what was written since the last time."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
