"""Store people from a file or a form as contacts: create, update, or leave as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from surveys.models import Contact, Customer
from surveys.roster import Person


@dataclass(frozen=True, slots=True)
class Stored:
    """Ids of contacts by what happened to them."""

    created: tuple[int, ...]
    updated: tuple[int, ...]
    unchanged: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return self.created + self.updated + self.unchanged


_CHANGEABLE = ("name", "customer", "language", "properties", "updated_at")


def store(people: Sequence[Person]) -> Stored:
    """Write people down, each address at most once in `people`. Call inside a transaction.

    What a person says nothing about stays as it was; properties are merged.
    Doing it again changes nothing. Five statements, whatever the number.
    """
    customers = _customers(people)
    emails = [person.email for person in people]
    known = {c.email: c for c in Contact.objects.select_for_update().filter(email__in=emails)}
    new, changed, same = [], [], []
    for person in people:
        customer = customers.get(person.customer_id or person.customer_name)
        contact = known.get(person.email)
        if contact is None:
            new.append(_fill(Contact(email=person.email), person, customer))
        elif _is_news(contact, person, customer):
            changed.append(_fill(contact, person, customer))
        else:
            same.append(contact.pk)
    # An address created by somebody else a moment ago is updated, not an error.
    created = Contact.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["email"], update_fields=_CHANGEABLE
    )
    Contact.objects.bulk_update(changed, _CHANGEABLE, batch_size=100)
    return Stored(_ids(created), _ids(changed), tuple(same))


def _ids(contacts: Iterable[Contact]) -> tuple[int, ...]:
    return tuple(contact.pk for contact in contacts)


def _is_news(contact: Contact, person: Person, customer: Customer | None) -> bool:
    before = (contact.name, contact.customer_id, contact.language, contact.properties)
    return before != (
        person.name or contact.name,
        customer.pk if customer else contact.customer_id,
        person.language or contact.language,
        {**contact.properties, **person.properties},
    )


def _fill(contact: Contact, person: Person, customer: Customer | None) -> Contact:
    contact.name = person.name or contact.name
    contact.customer = customer or contact.customer
    contact.language = person.language or contact.language
    contact.properties = {**contact.properties, **person.properties}
    contact.updated_at = timezone.now()
    return contact


def _customers(people: Iterable[Person]) -> dict[str, Customer]:
    """Return the customer of each id (or of each name without one), made where missing."""
    names: dict[str, str] = {}  # id, or name without one -> name
    for person in people:
        if key := person.customer_id or person.customer_name:
            names[key] = person.customer_name or names.get(key, "")
    if not names:
        return {}
    found = _known_customers(names)
    missing = [
        Customer(external_id=key[:120], name=names[key] or key) for key in names if key not in found
    ]
    if missing:
        Customer.objects.bulk_create(missing, ignore_conflicts=True)
        found |= _known_customers({key: names[key] for key in names if key not in found})
    _rename(found, names)
    return found


def _known_customers(names: dict[str, str]) -> dict[str, Customer]:
    """Find customers by id; a name alone also finds the one customer of that name."""
    by_id = Customer.objects.in_bulk([key[:120] for key in names], field_name="external_id")
    found = {key: by_id[key[:120]] for key in names if key[:120] in by_id}
    bare = [key for key, name in names.items() if key == name and key not in found]
    namesakes: dict[str, list[Customer]] = {}
    for customer in Customer.objects.filter(name__in=bare):
        namesakes.setdefault(customer.name, []).append(customer)
    return found | {name: same[0] for name, same in namesakes.items() if len(same) == 1}


def _rename(found: dict[str, Customer], names: dict[str, str]) -> None:
    renamed = []
    for key, customer in found.items():
        if names[key] and names[key] != customer.name:
            customer.name = names[key]
            renamed.append(customer)
    if renamed:
        Customer.objects.bulk_update(renamed, ["name"], batch_size=100)
