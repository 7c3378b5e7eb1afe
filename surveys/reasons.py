"""Why somebody is not asked: a code in the database, words on the page.

A reason is a code, sometimes with a detail after a colon: `rest:2026-11-10`.
What is no code is shown as it stands (an SMTP server's own words).
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outbox.days import local_date

NO_ADDRESS = "no_address"
INTERNAL = "internal"
WAITING = "waiting"
REST = "rest"
REST_ANY = "rest_any"
CUSTOMER = "customer"
UNUSABLE = "unusable"
DEMO = "demo"
CANCELLED = "cancelled"

# The reasons of surveys.models.Suppression: this address gets no mail.
SUPPRESSED = ("unsubscribed", "bounced", "complained", "by_staff")

# In the order in which they are looked at: the first one that holds is given.
LABELS = {
    UNUSABLE: gettext_lazy("not an e-mail address"),
    NO_ADDRESS: gettext_lazy("no e-mail address"),
    "unsubscribed": gettext_lazy("unsubscribed"),
    "bounced": gettext_lazy("the address does not exist"),
    "complained": gettext_lazy("marked a mail as spam"),
    "by_staff": gettext_lazy("taken off the list by staff"),
    INTERNAL: gettext_lazy("belongs to an internal customer"),
    DEMO: gettext_lazy("made up for the demo"),
    WAITING: gettext_lazy("already waits for a mail of this survey"),
    REST: gettext_lazy("asked by this survey not long ago"),
    REST_ANY: gettext_lazy("asked by another survey not long ago"),
    CUSTOMER: gettext_lazy("enough people of the same customer were asked"),
    # Only found when the mail is to leave:
    "answered": gettext_lazy("has answered already"),
    "expired": gettext_lazy("the link has run out"),
    "closed": gettext_lazy("the survey takes no answers any more"),
    "refused": gettext_lazy("the mail server refused the mail"),
    "refused_often": gettext_lazy("the mail server kept putting the mail off"),
    "unwritable": gettext_lazy("the mail could not be written"),
    "interrupted": gettext_lazy("the worker stopped each time"),
    "came_back": gettext_lazy("the mail came back, the address may be good"),
    "morning": gettext_lazy("waits for a weekday morning"),
    "early": gettext_lazy("its time has not come yet"),
    CANCELLED: gettext_lazy("the campaign was cancelled"),
}

ADVICE = {
    UNUSABLE: gettext_lazy("Correct the address and add the person to another campaign."),
    NO_ADDRESS: gettext_lazy("Add the address to the contact."),
    "unsubscribed": gettext_lazy("They asked for no more survey mail. That stays so."),
    "bounced": gettext_lazy("Ask for their new address; if it works again, lift the suppression."),
    "complained": gettext_lazy("Mail to them harms the delivery of all other mail."),
    "by_staff": gettext_lazy("Lift the suppression if it was a mistake."),
    INTERNAL: gettext_lazy("Test and own accounts count nowhere."),
    DEMO: gettext_lazy("Demo people get mail only while mail is kept in files here."),
    WAITING: gettext_lazy("They get the mail that waits, not a second one."),
    REST: gettext_lazy("They may be asked again when the survey's rest is over."),
    REST_ANY: gettext_lazy("They may be asked again when the rest between surveys is over."),
    CUSTOMER: gettext_lazy("The rules of asking spare a customer's other people for a while."),
}


def with_day(code: str, moment: datetime | None) -> str:
    """Return a reason with the workspace's day of a moment: `rest:2026-11-10`."""
    return f"{code}:{local_date(moment).isoformat()}" if moment else str(code)


def words(reason: str) -> str:
    """Return a reason in words: "asked by this survey on 10 November 2026"."""
    code, _colon, detail = reason.partition(":")
    if code in (REST, REST_ANY) and detail:
        day = date_format(date.fromisoformat(detail), "DATE_FORMAT")
        by_this = _("asked by this survey on %(day)s")
        return (by_this if code == REST else _("asked by another survey on %(day)s")) % {"day": day}
    if code == UNUSABLE and detail:
        return _("“%(text)s” is not an e-mail address") % {"text": detail}
    return str(LABELS.get(code, reason))
