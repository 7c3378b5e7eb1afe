"""Small worlds for tests of asking: a brand, a live survey, contacts, earlier mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from surveys.models import Brand, Contact, Invitation, Survey
from surveys.services import go_live, new_invitation

State = Invitation.State


def survey(slug: str = "relationship", *, live: bool = True, **fields: Any) -> Survey:
    brand, _ = Brand.objects.get_or_create(name="Kestrel Ledger")
    made = Survey.objects.create(
        **{"slug": slug, "name": slug.title(), "kind": "nps", "brand": brand, **fields}
    )
    if live:
        go_live(made)
    return made


def contact(who: str, **fields: Any) -> Contact:
    return Contact.objects.create(**{"email": f"{who}@example.com", "name": who.title(), **fields})


def invitation(asked: Survey, whom: Contact | None, *, state: str = State.SENT, days_ago: int = 0,
               **fields: Any) -> Invitation:  # fmt: skip
    """Store an e-mail invitation; sent that many days ago when its state is "sent"."""
    at = timezone.now() - timedelta(days=days_ago)
    made = new_invitation(asked, contact=whom, channel="email", state=state, **fields)
    made.sent_at = at if state == State.SENT else None
    made.save()
    Invitation.objects.filter(pk=made.pk).update(created_at=at)
    return made
