"""When people were last asked, over all surveys and channels, for the rules of surveys.cadence.

An ask is a mail that may have arrived (handed over, sent, doubtful) or a
link handed out for another channel. A reminder is no new ask, but other
surveys rest after it as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from surveys.cadence import customer_free_at
from surveys.ledger import REMINDED, asked_moment, asked_q
from surveys.models import AskingRules, Contact, Invitation, Reminder


@dataclass(frozen=True, slots=True)
class History:
    """The last asks of some people and of their customers, and the rules in force."""

    rules: AskingRules
    by_survey: Mapping[tuple[int, int], datetime]  # (survey, contact) -> last ask
    by_contact: Mapping[int, datetime]  # contact -> last mail of any survey
    # customer -> contact -> last ask, of those asked within the days of the cap
    by_customer: Mapping[int, Mapping[int, datetime]] = field(default_factory=dict)

    def customer_free_at(self, contact: Contact) -> datetime | None:
        """Return when the customer's cap lets this person be asked; None for now."""
        asked = self.by_customer.get(contact.customer_id or 0, {})
        others = [at for contact_id, at in asked.items() if contact_id != contact.pk]
        rules = self.rules
        return customer_free_at(others, most=rules.customer_most, days=rules.customer_days)


def history_of(contacts: Collection[Contact], *, now: datetime) -> History:
    """Look the asks of these people up, in at most four queries."""
    rules = AskingRules.current()
    ids = {contact.pk for contact in contacts}
    asks = Invitation.objects.filter(asked_q(), contact_id__in=ids).order_by()
    by_survey = {
        (survey_id, contact_id): at
        for survey_id, contact_id, at in asks.values_list("survey_id", "contact_id").annotate(
            at=Max(asked_moment())
        )
    }
    by_contact: dict[int, datetime] = {}
    for (_survey_id, contact_id), at in by_survey.items():
        by_contact[contact_id] = max(at, by_contact.get(contact_id, at))
    if rules.rest_days:
        for contact_id, at in _reminded(ids):
            by_contact[contact_id] = max(at, by_contact.get(contact_id, at))
    customers = {contact.customer_id for contact in contacts if contact.customer_id}
    return History(rules, by_survey, by_contact, _by_customer(customers, rules, now))


def _reminded(contact_ids: Collection[int]) -> list[tuple[int, datetime]]:
    rows = Reminder.objects.filter(
        state__in=REMINDED, invitation__contact_id__in=contact_ids, handed_at__isnull=False
    )
    grouped = rows.order_by().values_list("invitation__contact_id")
    return list(grouped.annotate(at=Max("handed_at")))


def _by_customer(
    customer_ids: Collection[int], rules: AskingRules, now: datetime
) -> dict[int, dict[int, datetime]]:
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    if not rules.customer_most or not customer_ids:
        return found
    since = now - timedelta(days=rules.customer_days)
    asks = Invitation.objects.filter(asked_q(), contact__customer_id__in=customer_ids).order_by()
    rows = asks.values_list("contact__customer_id", "contact_id").annotate(at=Max(asked_moment()))
    for customer_id, contact_id, at in rows:
        if at > since:
            found[customer_id][contact_id] = at
    return found
