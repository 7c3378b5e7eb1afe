"""Computing figures ahead where there are too many facts to do so while somebody waits.

A plan says which pages are missing or old; each group of their metrics is one
piece of work, done month by month in short slices, so that a worker is never
held up and nothing done is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from analytics.periods import Period, month_of
from analytics.statistics.result import Result
from analytics.success import charts
from analytics.success.behind import rows_behind
from analytics.success.catalogue import (
    GROUPS,
    METRICS,
    MONTHS,
    Definition,
    facts_of_months,
    measure,
)
from analytics.success.daily import plan_after, plan_tonight
from analytics.success.freezing import freeze, thaw_result
from analytics.success.kept import Key, age_of, rules_of, spans_of
from analytics.success.kinds import KINDS
from analytics.success.midway import Read, middle
from analytics.success.models import KeptFigure
from analytics.success.queries import Facts
from analytics.success.spans import last_month
from analytics.success.told import told_so_far
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.models import Job
from outbox.transactions import write
from surveys.models import Segment

FIGURES = "figures"
MANY = 5_000
"""Rows of one kind of facts from which on the metrics made of it are computed ahead."""
_LIGHTER = {"usage-events": 4}  # how many times as many rows of a kind do as much work
REST = timedelta(hours=1)
"""How long a figure may be behind new facts before it is computed anew by itself."""
_ASKED_FOR = timedelta(days=30)  # how long days somebody asked for are kept up


@dataclass(frozen=True, slots=True)
class Task:
    """The figures of one page, or those of a group of metrics over the same months."""

    segment: str
    period: Period
    group: str  # one of GROUPS, or the slug of one metric

    @property
    def metrics(self) -> list[Definition]:
        return [found for found in METRICS.values() if self.group in (found.group, found.slug)]

    @property
    def key(self) -> str:
        days = f"{self.period.start}:{self.period.stop}"
        return f"{FIGURES}:{self.group}:{days}:{self.segment}"

    def wanted(self) -> Wanted:
        days = (self.period.start.isoformat(), self.period.stop.isoformat())
        detail = json.dumps([self.segment, *days, self.group])
        return Wanted(FIGURES, self.period.start.toordinal(), self.key, detail, repeats=True)


def task_from(detail: str) -> Task:
    segment, first, after, group = json.loads(detail)
    return Task(segment, Period(date.fromisoformat(first), date.fromisoformat(after)), group)


def ask(task: Task) -> None:
    """Have figures computed at once, because a person wants them new."""
    spans, slugs = spans_of(task.period, MONTHS), [found.slug for found in task.metrics]
    with write():
        _of(task.segment, spans).filter(metric__in=slugs).update(asked_at=timezone.now())
        enqueue([task.wanted()])


def is_under_way(task: Task) -> bool:
    """Return whether these figures are being computed, or wait for a worker."""
    groups = {task.group, *(found.group for found in task.metrics)}
    keys = [Task(task.segment, task.period, group).key for group in groups]
    return Job.objects.filter(
        dedupe_key__in=keys, state__in=[Job.State.PENDING, Job.State.CLAIMED]
    ).exists()


# ---- What to compute -----------------------------------------------------------------


def plan(now: datetime | None = None) -> list[Task]:
    """Ask for every page that is missing or old, and drop what nobody needs any more."""
    at = now or timezone.now()
    kept, pages = large_metrics(), list(_pages(at))
    _drop(kept, pages)
    if not kept:
        return []
    told, tasks, is_late = told_so_far(), [], False
    for segment, period in pages:
        facts = facts_of_months(period, MONTHS, segment=segment, as_of=at)
        rows = _rows(segment, [period])
        for group in GROUPS:
            found = [m for m in METRICS.values() if m.group == group and m.slug in kept]
            listed = [(m, rows.get((m.slug, period.start, period.stop))) for m in found]
            if any(is_due(m, row, facts, told) or not (row and row.drawn) for m, row in listed):
                tasks.append(Task(segment, period, group))
            elif any(row and age_of(m, row, told).since for m, row in listed):
                is_late = True
    with write():
        enqueue([task.wanted() for task in tasks])
        enqueue([plan_tonight(local_date(at) + timedelta(days=1))])
        if is_late:
            enqueue([plan_after(at + REST)])
    return tasks


def large_metrics() -> set[str]:
    """Return the metrics made of a kind of facts there is too much of."""
    kinds = {kind for found in METRICS.values() for kind in found.facts}
    large = {kind for kind in kinds if kind in KINDS and is_large(kind)}
    return {found.slug for found in METRICS.values() if large.intersection(found.facts)}


def is_large(kind: str) -> bool:
    """Return whether there is too much of a kind of facts to compute from it on the spot."""
    rows = KINDS[kind].model._default_manager.order_by("pk").values("pk")
    most = MANY * _LIGHTER.get(kind, 1)
    return bool(rows[most : most + 1].exists())


def is_due(
    found: Definition, row: KeptFigure | None, facts: Facts, told: Mapping[str, int]
) -> bool:
    """Return whether a figure has to be computed: absent, of other rules, of yesterday, or old."""
    if row is None or row.rules != rules_of(found, facts):
        return True
    if local_date(row.computed_at) < facts.today:
        return True
    if row.asked_at is not None and row.computed_at < row.asked_at:
        return True
    return facts.as_of - row.computed_at >= REST and bool(age_of(found, row, told).since)


def _standard(at: datetime) -> list[Period]:
    today = local_date(at)
    return [last_month(today), month_of(today)]


def _pages(at: datetime) -> Iterator[tuple[str, Period]]:
    """Yield segment and period of every page that is kept up."""
    segments = ["", *Segment.objects.order_by("name").values_list("slug", flat=True)]
    standard = _standard(at)
    for segment in segments:
        for period in standard:
            yield segment, period
    asked = KeptFigure.objects.filter(is_page=True, asked_at__gte=at - _ASKED_FOR)
    days = asked.order_by("segment", "first_date", "after_date").values_list(
        "segment", "first_date", "after_date"
    )
    for segment, first, after in days.distinct():
        if Period(first, after) not in standard and segment in segments:
            yield segment, Period(first, after)


def _drop(kept: set[str], pages: Sequence[tuple[str, Period]]) -> None:
    """Delete figures of metrics that are small again, and of days and segments nobody shows."""
    by_segment: dict[str, Q] = {}
    for segment, period in pages:
        days = by_segment.get(segment, Q())
        for span in spans_of(period, MONTHS):
            days |= Q(first_date=span.start, after_date=span.stop)
        by_segment[segment] = days
    needed = Q()
    for segment, days in by_segment.items():
        needed |= Q(segment=segment) & days
    KeptFigure.objects.exclude(needed & Q(metric__in=kept)).delete()


# ---- Computing -----------------------------------------------------------------------


def keep(task: Task, *, until: datetime | None = None) -> bool:
    """Compute what is due of a task, month by month; False when the time was over before.

    What was stored stays, so the next call goes on where this one ended.
    """
    read = middle.take(task.key)
    if read is None:
        so_far = told_so_far()  # before any fact is read: what comes in meanwhile counts as later
        read = Read(facts_of_months(task.period, MONTHS, segment=task.segment), so_far)
    facts, told = read.facts, read.told
    kept, spans = large_metrics(), spans_of(task.period, MONTHS)
    found = [metric for metric in task.metrics if metric.slug in kept]
    rows = _rows(task.segment, spans)
    for span in spans:
        is_page = span == task.period
        for metric in found:
            row = rows.get((metric.slug, span.start, span.stop))
            if is_due(metric, row, facts, told) or (is_page and row is not None and not row.drawn):
                result = measure(metric, facts, span)
                drawn = _draw(metric, facts, rows, spans, result) if is_page else ""
                made = _store(metric, span, result, drawn, row=row, facts=facts, told=told)
                rows[metric.slug, span.start, span.stop] = made
                if until is not None and timezone.now() >= until:
                    middle.put(task.key, read)
                    return False
        facts.let_go()
    return True


def _of(segment: str, spans: Sequence[Period]) -> QuerySet[KeptFigure]:
    days = Q()
    for span in spans:
        days |= Q(first_date=span.start, after_date=span.stop)
    return KeptFigure.objects.filter(days, segment=segment)


def _rows(segment: str, spans: Sequence[Period]) -> dict[Key, KeptFigure]:
    return {(row.metric, row.first_date, row.after_date): row for row in _of(segment, spans)}


def _draw(
    metric: Definition,
    facts: Facts,
    rows: Mapping[Key, KeptFigure],
    spans: Sequence[Period],
    result: Result,
) -> str:
    """Return chart and rows behind in every language of the house."""
    listed = [rows[metric.slug, span.start, span.stop] for span in spans[:-1]]
    months = [
        *((span, thaw_result(row.result)) for span, row in zip(spans, listed, strict=False)),
        (spans[-1], result),
    ]
    drawn = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            table = rows_behind(metric.slug, facts, spans[-1])
            drawn[language] = {
                "chart": charts.chart_of(metric.slug, facts, months),
                "behind": table,
            }
    return freeze(drawn)


def _store(
    metric: Definition,
    span: Period,
    result: Result,
    drawn: str,
    *,
    row: KeptFigure | None,
    facts: Facts,
    told: Mapping[str, int],
) -> KeptFigure:
    """Keep a figure. Drawn by the work of its own page only: the months of another have no need."""
    changed = ["rules", "result", "drawn", "told", "computed_at"]
    made = KeptFigure(
        metric=metric.slug,
        segment=facts.segment,
        first_date=span.start,
        after_date=span.stop,
        rules=rules_of(metric, facts),
        result=freeze(result),
        drawn=drawn,
        told=freeze({kind: told.get(kind, 0) for kind in sorted(metric.reads)}),
        computed_at=facts.as_of,
        is_page=bool(drawn) or bool(row and row.is_page),
        asked_at=row.asked_at if row else None,
    )
    if drawn:
        changed.append("is_page")
        if made.asked_at is None and span not in _standard(facts.as_of):
            made.asked_at = facts.as_of
            changed.append("asked_at")
    with write():
        KeptFigure.objects.bulk_create(
            [made],
            update_conflicts=True,
            unique_fields=["segment", "metric", "first_date", "after_date"],
            update_fields=changed,
        )
    return made
