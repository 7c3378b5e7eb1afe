"""Hot statements say the same as Django's own, and are planned once on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from outbox.models import Job
from outbox.prepared import Lookup, prepared_cursor

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.only_on("postgresql")  # SQLite's driver keeps every statement


def job(key: str) -> Job:
    moment = datetime(2026, 3, 1, 12, 30, 0, 123000, tzinfo=UTC)
    return Job.objects.create(
        kind="read", subject_id=7, dedupe_key=key, due_at=moment, created_at=moment
    )


BY_KEY = Lookup(lambda key: Job.objects.filter(dedupe_key=key).defer("last_error").order_by())


def test_a_lookup_returns_what_django_returns_with_every_type_converted():
    stored = job("read:7")
    job("read:8")
    found = BY_KEY.get("read:7")
    usual = Job.objects.get(pk=stored.pk)
    assert found == usual and not found._state.adding
    for field in Job._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(usual, field.attname), field.name
    assert BY_KEY.get("read:9") is None


def test_what_was_left_out_is_fetched_when_asked_for(django_assert_num_queries):
    stored = job("read:7")
    Job.objects.filter(pk=stored.pk).update(last_error="refused")
    with django_assert_num_queries(1):
        found = BY_KEY.get("read:7")
        assert found.get_deferred_fields() == {"last_error"}
    assert found.last_error == "refused"


def test_a_value_that_looks_like_sql_is_only_a_value():
    job("read:7")
    assert BY_KEY.get("' OR 1=1 --") is None
    assert BY_KEY.get("%s") is None


def test_values_go_where_their_names_say_and_constants_stay():
    seven, eight = job("read:7"), job("read:8")
    between = Lookup(
        lambda after, before: (
            Job.objects.filter(kind="read", dedupe_key__lt=before, dedupe_key__gt=after)
            .order_by("dedupe_key")
            .values_list("pk", "due_at")
        )
    )
    assert between.every("read:6", "read:8") == [(seven.pk, seven.due_at)]
    assert [key for key, _at in between.every("read:0", "read:9")] == [seven.pk, eight.pk]
    assert between.every("read:8", "read:9") == []
    with pytest.raises(ValueError, match="zip"):
        between.every("read:6")


def kept_statements() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return sum("(7 + 35)" in statement for (statement,) in cursor.fetchall())


@on_postgresql
def test_postgresql_keeps_the_plan_and_a_pooler_forbids_it(monkeypatch):
    def ask():
        with prepared_cursor() as cursor:
            return cursor.execute("SELECT %s::int - (7 + 35)", [84]).fetchone()[0]

    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert (ask(), kept_statements()) == (42, 0)
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", False)
    assert (ask(), ask(), kept_statements()) == (42, 42, 1)
