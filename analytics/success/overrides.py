"""A person's word on an account's health: said, kept, ended; the score is never touched."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.success.metrics.health import Band, Override
from analytics.success.models import HealthOverride, HealthSnapshot
from outbox.transactions import write
from surveys.models import Customer

log = logging.getLogger(__name__)
LONGEST = timedelta(days=366)
_MOST_REASON = 500


class BadOverride(ValueError):
    """This cannot be set; `field` says where, the text why and what to do."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def in_force(at: datetime) -> QuerySet[HealthOverride]:
    """Return the overrides that hold at an instant."""
    is_open = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    return HealthOverride.objects.filter(is_open, created_at__lte=at, expires_at__gt=at)


def overrides_at(at: datetime, customers: Iterable[int]) -> dict[int, Override]:
    """Return customer -> what a person says of it at an instant."""
    rows = in_force(at).filter(customer__any_of=list(customers)).order_by("created_at", "id")
    return {row.customer_id: plain(row) for row in rows}


def plain(row: HealthOverride) -> Override:
    return Override(cast(Band, row.band), row.by, row.reason, row.expires_at)


def set_override(
    customer: Customer, *, band: str, reason: str, expires_at: datetime, by: str
) -> HealthOverride:
    """Set an account's health by hand; one that holds already ends now. BadOverride."""
    now, reason = timezone.now(), " ".join(reason.split())
    _check(band=band, reason=reason, expires_at=expires_at, now=now)
    with write():
        # two people at once: the second one waits here, and then ends what the first one said
        Customer.objects.select_for_update().get(pk=customer.pk)
        in_force(now).filter(customer=customer).update(ended_at=now, ended_by=by)
        row = HealthOverride.objects.create(
            customer=customer,
            band=band,
            reason=reason,
            by=by,
            created_at=now,
            expires_at=expires_at,
        )
    log.info("health override set customer=%d band=%s override=%d", customer.pk, band, row.pk)
    return row


def _check(*, band: str, reason: str, expires_at: datetime, now: datetime) -> None:
    if band not in HealthSnapshot.Band.values:
        known = ", ".join(HealthSnapshot.Band.values)
        raise BadOverride("band", _("Use one of %(known)s.") % {"known": known})
    if not reason:
        raise BadOverride("reason", _("Say why: whoever reads it next was not there."))
    if len(reason) > _MOST_REASON:
        message = _("At most %(most)s characters fit.")
        raise BadOverride("reason", message % {"most": _MOST_REASON})
    if expires_at <= now:
        raise BadOverride("expires_at", _("This has passed already. Choose a day ahead."))
    if expires_at > now + LONGEST:
        raise BadOverride("expires_at", _("At most a year: what holds longer belongs in a note."))


def end_override(customer: Customer, *, by: str) -> bool:
    """End what holds now; False when nothing does."""
    now = timezone.now()
    with write():
        ended = in_force(now).filter(customer=customer).update(ended_at=now, ended_by=by)
    if ended:
        log.info("health override ended customer=%d", customer.pk)
    return bool(ended)
