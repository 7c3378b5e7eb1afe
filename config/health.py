"""For load balancers and monitoring: is the web there, is the work being done?"""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from outbox.overdue import oldest_due
from surveys import outages

WORK_MAY_WAIT = timedelta(minutes=2)


@require_safe
@never_cache
def web(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database not reachable"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def worker(request: HttpRequest) -> JsonResponse:
    """200 when no due work is older than two minutes, else 503; both say how old the oldest is."""
    try:
        waiting = oldest_due()
    except DatabaseError:
        return JsonResponse({"status": "database not reachable"}, status=503)
    is_late = waiting > WORK_MAY_WAIT
    return JsonResponse(
        {
            "status": "work is not being done" if is_late else "ok",
            "oldest_due_seconds": round(waiting.total_seconds()),
        },
        status=503 if is_late else 200,
    )


@require_safe
@never_cache
def mail(request: HttpRequest) -> JsonResponse:
    """503 when mails have waited for the mail server for a while; the error is for staff only."""
    try:
        outage = outages.mail_server_away()
    except DatabaseError:
        return JsonResponse({"status": "database not reachable"}, status=503)
    if outage is None:
        return JsonResponse({"status": "ok"})
    since = outage.since.isoformat(timespec="seconds")
    status = 503 if outages.is_long(outage) else 200
    return JsonResponse({"status": "mail waits for the mail server", "since": since}, status=status)
