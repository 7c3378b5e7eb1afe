"""Reports over the API: what a key may, and what is refused at which field."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from analytics.digests.models import Report, ReportFile
from surveys.models import Survey
from tests.feedback.making import a_survey
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
BOARD = {
    "name": "Board",
    "survey": "relation",
    "rhythm": "monthly",
    "filters": {"segment": "growth"},
    "recipients": ["ada@board.example"],
}


def test_a_report_is_set_up_made_fetched_and_removed(
    survey: Survey, drain: Callable[[], int]
) -> None:
    api = caller("read", "write")
    a_survey("quiet")  # the month before has no answers, whatever day it is
    made = api.post("reports", BOARD | {"survey": "quiet"})
    assert made.status_code == 201, made.json()
    path = f"reports/{made.json()['id']}"
    assert api.get(path).json() == made.json()
    assert made.json()["filters"] == {"segment": "growth"} and made.json()["next_at"]
    file = api.post(f"{path}/files", {})
    assert (file.status_code, file.json()["state"]) == (202, "waiting")
    pdf_path = f"{path}/files/{file.json()['id']}.pdf"
    assert error_of(api.get(pdf_path))["code"] == "not_ready"
    drain()
    [done] = api.get(f"{path}/files").json()["results"]
    assert done["state"] == "done" and mail.outbox == []
    pdf = api.get(pdf_path)
    assert hashlib.sha256(pdf.content).hexdigest() == done["pdf_sha256"]
    checksum = base64.b64encode(hashlib.sha256(pdf.content).digest()).decode()
    assert pdf.headers["Repr-Digest"] == f"sha-256=:{checksum}:"
    html = api.get(pdf_path.replace(".pdf", ".html"))
    assert hashlib.sha256(html.content).hexdigest() == done["html_sha256"]
    assert done["summary"] == "n 0 · no answers yet" and "no answers yet" in html.content.decode()
    api.post(f"{path}/files", {"mail": True})
    drain()
    assert [m.to for m in mail.outbox] == [["ada@board.example"]]
    assert api.delete(path).status_code == 204
    assert not Report.objects.exists() and not ReportFile.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"survey": "gone"}, "survey"),
        ({"rhythm": "daily"}, "rhythm"),
        ({"hour": 24}, "hour"),
        ({"filters": {"segment": "gone"}}, "filters.segment"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"recipients": ["ada@"]}, "recipients"),
        ({"recipients": [f"a{n}@x.example" for n in range(21)]}, "recipients"),
        ({"carry": "paper"}, "carry"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    survey: Survey, change: dict[str, Any], field: str
) -> None:
    reply = caller().post("reports", {**BOARD, **change})
    assert reply.status_code == 422 and field in error_of(reply)["fields"], reply.json()
    assert not Report.objects.exists()


def test_a_key_sees_reports_of_its_own_survey_only(survey: Survey) -> None:
    other = caller("read", "write", survey=a_survey("other"))
    mine = caller().post("reports", BOARD).json()["id"]
    assert other.get("reports").json()["results"] == []
    assert other.get(f"reports/{mine}").status_code == 404
    assert other.get(f"reports/{mine}/files").status_code == 404
    assert other.post(f"reports/{mine}/files", {}).status_code == 404
    assert other.post("reports", BOARD).status_code == 422
    assert caller("read").post("reports", BOARD).status_code == 403
