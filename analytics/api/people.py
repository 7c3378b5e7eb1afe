"""Colleagues over the API: named by their user name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from outbox.staff.people import colleagues


def colleague(name: str | None) -> Any:
    """Return the colleague of a user name, None for none; 422 at `owner` for a stranger."""
    if not name:
        return None
    found = colleagues().filter(username=name).first()
    if found is None:
        raise ValidationError({"owner": [_("There is no colleague of this user name.")]})
    return found
