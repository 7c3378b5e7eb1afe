from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from outbox.jobs import Wanted, enqueue
from outbox.models import Job

pytestmark = pytest.mark.django_db


def test_the_web_is_well_while_the_database_answers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_web_is_not_well_without_its_database(client, monkeypatch):
    def refuse(*args, **more):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert client.get("/healthz").status_code == 503
    assert client.get("/healthz/worker").status_code == 503


def test_the_worker_is_well_while_due_work_is_young(client):
    enqueue([Wanted("read", 1, "read:1")])
    assert client.get("/healthz/worker").status_code == 200


def test_the_worker_is_not_well_when_due_work_is_older_than_two_minutes(client):
    enqueue([Wanted("read", 1, "read:1")])
    Job.objects.update(due_at=Now() - timedelta(seconds=121))
    answer = client.get("/healthz/worker")
    assert answer.status_code == 503
    assert answer.json()["status"] == "work is not being done"
    assert answer.json()["oldest_due_seconds"] >= 121


def test_health_takes_no_session_and_is_never_cached(client):
    answer = client.get("/healthz")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_a_browser_that_asks_for_an_icon_gets_ours(client):
    reply = client.get("/favicon.ico")
    assert reply.status_code == 302
    assert reply.url.endswith(".svg")
