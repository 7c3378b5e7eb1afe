"""Colleagues: who may sign in and be given work, and by which name others read them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet


def colleagues() -> QuerySet[Any]:
    """Return who may sign in, by name."""
    users = get_user_model().objects.filter(is_staff=True, is_active=True)
    return users.order_by("first_name", "last_name", "username")


def name_of(user: Any) -> str:
    """Return a colleague's name as others read it, "" for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""
