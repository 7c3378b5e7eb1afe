"""When a campaign's mails leave: what a person chooses, what is wrong with it, how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.audience import Source
from surveys.models import Campaign, Survey

FURTHEST = timedelta(days=366)
MOST_DAYS = 366
MOST_REMINDERS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """When a campaign's mails leave. The default: all of them at once, and no reminder.

    `starts_at`: None for now. `spread_days`: evenly over so many. `is_morning`:
    weekday mornings where each person is. `every_days`: again and again, 0 for
    once. `reminder_days`: days after the mail on which who has not answered is
    reminded, rising.
    """

    starts_at: datetime | None = None
    spread_days: int = 0
    is_morning: bool = False
    every_days: int = 0
    reminder_days: tuple[int, ...] = ()


AT_ONE_GO = Timing()


def flaws(timing: Timing, survey: Survey, source: str) -> dict[str, str]:
    """Return what is wrong, by the name of the part; empty when the timing can be kept."""
    found: dict[str, str] = {}
    now, every, days = timezone.now(), timing.every_days, timing.reminder_days
    if timing.starts_at and timing.starts_at > now + FURTHEST:
        found["starts_at"] = _("This is more than a year ahead.")
    if timing.starts_at and timing.starts_at < now - timedelta(minutes=5):
        found["starts_at"] = _("This moment is over. Leave it empty to start now.")
    if every and every < max(survey.rest_days, 1):
        found["every_days"] = _(
            "This survey lets people rest %(rest)s days between asks: choose at least as many."
        ) % {"rest": survey.rest_days}
    elif every and source == Source.ADDRESSES:
        found["every_days"] = _("To ask again and again, choose a segment, a file or everyone.")
    if every and timing.spread_days > every:
        found["spread_days"] = _("Longer than the days between two waves.")
    if problem := _ladder_flaw(days, survey):
        found["reminder_days"] = problem
    return found


def _ladder_flaw(days: tuple[int, ...], survey: Survey) -> str:
    if len(days) > MOST_REMINDERS:
        return _("At most %(most)s reminders: more annoy and bring little.") % {
            "most": MOST_REMINDERS
        }
    if any(later <= earlier for earlier, later in pairwise(days)):
        return _("Each reminder comes later than the one before, for example 3, 7.")
    if days and not 1 <= days[0] <= days[-1] < survey.link_days:
        return _("From 1 day after the mail to before the link runs out (%(days)s days).") % {
            "days": survey.link_days
        }
    return ""


def description_of(campaign: Campaign) -> list[str]:
    """Say in short sentences when the mails of a campaign leave; empty for all at once."""
    said = []
    if campaign.every_days:
        said.append(
            ngettext("everyone once a day", "everyone once in %(n)s days", campaign.every_days)
            % {"n": campaign.every_days}
        )
    if campaign.starts_at:
        at = timezone.localtime(campaign.starts_at)
        said.append(_("from %(moment)s") % {"moment": date_format(at, "SHORT_DATETIME_FORMAT")})
    if campaign.spread_days:
        words = ngettext("spread over %(n)s day", "spread over %(n)s days", campaign.spread_days)
        said.append(words % {"n": campaign.spread_days})
    if campaign.is_morning:
        said.append(_("on weekday mornings where each person is"))
    if campaign.reminder_days:
        days = ", ".join(map(str, campaign.reminder_days))
        said.append(_("reminders after %(days)s days") % {"days": days})
    return said
