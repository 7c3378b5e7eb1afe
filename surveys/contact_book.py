"""Amend or remove one contact, as staff or another system asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from outbox.transactions import write
from surveys.models import Contact, Customer, Invitation


def amend(contact_id: int, changes: Mapping[str, Any]) -> None:
    """Change what is given; properties are merged, and those that are None taken away.

    `customer` is an external id (made if new) or None.
    """
    with write():
        contact = Contact.objects.select_for_update().get(pk=contact_id)
        for name in ("email", "name", "language"):
            setattr(contact, name, changes.get(name, getattr(contact, name)))
        if "customer" in changes:
            contact.customer = _customer(changes["customer"], changes.get("customer_name", ""))
        merged = {**contact.properties, **changes.get("properties", {})}
        contact.properties = {name: value for name, value in merged.items() if value is not None}
        contact.save()


def _customer(external_id: str | None, name: str) -> Customer | None:
    if not external_id:
        return None
    customer, is_new = Customer.objects.get_or_create(
        external_id=external_id, defaults={"name": name or external_id}
    )
    if name and not is_new and customer.name != name:
        Customer.objects.filter(pk=customer.pk).update(name=name)
    return customer


def remove(contact: Contact) -> None:
    """Delete a contact and cancel the mails that wait for it; answers stay without the person."""
    with write():
        contact.invitations.filter(state=Invitation.State.WAITING).update(
            state=Invitation.State.CANCELLED, reason="contact deleted"
        )
        contact.delete()
