"""A survey with a year of answers, one person who reads digests, and a clock to wind forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from analytics.digests import service
from analytics.digests.models import Digest
from analytics.digests.service import DigestWish
from surveys.models import Segment, Survey
from tests.feedback.making import a_survey, answers


@pytest.fixture(autouse=True)
def _mails_in_memory(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


@pytest.fixture
def survey(drain: Callable[[], int]) -> Survey:
    """Return an NPS survey answered yesterday, with words in two languages."""
    survey = a_survey("relation")
    growth = Segment.objects.create(slug="growth", name="Growth")
    growth.conditions.create(property="plan", operator="is", value="Growth")
    yesterday = timezone.now() - timedelta(days=1)
    rows = answers(survey, ["The support was terrible and slow."] * 12, score=2, at=yesterday)
    rows += answers(survey, ["The support was wonderful, thank you!"] * 31, score=10, at=yesterday)
    rows += answers(survey, [""] * 9, score=8, at=yesterday)
    for row in rows[::2]:
        row.properties = {"plan": "Growth"}
        row.save(update_fields=["properties"])
    drain()
    return survey


@pytest.fixture
def digest(survey: Survey, staff_user: Any) -> Digest:
    """Return Alice's daily digest of that survey."""
    return service.save_digest(DigestWish("daily", 8, "30d", [survey]), user=staff_user)


@pytest.fixture
def make_due() -> Callable[..., None]:
    """Return a function that makes a schedule due now, as if its hour had just come."""

    def due(*schedules: Any, at: datetime | None = None) -> None:
        from outbox.jobs import Wanted, reopen

        for schedule in schedules:
            schedule.next_at = at or timezone.now()
            schedule.save(update_fields=["next_at"])
        reopen([Wanted("digest_clock", 0, "digest_clock")])
        from outbox.models import Job

        Job.objects.filter(kind="digest_clock").update(due_at=timezone.now() - timedelta(minutes=1))

    return due


def day(text: str) -> date:
    return date.fromisoformat(text)
