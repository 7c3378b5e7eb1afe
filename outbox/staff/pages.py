"""Staff pages of our own, beside the model forms: one decorator for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponseBase]


def full_name(user: Any) -> str:
    """Return how somebody signs, "" for an account without a name."""
    return str(user.get_full_name())


def staff_page(permission: str = "") -> Callable[[View], View]:
    """Protect a view like an admin page and give it our strict content policy.

    `permission` ("feedback.view_response") is required beyond being staff;
    without it the answer is 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission and not request.user.has_perm(permission):
                from django.core.exceptions import PermissionDenied

                raise PermissionDenied
            response = view(request, *args, **kwargs)
            response.is_own_page = True  # type: ignore[attr-defined]
            return response

        return never_cache(admin.site.admin_view(guarded))

    return decorate
