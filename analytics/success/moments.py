"""What is seen of an account from afar: how many of its people come, and when its health turned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import figures
from analytics.periods import month_of, today
from analytics.success.friction_facts import IS_FRICTION
from analytics.success.friction_words import counted
from analytics.success.metrics.friction import ERROR, RAGE_CLICK
from analytics.success.metrics.periods import add_months
from analytics.success.models import HealthSnapshot, UsageEvent
from analytics.success.usage_facts import by_outsiders
from outbox.days import day_bounds
from surveys.models import Customer

_MONTHS = 13
_FRICTION_DAYS = 15  # more would push out what else happened
_ORDER = ("red", "yellow", "green")


@dataclass(frozen=True, slots=True)
class Moment:
    """One happening; `icon` as in the sidebar, `tone` positive, negative or ""."""

    at: datetime
    icon: str
    title: str
    note: str = ""
    tone: str = ""
    url: str = ""


def usage_moments(customer: Customer) -> list[Moment]:
    """Return each month's active people, and the first use of each feature."""
    since = add_months(today().replace(day=1), 1 - _MONTHS)
    events = _events(customer).filter(kind="", day__gte=since)
    by_month = events.filter(is_core=True).annotate(month=TruncMonth("day")).order_by("month")
    counted = by_month.values_list("month").annotate(n=Count("user", distinct=True))
    used = _events(customer).filter(kind="").exclude(feature="").order_by().values_list("feature")
    first = [
        Moment(at, "check", _("First use of %(feature)s") % {"feature": feature})
        for feature, at in used.annotate(at=Min("at"))
    ]
    return _months(dict(counted)) + first


def friction_moments(customer: Customer) -> list[Moment]:
    """Return the newest days on which people struggled: how many of them, and with what."""
    rows = _events(customer).filter(IS_FRICTION).order_by("-day").values_list("day")
    counts = rows.annotate(
        people=Count("user", distinct=True),
        clicks=Count("pk", filter=Q(kind=RAGE_CLICK)),
        errors=Count("pk", filter=Q(kind=ERROR)),
    )
    found = []
    for day, people, clicks, errors in counts[:_FRICTION_DAYS]:
        title = ngettext("One person struggled", "%(n)s people struggled", people)
        at = day_bounds(day)[1] - timedelta(seconds=1)
        note = counted(clicks, errors)
        found.append(
            Moment(at, "alert", title % {"n": figures.count_text(people)}, note, "negative")
        )
    return found


def _events(customer: Customer) -> QuerySet[UsageEvent]:
    return by_outsiders(UsageEvent.objects.filter(customer=customer))


def _months(counted: dict[date, int]) -> list[Moment]:
    """Tell every month from the first with anybody on, those in which nobody came, too."""
    found: list[Moment] = []
    month, before = min(counted, default=None), None
    while month is not None and month <= today():
        n, last = counted.get(month, 0), min(month_of(month).last, today())
        title = ngettext("One person used the product", "%(n)s people used the product", n)
        note = "" if before is None else _("%(n)s the month before") % {"n": before}
        fell = before is not None and 2 * n < before and last < today()
        found.append(
            Moment(
                day_bounds(last)[1] - timedelta(seconds=1),
                "people",
                # Translators: month and year of a metric, see Django's date format letters.
                f"{title % {'n': figures.count_text(n)}}, {date_format(month, _('F Y'))}",
                note,
                "negative" if fell else "",
            )
        )
        month, before = add_months(month, 1), n
    return found


def band_moments(customer: Customer) -> list[Moment]:
    """Return the days on which health came into another band."""
    rows = HealthSnapshot.objects.filter(customer=customer).exclude(band="").order_by("day")
    found, before = [], ""
    for day, band, score in rows.values_list("day", "band", "score"):
        if before and band != before:
            is_worse = _ORDER.index(band) < _ORDER.index(before)
            said = {"before": band_words(before), "now": band_words(band)}
            title = _("Health fell from %(before)s to %(now)s")
            if not is_worse:
                title = _("Health rose from %(before)s to %(now)s")
            note = _("%(score)s of 100 points") % {"score": figures.number(score or 0)}
            tone = "negative" if is_worse else "positive"
            found.append(Moment(day_bounds(day)[0], "alert", title % said, note, tone))
        before = band
    return found


def band_words(band: str | None) -> str:
    return {"red": _("poor"), "yellow": _("fair"), "green": _("good")}.get(
        band or "", _("no score")
    )
