"""What to do next for an account: the playbook's step, else what the rules suggest. Pure.

A suggestion is a sentence and a button; nothing starts or is sent by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from analytics.care.rules import Kind
from analytics.success.metrics.health import Band

What = Literal["step", "judge", "start", "look", "talk", "renew", ""]


@dataclass(frozen=True, slots=True)
class OpenSign:
    """An open sign: `runs` are the playbooks that were started for it, `suits` those that fit."""

    pk: int
    kind: Kind
    due_date: date
    runs: frozenset[int] = frozenset()
    suits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenStep:
    """An open task a playbook made; `sign` is the sign it answers, 0 for none."""

    task: int
    due_date: date | None
    step: int
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Next:
    """`what` is "" where nothing needs doing.

    step: do `task`. judge: all steps for `sign` are done, say what came of it. start:
    start `playbook` for `sign`. look: no playbook fits `sign`, look at it. talk: health is
    poor and nothing is under way. renew: the term ends soon and nothing is under way.
    """

    what: What
    task: int = 0
    sign: int = 0
    playbook: int = 0


def next_for(
    *,
    steps: Sequence[OpenStep],
    signs: Sequence[OpenSign],
    has_tasks: bool,
    band: Band | None,
    days_left: int | None,
) -> Next:
    """Return the one thing to do: a step or a sign by its day, then what health asks for.

    A sign whose steps are under way asks for nothing else. `has_tasks` says whether any
    task is open, `days_left` how many days the term has (None: no term ends).
    """
    first = min(steps, key=_by_day, default=None)
    answered = {step.sign for step in steps}
    waiting = [sign for sign in signs if sign.pk not in answered]
    sign = min(waiting, key=lambda one: (one.due_date, one.pk), default=None)
    if first and (sign is None or (first.due_date or date.max) <= sign.due_date):
        return Next("step", task=first.task)
    if sign:
        return _about(sign)
    if has_tasks:
        return Next("")
    if band == "red":
        return Next("talk")
    if days_left is not None and days_left <= 30:
        return Next("renew")
    return Next("")


def _by_day(step: OpenStep) -> tuple[date, int, int]:
    return (step.due_date or date.max, step.step, step.task)


def _about(sign: OpenSign) -> Next:
    if sign.runs:
        return Next("judge", sign=sign.pk)
    if sign.suits:
        return Next("start", sign=sign.pk, playbook=sign.suits[0])
    return Next("look", sign=sign.pk)
