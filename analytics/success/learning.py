"""Learning from rated conversations: monthly, proved on newer ones, switched off when it fails."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from analytics.success.conversations import model_in_force
from analytics.success.listening import mark_all, next_night
from analytics.success.metrics.conversations import FEATURES
from analytics.success.metrics.training import (
    WATCHED,
    RatedConversation,
    Trained,
    doubts_about,
    has_lost_its_skill,
    train,
)
from analytics.success.models import Conversation, SatisfactionModel
from feedback.readers import current_reader
from outbox.days import local_date
from outbox.jobs import enqueue
from outbox.registry import Setback, Work
from outbox.transactions import write

log = logging.getLogger(__name__)
MOST_HISTORY = 20_000
"""Rated conversations a model learns from, the newest ones; more of them teach nothing new."""
PREDICTED_DAYS = 90
_GROWTH = 1.1  # an unusable model is tried again before the month is over once so much has come


def learn(works: Sequence[Work], claimant: str) -> Sequence[Setback]:
    """Handle outbox work of kind "satisfaction": watch, train when it is time, ask for tomorrow."""
    today = local_date(timezone.now())
    switch_off_if_lost()
    if is_time_to_train(today):
        train_now()
    with write():
        enqueue([next_night(today + timedelta(days=1))])
    return ()


def rated(*, is_demo: bool = False) -> Any:
    """Return the rated conversations a model can learn from."""
    return Conversation.objects.filter(
        is_satisfied__isnull=False, features__sentiment__isnull=False, is_demo=is_demo
    )


def is_time_to_train(today: date) -> bool:
    """Monthly; sooner when the last try had too little and a tenth more has come since."""
    newest = SatisfactionModel.objects.filter(is_demo=False).first()
    count = rated().count()
    if newest is None:
        return bool(count)
    trained = local_date(newest.trained_at)
    if (trained.year, trained.month) != (today.year, today.month):
        return bool(count)
    known = newest.evaluation.get("offered", newest.rated)
    return not newest.is_usable and count >= max(known + 1, known * _GROWTH)


def train_now(*, is_demo: bool = False) -> SatisfactionModel:
    """Train, prove and keep a model; whether it may be used is on it."""
    rows = rated(is_demo=is_demo).order_by("-rated_at").values_list(
        "rated_at", "customer_id", "ticket", "features", "is_satisfied"
    )[:MOST_HISTORY]  # fmt: skip
    history = [
        RatedConversation(at, customer or f"ticket {ticket}", _complete(features), is_satisfied)
        for at, customer, ticket, features, is_satisfied in rows
    ]
    found = train(history) if history else None
    with write():
        row = SatisfactionModel.objects.create(**_columns(found, history), is_demo=is_demo)
        if row.is_usable:
            since = timezone.now() - timedelta(days=PREDICTED_DAYS)
            mark_all(
                Conversation.objects.filter(last_at__gte=since, is_demo=is_demo).values_list(
                    "pk", flat=True
                )
            )
    log.info("satisfaction model=%d rated=%d doubts=%s", row.pk, row.rated, ",".join(row.doubts))
    return row


def _complete(features: dict[str, float | None]) -> dict[str, float]:
    return {name: float(features.get(name) or 0.0) for name in FEATURES}


def _columns(found: Trained | None, history: Sequence[RatedConversation]) -> dict[str, Any]:
    happy = sum(c.is_satisfied for c in history)
    version = current_reader().version
    if found is None or found.evaluation is None:
        rarer = min(happy, len(history) - happy)
        doubts = doubts_about(len(history), rarer, skill_low=None, slope=None)
        return {
            "rated": len(history), "rarer": rarer, "doubts": list(doubts),
            "evaluation": {"offered": len(history)}, "reader_version": version,
        }  # fmt: skip
    return {
        "rated": found.model.rated,
        "rarer": found.model.rarer,
        "intercept": found.model.intercept,
        "coefficients": dict(found.model.coefficients),
        "means": dict(found.model.means),
        "doubts": list(found.doubts),
        "reader_version": version,
        "evaluation": asdict(found.evaluation)
        | {"slope": found.slope, "skill_low": found.skill_low, "offered": len(history)},
    }


def switch_off_if_lost() -> bool:
    """Disable the model in force when the last hundred it predicted were no better than chance."""
    model = model_in_force()
    if model is None:
        return False
    rows = Conversation.objects.filter(
        is_satisfied__isnull=False, rated_at__gt=model.trained_at, model=model,
        probability__isnull=False,
    ).order_by("-rated_at")[:WATCHED]  # fmt: skip
    pairs = list(rows.values_list("is_satisfied", "probability"))
    outcomes, predicted = [int(bool(y)) for y, _p in pairs], [float(p or 0) for _y, p in pairs]
    if not has_lost_its_skill(outcomes[::-1], predicted[::-1]):
        return False
    with write():
        SatisfactionModel.objects.filter(pk=model.pk).update(disabled_at=timezone.now())
        mark_all(Conversation.objects.filter(model=model).values_list("pk", flat=True))
    log.warning("satisfaction model=%d switched itself off", model.pk)
    return True
