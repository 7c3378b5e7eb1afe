"""The fixtures themselves: each server is really there."""

from __future__ import annotations

from urllib.request import urlopen

import pytest
from django.core.mail import send_mail


def test_live_app_answers_from_a_process_of_its_own(live_app):
    with urlopen(f"{live_app.url}/admin/login/") as answer:
        assert answer.status == 200


@pytest.mark.only_on("sqlite")  # on the other, the walk through the whole product says it
def test_page_is_a_real_browser(live_app, page):
    page.goto(f"{live_app.url}/admin/login/")
    assert page.locator("input[name=login]").is_visible()


@pytest.mark.only_on("sqlite")  # on the other, the walk through the whole product says it
def test_staff_page_is_signed_in(live_app, staff_page):
    staff_page.goto(f"{live_app.url}/admin/")
    assert "login" not in staff_page.url


@pytest.mark.django_db
def test_mail_arrives_at_the_smtp_server(smtp_server):
    send_mail("Hello", "How was it?", "us@example.com", ["ada@example.com"])
    (mail,) = smtp_server.to("ada@example.com")
    assert mail.text.strip() == "How was it?"


@pytest.mark.only_on("postgresql")  # so do those that need one on SQLite
def test_worker_stands_ready(worker):
    assert worker.program.returncode is None


def test_valkey_answers(valkey):
    with valkey.client() as client:
        assert client.ping()
