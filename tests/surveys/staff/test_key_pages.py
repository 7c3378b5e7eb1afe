"""API keys are shown once."""

import re

import pytest
from django.urls import reverse

from surveys.models import (
    ApiKey,
)

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(staff_client, world, client):
    address = reverse("staff:keys")
    page = staff_client.post(address, {"name": "CRM", "scopes": ["read", "invite"]})
    text = re.search(r"vb_[0-9a-f]{8}_[\w-]+", page.content.decode())[0]
    assert text not in staff_client.get(address).content.decode()
    key = ApiKey.objects.get()
    assert text not in str(vars(key))
    assert key.scopes == ["invite", "read"]
    staff_client.post(reverse("staff:key-revoke", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at
    first = key.revoked_at
    staff_client.post(reverse("staff:key-revoke", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at == first


def test_a_key_needs_a_name_and_something_it_may_do(staff_client):
    response = staff_client.post(reverse("staff:keys"), {"name": ""})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "scopes"}
    assert ApiKey.objects.count() == 0
