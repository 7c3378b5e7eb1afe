"""How old kept figures are, in words, with the button that makes them new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import Period
from analytics.success.catalogue import METRICS
from analytics.success.daily import HEALTH, HEALTH_PART, at_once
from analytics.success.keeping import Task, is_under_way
from analytics.success.kept import Age, Measured
from analytics.success.panels import with_period
from outbox.models import Job


def age_panel(
    shown: Collection[Measured], groups: Sequence[str], period: Period, segment: str
) -> dict[str, Any] | None:
    """Return the age of what a page shows, the oldest figure's; None where all are of now."""
    kept = [each for each in shown if each.is_kept]
    if not kept:
        return None
    ages = [each.age for each in kept if each.age]
    under_way = any(is_under_way(Task(segment, period, group)) for group in groups)
    is_whole = all(each.is_whole for each in kept)
    name, args = ("metric-compute", groups) if groups[0] in METRICS else ("metrics-compute", ())
    return {
        "words": _words(ages) if is_whole else _missing(ages),
        "is_old": not is_whole or any(age.since for age in ages),
        "is_under_way": under_way,
        "url": with_period(reverse(f"staff:{name}", args=args), period, segment),
    }


def accounts_age(age: Age) -> dict[str, Any]:
    """Return since when accounts stand in this order."""
    waits = Job.objects.filter(state__in=[Job.State.PENDING, Job.State.CLAIMED])
    now = Q(kind=HEALTH, dedupe_key=at_once().dedupe_key)
    return {
        "words": _words([age]),
        "is_old": bool(age.since),
        "is_under_way": waits.filter(now | Q(kind=HEALTH_PART)).exists(),
        "url": reverse("staff:accounts-judge"),
    }


def _words(ages: Sequence[Age]) -> str:
    said = {
        "time": timesince(min(age.computed_at for age in ages), depth=1),
        "n": figures.count_text(max(age.since for age in ages)),
    }
    if any(age.since for age in ages):
        return _("Computed %(time)s ago, facts since then: %(n)s.") % said
    return _("Computed %(time)s ago, no facts since then.") % said


def _missing(ages: Sequence[Age]) -> str:
    if ages:
        return _("Part of this page is not computed yet: there are too many facts to do it here.")
    return _("Not computed yet: there are too many facts to do it while you wait.")
