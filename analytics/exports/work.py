"""What workers do for files: gather rows part by part, assemble, check, expire.

Gathering commits a part together with the place it ends at, so a worker that
is killed costs one part. Nothing here holds the write lock while it reads.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone

from analytics.exports import stream
from analytics.exports.datasets import DATASETS
from analytics.exports.models import ExportFile, ExportPart
from analytics.exports.parquet import parquet
from analytics.exports.service import EXPIRE, EXPORT, State, gathered_spec, pieces, remove
from analytics.exports.stream import Export, head_of
from analytics.exports.workbook import workbook
from outbox.registry import Failed, Handler, Later, Once, Setback, Work, register
from outbox.replica import reads_replica
from outbox.transactions import write

ROWS = 10_000  # rows of a part
SLICE_SECONDS = 2.0
_DUE = -1.0  # seconds from now: due at once, whatever the grain of the database's clock
_PART = 1_000_000  # bytes of an assembled part
XLSX_ROWS = 300_000  # more take longer to write than a worker's lease lasts, and Excel to open


def write_files(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "export": go on with each file for one slice of time."""
    return [setback for item in work if (setback := _one_slice(item))]


def _one_slice(item: Work) -> Setback | None:
    export = ExportFile.objects.filter(pk=item.subject_id).first()
    if export is None or not export.is_open:
        return None
    ends_at = time.monotonic() + SLICE_SECONDS
    spec = gathered_spec(export)
    if export.state == State.WAITING:
        _begin(export, spec)
        if export.form == "xlsx" and (export.rows_expected or 0) > XLSX_ROWS:
            return _refuse(item, export)
    while export.state == State.GATHERING:
        if not _gather(export, spec):
            return None  # stopped, removed or done by somebody else meanwhile
        if time.monotonic() > ends_at:
            return Later(item.id, _DUE, "more rows wait", counts=False)
    _assemble(export, spec)
    return None


def _begin(export: ExportFile, spec: Export) -> None:
    expected = _count(spec)
    export.rows_expected, export.state = expected, State.GATHERING
    ExportFile.objects.filter(pk=export.pk, state=State.WAITING).update(
        rows_expected=expected, state=State.GATHERING, started_at=timezone.now()
    )


@reads_replica
def _count(spec: Export) -> int:
    return stream.count(spec)


def _refuse(item: Work, export: ExportFile) -> Failed:
    error = (
        f"A workbook of {export.rows_expected:,} rows is more than Excel works with "
        f"({XLSX_ROWS:,} here). Take CSV or Parquet, or narrow the filters."
    )
    ExportFile.objects.filter(pk=export.pk).update(
        state=State.FAILED, error=error, finished_at=timezone.now()
    )
    return Failed(item.id, error)


def _gather(export: ExportFile, spec: Export) -> bool:
    """Write the next part; False when the file is not ours to write any more."""
    found = stream.stretch(spec, _keyset(export), ROWS)
    read = list(found.pieces())
    rows = sum(piece.rows for piece in read)
    data = b"".join(piece.data for piece in read)
    if export.parts == 0:
        data = head_of(spec) + data
    is_last = found.last is None
    state = State.ASSEMBLING if is_last else State.GATHERING
    cursor = None if found.last is None else [_text(value) for value in found.last]
    with write():
        ours = ExportFile.objects.filter(
            pk=export.pk, state=State.GATHERING, parts=export.parts
        ).update(parts=export.parts + 1, rows=export.rows + rows, cursor=cursor, state=state)
        if not ours:
            return False
        ExportPart.objects.create(
            export=export,
            is_final=spec.form != "typed",
            number=export.parts,
            size=len(data),
            data=data,
        )
    export.parts, export.rows = export.parts + 1, export.rows + rows
    export.cursor, export.state = cursor, state
    return True


def _text(value: Any) -> Any:
    # To the microsecond: Django's own JSON encoder would cut it and lose rows.
    return value.isoformat() if hasattr(value, "isoformat") else value


def _keyset(export: ExportFile) -> list[object] | None:
    """Return the place the last part ended at, in the types of its columns."""
    if export.cursor is None:
        return None
    dataset = DATASETS[export.dataset]
    if not dataset.keyset:
        return list(export.cursor)
    return [
        dataset.model._meta.get_field(name.lstrip("-")).to_python(text)  # type: ignore[union-attr]
        for name, text in zip(dataset.keyset, export.cursor, strict=True)
    ]


# ---- From gathered rows to a file ----------------------------------------------------------------


def _assemble(export: ExportFile, spec: Export) -> None:
    """Make the file of the gathered rows, take its checksum, call it done. Repeatable."""
    if spec.form == "typed":
        _write_typed(export, spec)
    digest, size = hashlib.sha256(), 0
    for piece in pieces(export):
        digest.update(piece)
        size += len(piece)
    with write():
        ExportFile.objects.filter(pk=export.pk, state=State.ASSEMBLING).update(
            state=State.DONE, sha256=digest.hexdigest(), size=size, finished_at=timezone.now()
        )
        ExportPart.objects.filter(export=export, is_final=False).delete()


def _write_typed(export: ExportFile, spec: Export) -> None:
    with write():  # what a try that was cut off left behind
        ExportPart.objects.filter(export=export, is_final=True).delete()
    lines = _gathered(export)
    if export.form == "parquet":
        written = parquet(lines, spec.columns)
    else:
        written = workbook(lines, spec.columns, title=str(DATASETS[export.dataset].title))
    for number, data in enumerate(_chunks(written)):
        with write():
            ExportPart.objects.create(
                export=export, is_final=True, number=number, size=len(data), data=data
            )


def _gathered(export: ExportFile) -> Iterator[bytes]:
    parts = ExportPart.objects.filter(export=export, is_final=False)
    last = parts.aggregate(last=Max("number"))["last"]
    for number in range(0 if last is None else last + 1):
        yield bytes(parts.get(number=number).data)


def _chunks(written: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    size = 0
    for piece in written:
        gathered.append(piece)
        size += len(piece)
        if size >= _PART:
            yield b"".join(gathered)
            gathered, size = [], 0
    if size:
        yield b"".join(gathered)


# ---- The end -------------------------------------------------------------------------------------


def give_up(export_ids: Sequence[int]) -> None:
    """Say of files whose work was given up that they failed."""
    ExportFile.objects.filter(pk__in=export_ids).exclude(
        state__in=[State.DONE, State.STOPPED, State.FAILED]
    ).update(
        state=State.FAILED,
        error="It failed eight times; the reason stands under Background work. Ask for it anew.",
        finished_at=timezone.now(),
    )


def expire(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "expire_export": take away files whose time is over."""
    ids = [item.subject_id for item in work]
    due = ExportFile.objects.filter(pk__in=ids, expires_at__lte=timezone.now())
    remove(list(due.values_list("pk", flat=True)))
    return []


register(
    Handler(
        EXPORT,
        write_files,
        batch=1,
        once=Once.REPEATABLE,
        gives_way=True,
        lease_seconds=300,
        when_dead=give_up,
    )
)
register(Handler(EXPIRE, expire, batch=20, once=Once.REPEATABLE))
