"""Whom signs and tasks may belong to: colleagues who may sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from analytics.care.models import AccountOwner
from outbox.staff.people import colleagues, name_of
from outbox.transactions import write
from surveys.models import Customer


class Colleague(forms.ModelChoiceField):
    """A choice of a colleague, by name; nobody unless `required`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(get_user_model().objects.none(), required=False, **kwargs)

    def __deepcopy__(self, memo: Any) -> Any:
        copied = super().__deepcopy__(memo)
        copied.queryset = colleagues()  # as they are when a form is made
        return copied

    def label_from_instance(self, user: Any) -> str:
        return name_of(user)


def owner_of(customer: Customer) -> Any:
    """Return who looks after an account, None when nobody does."""
    row = AccountOwner.objects.select_related("owner").filter(customer=customer).first()
    return row.owner if row else None


def set_owner(customer: Customer, owner: Any) -> None:
    """Let somebody look after an account, or (None) nobody. Signs and tasks stay whose they are."""
    with write():
        if owner is None:
            AccountOwner.objects.filter(customer=customer).delete()
        else:
            AccountOwner.objects.update_or_create(customer=customer, defaults={"owner": owner})
