"""Satisfaction with support: what customers measured, and apart from it what is predicted."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum, sqrt

from django.db.models import Count
from django.utils import timezone

from analytics.statistics.result import Interval, Result, null
from analytics.statistics.shares import share
from analytics.success.conversations import model_in_force
from analytics.success.learning import PREDICTED_DAYS, rated
from analytics.success.metrics.prediction import CONVENTION
from analytics.success.models import Conversation, SatisfactionModel

_Z = 1.959964
_CHUNK = 5000  # rows fetched at a time


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """`measured` is of those who rated, `predicted` of those who did not; never one number.

    `abstained` had a probability but no verdict, `silent` none at all (by
    reason). `model` is in force, `newest` the last that was tried.
    """

    since: datetime
    measured: Result
    predicted: Result
    dissatisfied: int
    satisfied: int
    abstained: int
    silent: dict[str, int]
    model: SatisfactionModel | None
    newest: SatisfactionModel | None
    offered: int
    offered_rarer: int


def satisfaction(now: datetime | None = None) -> Satisfaction:
    """Return both for the conversations of the last ninety days."""
    since = (now or timezone.now()) - timedelta(days=PREDICTED_DAYS)
    inside = Conversation.objects.filter(last_at__gte=since)
    answers = dict(
        inside.filter(is_satisfied__isnull=False)
        .values_list("is_satisfied")
        .annotate(n=Count("pk"))
        .order_by()
    )
    good, all_rated = answers.get(True, 0), sum(answers.values())
    model = model_in_force() or model_in_force(is_demo=True)
    newest = SatisfactionModel.objects.order_by("is_demo", "-pk").first()
    unrated = inside.filter(is_satisfied__isnull=True)
    found = unrated.filter(model=model, probability__isnull=False) if model else unrated.none()
    decided = dict(found.values_list("decision").annotate(n=Count("pk")).order_by())
    silent = unrated.filter(probability__isnull=True).values_list("reason")
    is_demo = newest is not None and newest.is_demo
    learnt = dict(
        rated(is_demo=is_demo).values_list("is_satisfied").annotate(n=Count("pk")).order_by()
    )
    return Satisfaction(
        since=since,
        measured=share(good, all_rated, convention="rated conversations", reason="no_responses"),
        predicted=predicted_share(
            found.values_list("probability", flat=True).iterator(chunk_size=_CHUNK), model
        ),
        dissatisfied=decided.get("dissatisfied", 0),
        satisfied=decided.get("satisfied", 0),
        abstained=decided.get("abstain", 0),
        silent=dict(silent.annotate(n=Count("pk")).order_by()),
        model=model,
        newest=newest,
        offered=sum(learnt.values()),
        offered_rarer=min(learnt.get(True, 0), learnt.get(False, 0)),
    )


def predicted_share(
    probabilities: Iterable[float | None], model: SatisfactionModel | None
) -> Result:
    """Return the share that would rate satisfied, with its error.

    The error has two parts: chance of the ratings that were not given,
    sum p(1-p) / n^2, and how far the model's mean may be off, known from the
    newer conversations it was proved on: their Brier score / their n.
    """
    known = array("d", (p or 0 for p in probabilities))
    n = len(known)
    if model is None:
        return null("fraction", "insufficient_history", convention=CONVENTION)
    if not n:
        return null("fraction", "no_population", convention=CONVENTION)
    mean = fsum(known) / n
    chance = fsum(p * (1 - p) for p in known) / n**2
    proof = model.evaluation
    bias = proof["brier"] / proof["n"] if proof.get("n") else 0.0
    half = _Z * sqrt(chance + bias)
    return Result(
        value=mean,
        unit="fraction",
        n=n,
        interval=Interval(
            max(0.0, mean - half), min(1.0, mean + half), 0.95, "predicted chance and model error"
        ),
        convention=CONVENTION,
    )
