"""The link that stops: a GET changes nothing, a bare POST acts at once, a forged one is unknown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from analytics.digests import service, stopping
from analytics.digests.models import Digest, Report, ReportFile, ReportMail
from analytics.digests.service import ReportWish
from analytics.periods import today
from surveys.models import Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_looking_changes_nothing_however_often(digest: Digest, stranger: Client) -> None:
    path = path_of(stopping.digest_link(digest.pk))
    for method in ("get", "head", "get"):
        page = getattr(stranger, method)(path)
        assert page.status_code == 200
    digest.refresh_from_db()
    assert not digest.is_paused
    assert "Stop these mails?" in stranger.get(path).content.decode()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not page.cookies


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_one_post_without_login_or_token_stops_it(
    digest: Digest, stranger: Client, body: dict[str, str]
) -> None:
    page = stranger.post(path_of(stopping.digest_link(digest.pk)), body)
    assert page.status_code == 200 and "no more of these mails" in page.content.decode()
    digest.refresh_from_db()
    assert digest.is_paused
    service.resume(digest)
    assert not Digest.objects.get().is_paused


def test_a_recipient_takes_only_the_own_address_off(
    survey: Survey, staff_user: Any, stranger: Client
) -> None:
    wish = ReportWish("Board", survey, "monthly", recipients=["ada@x.example", "bo@x.example"])
    report = service.save_report(wish, by=staff_user)
    file = ReportFile.objects.create(report=report, start=today(), stop=today())
    sent = ReportMail.objects.create(file=file, email="ada@x.example")
    path = path_of(stopping.report_link(sent.pk))
    assert "“Board”" in stranger.get(path).content.decode()
    assert Report.objects.get().recipients == ["ada@x.example", "bo@x.example"]
    stranger.post(path)
    assert Report.objects.get().recipients == ["bo@x.example"]
    assert "off the report’s list" in stranger.get(path).content.decode()


@pytest.mark.parametrize("change", ["digest-{}.x", "digest-{}", "x", "report-{}", "digest-x.y"])
def test_a_forged_link_is_unknown(digest: Digest, stranger: Client, change: str) -> None:
    reply = stranger.post("/d/" + change.format(digest.pk))
    assert reply.status_code == 404
    digest.refresh_from_db()
    assert not digest.is_paused


def test_a_link_of_what_is_gone_is_unknown(digest: Digest, stranger: Client) -> None:
    path = path_of(stopping.digest_link(digest.pk))
    digest.delete()
    assert stranger.get(path).status_code == 404
    assert stranger.put(path).status_code == 404


def test_another_site_cannot_press_the_button(digest: Digest, stranger: Client) -> None:
    path = path_of(stopping.digest_link(digest.pk))
    reply = stranger.post(path, headers={"origin": "https://evil.example"})
    assert reply.status_code == 403
    digest.refresh_from_db()
    assert not digest.is_paused
