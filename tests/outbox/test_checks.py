from __future__ import annotations

from outbox import checks
from outbox.registry import Handler, Once


def test_an_outdated_django_stops_the_start(monkeypatch):
    assert checks.check_django_floor() == []
    monkeypatch.setattr("django.VERSION", (5, 2, 18, "final", 0))
    assert [error.id for error in checks.check_django_floor()] == ["outbox.E001"]


def test_a_queue_nobody_listens_to_stops_the_start(monkeypatch):
    assert checks.check_queues_are_consumed() == []
    handler = Handler("odd", lambda work, by: (), batch=1, once=Once.REPEATABLE, queue="attic")
    monkeypatch.setattr("outbox.registry._handlers", {"odd": handler})
    assert [error.id for error in checks.check_queues_are_consumed()] == ["outbox.E002"]
