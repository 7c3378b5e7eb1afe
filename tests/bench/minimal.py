"""The yardstick of P1: the least a Django view can do to store one answer durably.

No middleware, no form, no link to check: one POST view, one INSERT, committed.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.minimal_settings")

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from outbox.transactions import write

INSERT = "INSERT INTO bench_answer (score, comment) VALUES (%s, %s)"


def store(request: HttpRequest, token: str) -> HttpResponse:
    row = [int(request.POST["score"]), request.POST["comment"]]
    with write(), connection.cursor() as cursor:
        cursor.execute(INSERT, row)
    return HttpResponse(status=303, headers={"Location": "/thanks", "Content-Length": "0"})


def store_autocommit(request: HttpRequest, token: str) -> HttpResponse:
    """As above without BEGIN and COMMIT of their own: one round trip on PostgreSQL."""
    row = [int(request.POST["score"]), request.POST["comment"]]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)
    return HttpResponse(status=303, headers={"Location": "/thanks", "Content-Length": "0"})


is_sqlite = connection.vendor == "sqlite"
urlpatterns = [path("s/<str:token>", store if is_sqlite else store_autocommit)]
application = get_wsgi_application()
