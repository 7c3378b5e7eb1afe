"""The API does what its schema says: called with made-up data, good and bad, it never breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from analytics.success.catalogue import METRICS
from tests.feedback.making import a_survey, answer
from tests.surveys.calling import caller
from tests.surveys.worlds import contact, invitation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def few_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """All metrics of thirteen months are a second's work, and there are forty calls."""
    few = {slug: METRICS[slug] for slug in ("mrr", "referral")}
    monkeypatch.setattr("analytics.exports.metric_rows.METRICS", few)


@pytest.fixture(autouse=True)
def one_transaction(settings: Any) -> Iterator[None]:
    """A real WSGI request closes its connection, and with it the test's transaction."""
    settings.API_CALLS_PER_MINUTE = 1_000_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key() -> str:
    survey = a_survey("product-nps")
    answer(survey, "The support was terrible.", score=2)
    invitation(survey, contact("ada"))
    return caller().text


def test_the_schema_is_openapi_3_1_and_needs_no_key() -> None:
    body = Client().get("/api/schema/").json()
    assert body["openapi"].startswith("3.1")
    assert len(body["paths"]) > 25


def test_every_operation_says_what_it_does_and_how_it_may_refuse() -> None:
    body = Client().get("/api/schema/").json()
    for path, operations in body["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert operation["summary"], name
            assert operation["tags"], name
            assert {"400", "401", "403", "429"} <= set(operation["responses"]), name
            assert operation["security"], name


# PostgreSQL is the stricter of the two, and once takes minutes. Only there are the calls made up
# at all: that alone takes ten seconds, before the first test.
if connection.vendor == "postgresql":
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())

    @schema.parametrize()
    @settings(
        max_examples=2,  # beside what the schema itself suggests, some forty calls an operation
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def test_every_operation_keeps_its_word(case: Any, key: str) -> None:
        # More than a schema can say is refused (cursors, scales); a bulk call refuses row by row.
        excluded = [positive_data_acceptance]
        if case.operation.path.endswith("/bulk"):
            excluded.append(negative_data_rejection)
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded)
