"""What a digest looks like: pictures inside, hostile words as words, and nobody kept for ever."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from analytics.digests import letters, service
from analytics.digests.content import content_of
from analytics.digests.models import Digest, Issue, Report, ReportFile
from analytics.digests.pdf import pdf_of
from analytics.digests.rhythms import so_far
from analytics.digests.service import DigestWish, ReportWish
from analytics.periods import today
from feedback.models import Response
from surveys.models import Survey
from tests.analytics.digests.test_numbers import text_of
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script> {{ secret }} terrible & awful service"
ARABIC = "الخدمة سيئة جدا ولن أعود"


def letter_of(digest: Digest) -> letters.Letter:
    content = content_of(digest, so_far(digest.rhythm, today()))
    return letters.draw(digest, content, stop_url="https://ask.example.com/d/x")


@pytest.fixture
def weekly(staff_user: Any, drain: Callable[[], int]) -> Digest:
    """Return a digest of a survey with months of scores and hostile people."""
    survey = a_survey("hostile")
    survey.name = 'Relation <img src="x" onerror="alert(2)">\r\nBcc: all@example.com'[:100]
    survey.save(update_fields=["name"])
    for week in range(1, 12):
        tallied(survey, {9: 20, 8: 10, 2: 5}, day=today() - timedelta(weeks=week))
    answers(survey, [EVIL, ARABIC], score=1, at=timezone.now() - timedelta(hours=1))
    drain()
    for response in Response.objects.all():
        response.reading.sentiment = "negative"
        response.reading.save()
    return service.save_digest(DigestWish("weekly", 8, "13w", [survey]), user=staff_user)


def test_hostile_words_are_words(weekly: Digest) -> None:
    letter = letter_of(weekly)
    assert "<script" not in letter.html and "&lt;script&gt;" in letter.html
    assert '<img src="x"' not in letter.html
    assert "\n" not in letter.subject and "\r" not in letter.subject
    message = letters.message_of(letter, to="a@example.com", message_id="m", stop_url="https://x/d")
    assert message_from_bytes(message.message().as_bytes())["Bcc"] is None
    assert EVIL in letter.text


def test_a_comment_from_right_to_left_keeps_its_own_direction(weekly: Digest) -> None:
    html = letter_of(weekly).html
    before = html[: html.index(ARABIC)]
    assert before[before.rindex("<p") :].count('dir="auto"') == 1


def test_the_picture_is_inside_the_mail_by_day_and_by_night(weekly: Digest) -> None:
    letter = letter_of(weekly)
    message = letters.message_of(letter, to="a@example.com", message_id="m", stop_url="https://x/d")
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    assert parsed.get_content_type() == "multipart/related"
    [text, *pictures] = parsed.iter_parts()
    assert text.get_content_type() == "multipart/alternative"
    assert len(pictures) == 2
    for part in pictures:
        assert part.get_content_disposition() == "inline"
        assert f'src="cid:{part["Content-ID"].strip("<>")}"' in letter.html
        image = Image.open(io.BytesIO(part.get_content()))
        assert image.format == "PNG" and image.width > 900
        assert len(part.get_content()) < 40_000
    assert len({Image.open(io.BytesIO(p.get_content())).convert("RGB").getpixel((0, 0))
                for p in pictures}) == 2  # fmt: skip
    assert 'src="http' not in letter.html and "url(" not in letter.html
    assert len(letter.html) < 100_000, "mail programs cut off longer ones"


def test_what_mail_programs_ask_for_is_in_the_headers(weekly: Digest) -> None:
    letter = letter_of(weekly)
    sent = letters.message_of(
        letter, to="a@example.com", message_id="digest-7", stop_url="https://x/d"
    )
    headers = sent.message()
    assert headers["List-Unsubscribe"] == "<https://x/d>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].startswith("<digest-7@")


def test_an_erased_comment_is_gone_from_the_copy_and_the_numbers_stay(
    weekly: Digest, staff_client: Client, drain: Callable[[], int]
) -> None:
    service.send_now(weekly)
    drain()
    issue = Issue.objects.get()
    assert ARABIC in mail.outbox[0].alternatives[0][0]
    assert ARABIC not in issue.html
    url = reverse("staff:issue-mail", args=[issue.pk])
    assert ARABIC in staff_client.get(url).content.decode()
    Response.objects.filter(comment=ARABIC).update(comment="")
    page = staff_client.get(url).content.decode()
    assert ARABIC not in page and "&lt;script&gt;" in page
    assert issue.subject.split(":")[0][:8] in page
    assert "data:image/png;base64," in page and "cid:" not in page


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_digest_is_written_in_its_own_language_and_direction(
    weekly: Digest, language: str
) -> None:
    with override(language):
        html = letter_of(weekly).html
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html


# ---- Reports ---------------------------------------------------------------------------------


def test_a_report_of_hostile_names_is_words_in_html_and_pdf(
    weekly: Digest, staff_user: Any, drain: Callable[[], int]
) -> None:
    name = f"<b>Board</b> {ARABIC} 漢字"
    survey: Survey = weekly.surveys.get()
    service.save_report(ReportWish(name, survey, "monthly", language="en"), by=staff_user)
    file = service.make_now(Report.objects.get(), days=so_far("monthly", today()))
    drain()
    file.refresh_from_db()
    html = bytes(file.html).decode()
    assert "<b>" not in html and "&lt;b&gt;Board" in html and 'onerror="' not in html
    assert ARABIC in html and "漢字" in html
    text = text_of(file)
    assert "<b>Board</b>" in text and "[…]" in text and "□" not in text
    assert "letters this PDF has no typeface for (" in " ".join(text.split())
    assert "(Chinese characters)" in " ".join(text.split())
    assert EVIL not in html and EVIL not in text, "reports hold nobody's words"


def test_an_arabic_report_is_drawn_without_a_missing_letter(
    weekly: Digest, staff_user: Any
) -> None:
    from analytics.digests import documents

    report = service.save_report(
        ReportWish(ARABIC, weekly.surveys.get(), "monthly", language="ar"), by=staff_user
    )
    file = ReportFile(report=report, start=today() - timedelta(days=29), stop=today())
    with override("ar"):
        document = documents.document_of(file)
        pdf = pdf_of(document, made_at=file.created_at)
    assert document.direction == "rtl"
    made = ReportFile(pdf=pdf)
    assert "[…]" not in text_of(made)
