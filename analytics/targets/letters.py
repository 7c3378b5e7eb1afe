"""The mail about a target's alarms: one to its owner, when they start."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.targets import sentences
from analytics.targets.currency import currency_of
from analytics.targets.models import Alarm
from surveys.staff_mail import staff_mail


def letters(target_id: int, day: date) -> list[EmailMessage]:
    """Return the mail about the alarms of one morning; none when nobody is there to read it."""
    rows = Alarm.objects.filter(target=target_id, started_date=day, is_told=True)
    started = list(rows.select_related("target__survey", "target__owner").order_by("id"))
    owner = started[0].target.owner if started else None
    if owner is None or not owner.email or not owner.is_active:
        return []
    target = started[0].target
    currency = currency_of(target)
    address = settings.BASE_URL + reverse("staff:target", args=[target.pk])
    paragraphs = [
        *(
            f"{alarm.get_kind_display().capitalize()}. {sentences.alarm_words(alarm, currency)}"
            for alarm in started
        ),
        _("Look at it, and press “I look after it” once you do: %(address)s")
        % {"address": address},
        _("No second mail about the same alarm comes within %(n)s days.")
        % {"n": target.quiet_days},
    ]
    key = f"target-{target.pk}-{day}"
    return [staff_mail(sentences.alarms_title(started), paragraphs, to=owner.email, key=key)]
