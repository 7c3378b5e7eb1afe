"""A digest, a report, the dashboard, the API and the export say the same for the same filter."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from analytics.digests import letters, service
from analytics.digests.content import content_of
from analytics.digests.models import Digest, ReportFile
from analytics.digests.rhythms import so_far
from analytics.digests.service import DigestWish, ReportWish
from analytics.periods import today
from feedback.inbox import read_filters
from surveys.models import Survey
from tests.feedback.making import answers
from tests.surveys.calling import caller

pytestmark = pytest.mark.django_db
WISHES: dict[str, list[str]] = {
    "segment": ["", "growth"],
    "channel": ["", "email", "link"],
    "language": ["", "en"],
    "theme": ["", "support"],
    "sentiment": ["", "negative", "positive"],
}
FILTERS = st.fixed_dictionaries({name: st.sampled_from(v) for name, v in WISHES.items()})


def asked_in(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@settings(
    derandomize=True,
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(filters=FILTERS, rhythm=st.sampled_from(["daily", "weekly", "monthly"]),
       window=st.sampled_from(["own", "30d", "13w"]))  # fmt: skip
def test_five_ways_to_one_number(
    survey: Survey, staff_user: Any, staff_client: Client, filters: dict[str, str], rhythm: str,
    window: str,
) -> None:  # fmt: skip
    Digest.objects.all().delete()
    wished = {name: value for name, value in filters.items() if value}
    digest = service.save_digest(DigestWish(rhythm, 8, window, [survey], wished), user=staff_user)
    content = content_of(digest, so_far(rhythm, today()))
    letter = letters.draw(digest, content, stop_url="https://ask.example.com/d/x")
    url = next(line.strip() for line in letter.text.splitlines() if "/surveys/relation/" in line)
    page = staff_client.get(url.removeprefix("http://localhost:8000"))
    shown = page.context["score"]
    asked = asked_in(url)
    told = caller("read").get(f"surveys/relation/score?{urlencode(asked)}").json()["score"]
    exported = caller("read").get("responses/export.jsonl?" + urlencode(_inbox(asked)))

    assert shown["n"] == str(told["n"])
    rows = b"".join(exported.streaming_content).splitlines()
    assert len(rows) == told["n"], asked
    if shown["text"]:
        assert shown["text"] in letter.text and shown["text"] in letter.html
        assert shown["interval"] in letter.text
    else:
        assert shown["words"] in letter.text
    assert page.context["change"].text in letter.text


def _inbox(asked: dict[str, str]) -> dict[str, str]:
    """Return the same answers as the list of responses names them."""
    days = {"since": asked.pop("from"), "until": asked.pop("to")}
    filters = {"survey": "relation", "standing": "counted", **asked, **days}
    assert not read_filters(filters).problems
    return filters


@pytest.fixture
def file(survey: Survey, staff_user: Any, drain: Callable[[], int]) -> ReportFile:
    wish = ReportWish("Board, \u202eevil", survey, "monthly", filters={"channel": "email"})
    report = service.save_report(wish, by=staff_user)
    made = service.make_now(report, days=so_far("monthly", today()))
    drain()
    made.refresh_from_db()
    assert made.state == "done", made.error
    return made


def test_a_report_says_what_page_and_api_say(file: ReportFile, staff_client: Client) -> None:
    asked = {"channel": "email", "from": str(file.start), "to": str(file.stop - timedelta(days=1))}
    page = staff_client.get(f"{reverse('staff:survey', args=['relation'])}?{urlencode(asked)}")
    head = page.context["score"]
    told = caller("read").get(f"surveys/relation/report?{urlencode(asked)}").json()
    html = plain(bytes(file.html).decode())
    pdf = plain(text_of(file))
    assert head["n"] == str(told["score"]["n"]) == "52"
    for text in (html, pdf):
        assert head["text"] in text and head["interval"] in text and "n 52" in text
        assert plain(page.context["explanation"].formula) in text
        assert plain(page.context["distribution_finding"]) in text
    assert head["text"] in file.summary
    for bar in page.context["bars"]:
        assert bar["count"] in pdf and plain(bar["share"]) in html


def test_a_report_made_again_later_is_another_file(
    file: ReportFile, survey: Survey, drain: Callable[[], int]
) -> None:
    """What was made stays as it was: a late answer is in the next file only."""
    before = bytes(file.pdf)
    answers(survey, [""] * 8, score=0, at=timezone.now() - timedelta(days=1))
    drain()
    again = service.make_now(file.report, days=so_far("monthly", today()))
    drain()
    again.refresh_from_db()
    file.refresh_from_db()
    assert bytes(file.pdf) == before and "n 60" in text_of(again)


def plain(text: str) -> str:
    """Return the text with every run of space as one: a PDF breaks lines where it likes."""
    return " ".join(text.split())


def text_of(file: ReportFile) -> str:
    reader = PdfReader(io.BytesIO(bytes(file.pdf)))
    return "\n".join(page.extract_text() for page in reader.pages)
