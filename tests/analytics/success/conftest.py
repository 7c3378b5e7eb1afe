"""Facts in tests travel as they do in life: through the intake, or through REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from analytics.success.intake import Intake, take_in
from analytics.success.kinds import KINDS
from surveys.access import create_key
from surveys.models import Customer


@pytest.fixture
def customers(db: None) -> Callable[..., None]:
    """Return a function that makes customers of these external ids."""

    def make(*names: str, **facts: Any) -> None:
        Customer.objects.bulk_create(
            Customer(external_id=name, name=name.title(), **facts) for name in names
        )

    return make


@pytest.fixture
def tell(db: None) -> Callable[..., Intake]:
    """Return a function that takes rows of a kind in and expects none to be refused."""

    def take(kind: str, *rows: dict[str, Any]) -> Intake:
        found = take_in(KINDS[kind], rows)
        assert not found.refusals, found.refusals
        return found

    return take


@pytest.fixture
def api(db: None, settings: Any) -> APIClient:
    """Return a client with a key that may read and write."""
    settings.ROOT_URLCONF = "tests.analytics.success.urls"
    _key, text = create_key(name="facts", scopes=["read", "write"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client
