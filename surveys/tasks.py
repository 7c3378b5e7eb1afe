"""Celery's entry points of this app; work itself stands in outbox rows."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from surveys import postbox

log = logging.getLogger(__name__)


@shared_task(name="surveys.read_bounces", ignore_result=True)
def read_bounces() -> None:
    """Read the bounce mailbox, when there is one. A mailbox that is away is tried again later."""
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        found = postbox.read_own()
    except postbox.UnreadableMailbox as error:
        log.error("bounce mailbox unreadable: %s", error)
        return
    if found:
        log.info("bounce mailbox read count=%d", found.total())
