"""Accounts as the rules see them, made at once: snapshots, alerts, answers, terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from analytics.care.models import WarningSign
from analytics.care.raising import look
from analytics.periods import today
from analytics.success.metrics.health import band_of
from analytics.success.models import Conversation, HealthSnapshot, Term
from surveys.models import Customer

EVERYBODY = (0, 10**12)


def account(name: str = "acme", *, now: float | None = None, before: float | None = None) -> Any:
    """Return a customer with the health of today and of a month ago."""
    made, _ = Customer.objects.get_or_create(external_id=name, defaults={"name": name.title()})
    for days, score in ((0, now), (30, before)):
        if score is not None:
            day = today() - timedelta(days=days)
            told = {"score": score, "band": band_of(score), "coverage": 1, "usage": score}
            HealthSnapshot.objects.update_or_create(customer=made, day=day, defaults=told)
    return made


def term(customer: Customer, *, days: int, **facts: Any) -> Term:
    return Term.objects.create(
        customer=customer,
        external_id=f"t{customer.pk}-{days}",
        due_date=today() + timedelta(days=days),
        amount=900,
        currency="EUR",
        **facts,
    )


def talk(customer: Customer, ticket: str = "T1") -> Conversation:
    return Conversation.objects.create(
        ticket=ticket, customer=customer, alerted_at=timezone.now(), alerted_by="model",
        probability=0.2, last_at=timezone.now(),
    )  # fmt: skip


def look_now() -> int:
    return look(*EVERYBODY)


def signs(**wished: Any) -> list[tuple[str, str]]:
    return sorted(WarningSign.objects.filter(**wished).values_list("kind", "state"))


def a_sign(customer: Customer | None = None, **facts: Any) -> WarningSign:
    now = timezone.now()
    usual: dict[str, Any] = {
        "kind": "health_fall",
        "raised_at": now,
        "due_date": today() + timedelta(days=7),
        "evidence": {
            "score": 50.0, "band": "red", "before": 80.0, "before_band": "green", "version": 1,
            "before_date": (today() - timedelta(days=30)).isoformat(),
            "parts": [["usage", 80.0, 20.0]],
        },
    }  # fmt: skip
    return WarningSign.objects.create(customer=customer or account(), **usual | facts)
