"""Surveys and answers for tests: `survey = a_survey()`, `answer(survey, "Great app", score=9)`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from feedback.models import Response
from feedback.store import READ
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from surveys.models import Brand, Invitation, Survey
from surveys.services import go_live, new_invitation


def a_survey(slug: str = "relation", *, kind: str = "nps", language: str = "en") -> Survey:
    brand, _ = Brand.objects.get_or_create(name="Kestrel Ledger")
    survey = Survey.objects.create(
        slug=slug, name=slug.title(), kind=kind, brand=brand, language=language
    )
    go_live(survey)
    survey.refresh_from_db()
    return survey


def answers(
    survey: Survey,
    comments: Sequence[str],
    *,
    score: int = 5,
    language: str = "",
    at: datetime | None = None,
    asked_before: timedelta = timedelta(days=2),
) -> list[Response]:
    """Store one answer per comment as the survey page would, each waiting to be read."""
    moment = at or timezone.now()
    invitations = []
    for _ in comments:
        row = new_invitation(
            survey, contact=None, channel=Invitation.Channel.EMAIL, state=Invitation.State.SENT
        )
        row.sent_at, row.answered_at = moment - asked_before, moment
        invitations.append(row)
    invitations = Invitation.objects.bulk_create(invitations, batch_size=400)
    rows = Response.objects.bulk_create(
        [
            Response(
                invitation=invitation,
                survey=survey,
                wording=survey.wording,
                score=score,
                comment=comment,
                language=language,
                channel=Invitation.Channel.EMAIL,
                submitted_at=moment,
                submitted_date=local_date(moment),
            )
            for comment, invitation in zip(comments, invitations, strict=True)
        ],
        batch_size=400,
    )
    enqueue(Wanted(READ, row.pk, f"{READ}:{row.pk}:1") for row in rows)
    return rows


def answer(survey: Survey, comment: str, **about: object) -> Response:
    return answers(survey, [comment], **about)[0]  # type: ignore[arg-type]
