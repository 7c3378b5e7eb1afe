from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from outbox.staff import shell
from outbox.staff.shell import Entry, sidebar


def current(path: str, user: object) -> list[str]:
    request = RequestFactory().get(path)
    request.user = user
    return [entry.url for _, group in sidebar(request) for entry in group if entry.is_current]


def test_every_entry_has_an_address_and_an_icon(client: Client) -> None:
    icons = (settings.BASE_DIR / "templates/static/staff/icons.svg").read_text()
    known = set(re.findall(r'symbol id="([a-z]+)"', icons))
    for entry in shell._entries:
        assert shell.address_of(entry), f"{entry.label}: {entry.url_name} leads nowhere"
        assert entry.icon in known, f"{entry.label}: there is no icon {entry.icon}"


def test_every_icon_in_a_template_exists() -> None:
    icons = (settings.BASE_DIR / "templates/static/staff/icons.svg").read_text()
    known = set(re.findall(r'symbol id="([a-z]+)"', icons))
    for template in Path(settings.BASE_DIR / "templates").rglob("*.html"):
        used = re.findall(r'staff/icon\.html" with name="([a-z]+)"', template.read_text())
        assert set(used) <= known, f"{template.name}: {set(used) - known}"


@pytest.mark.django_db
def test_one_entry_is_current_and_the_most_exact_one(staff_user: object) -> None:
    assert current("/admin/", staff_user) == ["/admin/"]
    assert current("/admin/responses/7/", staff_user) == ["/admin/responses/"]
    assert current("/admin/outbox/job/3/change/", staff_user) == ["/admin/outbox/job/"]
    assert current("/admin/auth/group/", staff_user) == ["/admin/auth/user/"]


@pytest.mark.django_db
def test_bob_sees_only_what_he_may(client: Client) -> None:
    bob = get_user_model().objects.create_user("bob", password="x", is_staff=True)
    request = RequestFactory().get("/admin/")
    request.user = bob
    assert [e.url for _, group in sidebar(request) for e in group] == ["/admin/"]
    bob.user_permissions.add(Permission.objects.get(codename="view_response"))
    request.user = get_user_model().objects.get(pk=bob.pk)
    assert "/admin/responses/" in [e.url for _, group in sidebar(request) for e in group]


@pytest.mark.django_db
def test_an_entry_without_a_page_is_left_out(
    staff_user: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Entry("run", 1, "Lost", "staff:nowhere", "home")
    monkeypatch.setattr(shell, "_entries", [*shell._entries, lost])
    request = RequestFactory().get("/admin/")
    request.user = staff_user
    assert "Lost" not in [entry.label for _, group in sidebar(request) for entry in group]


@pytest.mark.django_db
def test_the_language_of_the_pages_can_be_changed(staff_client: Client) -> None:
    staff_client.post("/admin/language/", {"language": "ar", "next": "/admin/"})
    body = staff_client.get("/admin/").content.decode()
    assert '<html lang="ar" dir="rtl">' in body


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/"])
def test_entrance_pages_carry_the_strict_policy(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert " style=" not in page.content.decode()


@pytest.mark.django_db
def test_model_pages_stand_in_the_same_shell(staff_client: Client) -> None:
    own = staff_client.get("/admin/").content.decode()
    for address in ("/admin/outbox/job/", "/admin/surveys/brand/add/", "/admin/auth/user/"):
        body = staff_client.get(address).content.decode()
        assert re.findall(r'<nav class="sidebar".*?</nav>', body, re.S)
        assert "staff/shell.css" in body and "chart.js" not in body
        assert body.count("sidebar-group") == own.count("sidebar-group")
