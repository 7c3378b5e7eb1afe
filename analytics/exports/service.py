"""Ask for a file, hand it out, take it away again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Min, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.exports.columns import UnknownColumn
from analytics.exports.datasets import DATASETS
from analytics.exports.models import ExportFile, ExportPart
from analytics.exports.stream import Export, Form
from outbox import jobs
from outbox.jobs import Wanted
from outbox.transactions import write
from surveys.models import ApiKey

EXPORT, EXPIRE = "export", "expire_export"
KEPT_FOR = timedelta(days=7)
State = ExportFile.State


class Refused(ValueError):
    """What cannot be exported. `fields` says at which parameter, and why."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(why)}" for name, why in fields.items()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants as a file. `survey_id`: the only survey the caller may see."""

    dataset: str
    form: str
    filters: Mapping[str, str]
    columns: Sequence[str] = ()
    is_raw: bool = False
    survey_id: int | None = None


def request(wish: Wish, *, by: Any = None, key: ApiKey | None = None) -> ExportFile:
    """Note the wish and ring for a worker. Refused for filters or columns there are not."""
    spec(wish, _gathered_as(wish.form))
    with write():
        export = ExportFile.objects.create(
            dataset=wish.dataset,
            form=wish.form,
            filters=dict(wish.filters),
            columns=list(wish.columns),
            is_raw=wish.is_raw,
            survey_id=wish.survey_id,
            requested_by=by,
            requested_with=key,
            expires_at=timezone.now() + KEPT_FOR,
        )
        jobs.enqueue(
            [
                Wanted(EXPORT, export.pk, f"{EXPORT}:{export.pk}"),
                Wanted(EXPIRE, export.pk, f"{EXPIRE}:{export.pk}", due_at=export.expires_at),
            ]
        )
    return export


def wish_of(export: ExportFile) -> Wish:
    return Wish(
        export.dataset,
        export.form,
        export.filters,
        export.columns,
        is_raw=export.is_raw,
        survey_id=export.survey_id,
    )


def gathered_spec(export: ExportFile) -> Export:
    """Return what the rows of this file are gathered as: CSV and JSON lines as they leave."""
    return spec(wish_of(export), _gathered_as(export.form))


def _gathered_as(form: str) -> Form:
    return form if form in ("csv", "jsonl") else "typed"  # type: ignore[return-value]


def wanted(wish: Wish, *, has_bom: bool = False) -> Export:
    """Return a wish as it is written at once. Refused as for `request`."""
    return replace(spec(wish, _gathered_as(wish.form)), has_bom=has_bom)


def spec(wish: Wish, form: Form) -> Export:
    """Return the rows and columns of a wish. Refused names every wrong filter and column."""
    dataset = DATASETS[wish.dataset]
    filterset = dataset.filterset(data=wish.filters, queryset=dataset.rows(wish.survey_id))
    unknown = sorted(set(wish.filters) - set(filterset.filters))
    if unknown:
        known = ", ".join(sorted(filterset.filters))
        message = _("There is no filter of this name here. Known: %(known)s.") % {"known": known}
        raise Refused({name[:80]: [message] for name in unknown})
    if not filterset.is_valid():
        raise Refused({name: list(errors) for name, errors in filterset.errors.items()})
    try:
        columns = dataset.chosen(wish.columns, wish.filters, form=form)
    except UnknownColumn as error:
        raise Refused({"columns": [str(error)]}) from None
    return Export(dataset.asked(filterset), dataset.keyset, columns, form, is_raw=wish.is_raw)


def stop(export: ExportFile) -> bool:
    """Write no further rows and forget those written; False when it was over already."""
    with write():
        stopped = ExportFile.objects.filter(
            pk=export.pk, state__in=[State.WAITING, State.GATHERING, State.ASSEMBLING]
        ).update(state=State.STOPPED, finished_at=timezone.now())
        if stopped:
            ExportPart.objects.filter(export=export).delete()
    return bool(stopped)


def remove(export_ids: Sequence[int]) -> None:
    """Take files away, finished or not; a worker that writes one stops."""
    with write():
        ExportPart.objects.filter(export__in=export_ids).delete()
        ExportFile.objects.filter(pk__in=export_ids).delete()


def pieces(export: ExportFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes [start, end) of a finished file, one part in memory at a time."""
    at = 0
    for number, size in _sizes(export):
        if end is not None and at >= end:
            return
        if at + size > start:
            data = bytes(_final(export).get(number=number).data)
            yield data[max(0, start - at) : None if end is None else end - at]
        at += size


def _sizes(export: ExportFile) -> list[tuple[int, int]]:
    return list(_final(export).order_by("number").values_list("number", "size"))


def _final(export: ExportFile) -> Any:
    return ExportPart.objects.filter(export=export, is_final=True)


@dataclass(frozen=True, slots=True)
class Held:
    """How much room files take: their number, bytes, and when the next one goes."""

    files: int
    size: int
    next_expiry: Any


def held() -> Held:
    found = ExportFile.objects.aggregate(size=Sum("size"), expires_at=Min("expires_at"))
    return Held(ExportFile.objects.count(), found["size"] or 0, found["expires_at"])
