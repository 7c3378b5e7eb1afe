"""Change surveys and ask people. Each function is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from outbox.jobs import Wanted, enqueue
from outbox.prepared import Lookup
from outbox.transactions import write
from surveys import tokens
from surveys.models import Campaign, Contact, Invitation, Suppression, Survey
from surveys.wording import keep

DELIVER = "deliver"
REMIND = "remind"


class NotLive(Exception):
    """The survey is a draft or closed: nobody can be asked."""


def go_live(survey: Survey) -> None:
    """Open a survey for answers with the words it has now."""
    with write():
        keep(survey)
        survey.status = Survey.Status.LIVE
        survey.save(update_fields=["status", "updated_at"])


def close(survey: Survey) -> None:
    """Take no further answers; waiting mails are cancelled when their turn comes."""
    with write():
        survey.status = Survey.Status.CLOSED
        survey.save(update_fields=["status", "updated_at"])


def refresh_wording(survey: Survey) -> None:
    """After an edit: new answers see the new words, old ones keep what they saw."""
    if survey.status != Survey.Status.DRAFT:
        with write():
            keep(survey)


def new_invitation(
    survey: Survey,
    *,
    contact: Contact | None,
    channel: str,
    state: str,
    campaign: Campaign | None = None,
    reason: str = "",
) -> Invitation:
    """Return an unsaved invitation with a fresh link (its token can be rebuilt)."""
    link = tokens.new_link(settings.LINK_KEYS)
    return Invitation(
        survey=survey,
        contact=contact,
        campaign=campaign,
        channel=channel,
        state=state,
        reason=reason,
        nonce=link.nonce,
        key_id=link.key_id,
        token_hash=link.token_hash,
        properties=contact.properties if contact else {},
        expires_at=timezone.now() + timedelta(days=survey.link_days),
    )


def token_of(invitation: Invitation) -> str:
    return tokens.rebuild(
        settings.LINK_KEYS, key_id=invitation.key_id, nonce=bytes(invitation.nonce)
    )


def link_of(invitation: Invitation) -> str:
    """Return the absolute address that opens this invitation."""
    return f"{settings.BASE_URL}/s/{token_of(invitation)}"


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation a link opens with survey, brand, wording and contact, or None."""
    return _BY_TOKEN.get(tokens.hash_of(token))


# Every view of a customer's page begins with this; a brand's logo is fetched by its own address.
_BY_TOKEN = Lookup(
    lambda token_hash: (
        Invitation.objects.select_related("survey__brand", "survey__wording", "contact")
        .filter(token_hash=token_hash)
        .defer("properties", "survey__brand__logo")
        .order_by()
    ),
)


def invite(survey: Survey, contacts: Sequence[Contact], *, campaign: Campaign) -> list[Invitation]:
    """Write one invitation and one delivery job per contact, in one transaction.

    Whether each may really be written to is decided again at the moment of
    sending (surveys.delivery). NotLive unless the survey is live.
    """
    if survey.status != Survey.Status.LIVE:
        raise NotLive(survey.slug)
    rows = [
        new_invitation(
            survey,
            contact=contact,
            campaign=campaign,
            channel=Invitation.Channel.EMAIL,
            state=Invitation.State.WAITING,
        )
        for contact in contacts
    ]
    with write():
        created = Invitation.objects.bulk_create(rows, batch_size=500, ignore_conflicts=False)
        enqueue(Wanted(DELIVER, row.pk, f"deliver:{row.pk}") for row in created)
    return created


def suppress(email: str, *, reason: str, source: str, survey: Survey | None = None) -> None:
    """Stop mail of one survey, or all survey mail, to an address; repeating it changes nothing."""
    Suppression.objects.bulk_create(
        [Suppression(email=email.lower(), reason=reason, source=source[:60], survey=survey)],
        ignore_conflicts=True,
    )


def is_suppressed(email: str, *, survey: Survey | None = None) -> bool:
    """Tell whether an address gets no survey mail at all, or none of this survey."""
    rows = Suppression.objects.filter(email=email.lower())
    return (rows.against(survey) if survey else rows.everywhere()).exists()


def lift_suppression(suppression: Suppression, *, by: str, why: str = "") -> None:
    """Allow mail again; who did it, when and why stays on record."""
    Suppression.objects.filter(pk=suppression.pk, lifted_at__isnull=True).update(
        lifted_at=timezone.now(), lifted_by=by[:150], lifted_why=why[:200]
    )
