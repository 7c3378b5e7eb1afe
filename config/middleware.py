"""Which content policy a staff page gets: strict for ours, relaxed for unfold's forms."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

STAFF_PREFIXES = ("/admin/", "/accounts/")


class StaffPolicyMiddleware:
    """Add the staff directives to the Content-Security-Policy of /admin/ pages.

    Our own staff pages mark their response with `is_own_page` (see
    outbox.staff.pages) and stay without the relaxations that Alpine.js needs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(STAFF_PREFIXES):
            # allauth's pages are drawn by our templates; only unfold's need Alpine.js.
            is_own = getattr(response, "is_own_page", request.path.startswith("/accounts/"))
            policy = settings.STAFF_PAGES_POLICY if is_own else settings.STAFF_FORMS_POLICY
            response._csp_update = policy if is_own else None  # type: ignore[attr-defined]
            if not is_own:
                response._csp_replace = policy  # type: ignore[attr-defined]
        return response
