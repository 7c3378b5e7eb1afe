"""The pages: each person's own digests only, reports by permission, bad input said at its field."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.digests import service
from analytics.digests.models import Digest, Issue, Report, ReportFile
from analytics.digests.service import DigestWish, ReportWish
from surveys.models import Survey

pytestmark = pytest.mark.django_db
DIGEST = {"rhythm": "weekly", "hour": "7", "window": "13w"}
REPORT = {**DIGEST, "name": "Board", "rhythm": "monthly", "survey": "relation", "carry": "pdf"}


@pytest.fixture
def bob_client(settings: Any) -> Client:
    """Return a client of Bob, who may see surveys and nothing else."""
    bob = User.objects.create_user("bob", "bob@example.com", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    client = Client()
    client.force_login(bob, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_a_digest_is_set_up_changed_paused_and_removed(
    survey: Survey, staff_client: Client, drain: Callable[[], int]
) -> None:
    page = reverse("staff:digests")
    reply = staff_client.post(page, {**DIGEST, "surveys": ["relation"], "channel": "email"})
    assert reply.status_code == 302
    digest = Digest.objects.get()
    assert (digest.hour, digest.filters, digest.has_all) == (7, {"channel": "email"}, False)
    staff_client.post(reverse("staff:digest", args=[digest.pk]), {**DIGEST, "rhythm": "daily"})
    digest.refresh_from_db()
    assert (digest.rhythm, digest.filters, digest.has_all) == ("daily", {}, True)
    for what, is_paused in (("pause", True), ("resume", False)):
        staff_client.post(reverse("staff:digest-act", args=[digest.pk, what]))
        digest.refresh_from_db()
        assert digest.is_paused is is_paused
    staff_client.post(reverse("staff:digest-act", args=[digest.pk, "now"]))
    drain()
    assert len(mail.outbox) == 1
    assert mail.outbox[0].subject in staff_client.get(page).content.decode()
    staff_client.post(reverse("staff:digest-act", args=[digest.pk, "remove"]))
    assert not Digest.objects.exists() and not Issue.objects.exists()


def test_looking_sends_and_stores_nothing(digest: Digest, staff_client: Client) -> None:
    for name in ("digest-preview", "digest-mail"):
        reply = staff_client.get(reverse(f"staff:{name}", args=[digest.pk]))
        assert reply.status_code == 200
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert "n 52" in reply.content.decode()
    assert mail.outbox == [] and not Issue.objects.exists()
    act = reverse("staff:digest-act", args=[digest.pk, "now"])
    assert staff_client.get(act).status_code == 405


def test_nobody_sees_or_touches_anothers_digest(
    digest: Digest, bob_client: Client, drain: Callable[[], int]
) -> None:
    service.send_now(digest)
    drain()
    issue = Issue.objects.get()
    for name, arguments in (
        ("digest", [digest.pk]), ("digest-mail", [digest.pk]), ("digest-preview", [digest.pk]),
        ("issue", [issue.pk]), ("issue-mail", [issue.pk]),
    ):  # fmt: skip
        assert bob_client.get(reverse(f"staff:{name}", args=arguments)).status_code == 404
    remove = reverse("staff:digest-act", args=[digest.pk, "remove"])
    assert bob_client.post(remove).status_code == 404
    assert "Relation" not in bob_client.get(reverse("staff:digests")).context["lines"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("rhythm", "hourly"), ("hour", "24"), ("window", "1y"), ("surveys", "gone"),
     ("channel", "pigeon"), ("segment", "gone")],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(
    survey: Survey, staff_client: Client, field: str, value: str
) -> None:
    reply = staff_client.post(reverse("staff:digests"), {**DIGEST, field: value})
    assert reply.status_code == 422 and field in reply.context["form"].errors
    assert not Digest.objects.exists()


def test_there_is_an_end_to_digests(survey: Survey, staff_user: Any, staff_client: Client) -> None:
    for _ in range(service.MOST_DIGESTS):
        service.save_digest(DigestWish("daily", 8), user=staff_user)
    reply = staff_client.post(reverse("staff:digests"), DIGEST)
    assert reply.status_code == 422 and "10 digests" in reply.content.decode()


def test_a_dashboard_leads_to_a_digest_of_what_it_shows(
    survey: Survey, staff_client: Client
) -> None:
    page = staff_client.get(reverse("staff:survey", args=["relation"]) + "?channel=email")
    url = page.context["digest_url"]
    form = staff_client.get(url).context["form"]
    assert form["channel"].value() == "email" and form["surveys"].value() == ["relation"]


# ---- Reports ---------------------------------------------------------------------------------


def test_a_report_is_set_up_made_and_fetched_with_its_checksum(
    survey: Survey, staff_client: Client, drain: Callable[[], int]
) -> None:
    recipients = "Ada <ada@board.example>; bo@board.example\nada@board.example"
    reply = staff_client.post(reverse("staff:reports"), {**REPORT, "recipients": recipients})
    report = Report.objects.get()
    assert reply.headers["Location"] == reverse("staff:report", args=[report.pk])
    assert report.recipients == ["ada@board.example", "bo@board.example"]
    staff_client.post(reverse("staff:report-act", args=[report.pk, "now"]))
    drain()
    assert mail.outbox == [], "made to look at, not to send"
    file = ReportFile.objects.get()
    pdf = staff_client.get(reverse("staff:report-file", args=[file.pk, "pdf"]))
    digest = base64.b64encode(bytes.fromhex(file.pdf_sha256)).decode()
    assert pdf.content.startswith(b"%PDF-") and pdf.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    html = staff_client.get(reverse("staff:report-file", args=[file.pk, "html"]))
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy
    assert file.pdf_sha256 in staff_client.get(reply.headers["Location"]).content.decode()
    staff_client.post(reverse("staff:report-act", args=[report.pk, "mail"]))
    drain()
    assert len(mail.outbox) == 2


def test_an_address_that_is_none_is_named(survey: Survey, staff_client: Client) -> None:
    reply = staff_client.post(
        reverse("staff:reports"), {**REPORT, "recipients": "ada@\nb@x.example"}
    )
    assert reply.status_code == 422
    assert "“ada@” is not an e-mail address." in str(reply.context["form"].errors["recipients"])
    assert not Report.objects.exists()


def test_reports_need_their_permission(survey: Survey, staff_user: Any, bob_client: Client) -> None:
    report = service.save_report(ReportWish("Board", survey, "monthly"), by=staff_user)
    file = service.make_now(report)
    for name, arguments in (("reports", []), ("report", [report.pk]),
                            ("report-file", [file.pk, "pdf"])):  # fmt: skip
        assert bob_client.get(reverse(f"staff:{name}", args=arguments)).status_code == 403
    bob = User.objects.get(username="bob")
    bob.user_permissions.add(Permission.objects.get(codename="view_report"))
    assert bob_client.get(reverse("staff:report", args=[report.pk])).status_code == 200
    assert bob_client.post(reverse("staff:reports"), REPORT).status_code == 403
    act = reverse("staff:report-act", args=[report.pk, "now"])
    assert bob_client.post(act).status_code == 403


def test_the_list_costs_the_same_however_many_there_are(
    survey: Survey, staff_user: Any, staff_client: Client, django_assert_max_num_queries: Any
) -> None:
    wish = ReportWish("Board", survey, "monthly", filters={"segment": "growth"})
    service.save_report(wish, by=staff_user)
    staff_client.get(reverse("staff:reports"))
    with CaptureQueriesContext(connection) as one:
        staff_client.get(reverse("staff:reports"))
    for _ in range(8):
        service.save_report(wish, by=staff_user)
    with django_assert_max_num_queries(len(one)):
        staff_client.get(reverse("staff:reports"))
