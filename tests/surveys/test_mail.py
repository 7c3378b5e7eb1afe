"""The mail: every scale, both parts, the headers providers ask for, nothing a name can break."""

from __future__ import annotations

import re
import unicodedata
from email import message_from_bytes
from email.policy import default as policy
from html.parser import HTMLParser

import pytest
from django.core import mail as outgoing
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from surveys.envelope import NAME_LIMIT, mail_id
from surveys.headers import one_line
from surveys.mail import SUBJECT_LIMIT, render_invitation, send_test
from surveys.models import Brand, Invitation
from surveys.scales import SCALES
from surveys.services import go_live, token_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db


def letter(asks=None, whom=None, **brand):
    """Return the mail of a fresh invitation, parsed as a receiver would."""
    asks = asks or survey()
    Brand.objects.update(**brand)
    asks = type(asks).objects.select_related("brand", "wording").get(pk=asks.pk)
    row = invitation(asks, whom or contact("ada", name="Ada Byron"), state="waiting")
    row.survey = asks
    message = render_invitation(row, token_of(row))
    return message_from_bytes(message.message().as_bytes(), policy=policy), row


def html_of(message) -> str:
    return message.get_body(("html",)).get_content()


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if tag == "a" and name == "href"]


@pytest.mark.parametrize("kind", SCALES)
def test_every_scale_has_a_link_for_each_score_in_both_parts(kind):
    message, row = letter(survey(kind=kind))
    base = f"http://localhost:8000/s/{token_of(row)}"
    links = Links(html_of(message)).addresses
    for score in SCALES[kind].scores:
        assert links.count(f"{base}?score={score}") == 1
        assert re.search(rf"{re.escape(base)}\?score={score}\s", text_of(message))
    assert base in links
    assert f"{base}/unsubscribe" in links
    assert f"{base}/unsubscribe" in text_of(message)


def test_the_mail_says_who_asks_why_and_how_often():
    message, _ = letter(
        survey(rest_days=90, reader_note="Jonas reads every answer."),
        postal_address="8 Quay Street",
        privacy_url="https://kestrel.example/privacy",
        sender_name="Jonas Berg",
        sender_role="Customer care",
    )
    for part in (html_of(message), text_of(message)):
        words = " ".join(part.split())
        for said in (
            "Hello Ada,", "8 Quay Street", "https://kestrel.example/privacy", "Jonas Berg",
            "Customer care", "Jonas reads every answer.", "at most once in 90 days",
            "has you on its list of contacts",
        ):  # fmt: skip
            assert said in words


def test_somebody_without_a_name_is_greeted_by_none():
    message, _ = letter(whom=contact("x", name=""))
    assert "Hello" not in text_of(message)
    assert message["Subject"] == "One question about Kestrel Ledger"


def test_a_reply_goes_to_the_brand_and_only_then_is_invited():
    assert "Reply to this email" not in text_of(letter()[0])


def test_with_a_reply_address_the_mail_invites_a_reply():
    message, _ = letter(reply_to="care@kestrel.example")
    assert message["Reply-To"] == "care@kestrel.example"
    assert "Reply to this email" in text_of(message)
    assert "<mailto:care@kestrel.example?subject=unsubscribe>" in message["List-Unsubscribe"]


def test_headers_are_what_mailbox_providers_ask_for():
    message, row = letter()
    stop = f"http://localhost:8000/s/{token_of(row)}/unsubscribe"
    assert message["List-Unsubscribe"].strip() == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<relationship.surveys.localhost>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Feedback-ID"].startswith("single:relationship:")
    assert message["X-Verbatim-Id"] == str(mail_id(row))
    assert message["Message-ID"] == f"<{mail_id(row)}@localhost>"


def test_the_mails_id_finds_the_invitation_but_opens_nothing():
    _, row = letter()
    found = Invitation.objects.filter(token_hash__gte=mail_id(row).bytes).order_by("token_hash")
    assert found.first().pk == row.pk
    assert token_of(row) not in str(mail_id(row))


def test_the_from_line_is_a_person_at_our_address(settings):
    settings.DEFAULT_FROM_EMAIL = "Verbatim <surveys@ask.example>"
    message, _ = letter(sender_name='Jonas "JB" Berg')
    sender = message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ('Jonas "JB" Berg', "surveys@ask.example")


def test_own_subject_and_introduction_are_used():
    asks = survey(
        mail_subject="{name}, how is {company}?", mail_intro="You closed a ticket on 3 May."
    )
    message, _ = letter(asks)
    assert message["Subject"] == "Ada, how is Kestrel Ledger?"
    assert "You closed a ticket on 3 May." in html_of(message)
    assert "You closed a ticket on 3 May." in text_of(message)


def test_a_subject_without_a_name_leaves_no_hole():
    message, _ = letter(survey(mail_subject="{name}, a question"), contact("x", name=""))
    assert message["Subject"] == "a question"


def test_names_cannot_write_markup():
    message, _ = letter(whom=contact("x", name="<script>alert(1)</script> Byron"))
    assert "<script" not in html_of(message)
    assert "&lt;script&gt;" in html_of(message)


def test_the_mail_is_small_and_asks_for_nothing_from_outside():
    message, _ = letter()
    html = html_of(message)
    assert len(message.as_bytes()) < 30_000  # Gmail cuts at 102 kB
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", html)


def test_the_buttons_survive_without_style_blocks():
    html = re.sub(r"<style.*?</style>", "", html_of(letter()[0]), flags=re.S)
    cell = re.search(r'<td class="k"[^>]*>', html)[0]
    assert "border: 1px solid" in cell.replace("border:1px", "border: 1px")
    assert "bgcolor=" in cell


def test_dark_mode_and_phone_rules_are_kept():
    html = html_of(letter()[0])
    assert "prefers-color-scheme:dark" in html.replace(": ", ":")
    assert "max-width:480px" in html.replace(": ", ":")


def test_an_arabic_mail_runs_from_right_to_left():
    message, _ = letter(survey(language="ar", question="ما مدى احتمال أن توصي بنا؟"))
    assert '<html lang="ar" dir="rtl"' in html_of(message)
    assert "ما مدى احتمال أن توصي بنا؟" in text_of(message)


def test_prose_lines_of_the_text_part_fit_an_old_terminal():
    text = text_of(letter(survey(reader_note="word " * 40))[0])
    long = [line for line in text.splitlines() if len(line) > 76 and "http" not in line]
    assert long == []


def test_two_people_get_their_own_names_and_links():
    asks = survey()
    first, one = letter(asks, contact("ada"))
    second, two = letter(asks, contact("ben"))
    assert "Hello Ada," in text_of(first) and "Hello Ben," in text_of(second)
    assert token_of(one) not in text_of(second) and token_of(two) not in html_of(first)


def test_a_changed_wording_changes_the_mail_at_once():
    asks = survey()
    letter(asks)
    asks.question = "And now?"
    asks.save()
    go_live(asks)
    assert "And now?" in text_of(letter(asks, contact("ben"))[0])


def test_an_invitation_without_a_contact_is_refused():
    row = invitation(survey(), None)
    with pytest.raises(ValueError, match="nobody to go to"):
        render_invitation(row, token_of(row))


def test_a_test_mail_leads_to_the_preview_and_is_no_list_mail():
    asks = survey(live=False)
    send_test(asks, "alice@example.com")
    (message,) = outgoing.outbox
    assert message.to == ["alice@example.com"]
    assert message.subject == "[Test] One question about Kestrel Ledger"
    assert "http://localhost:8000/admin/preview/relationship?score=9" in message.body
    assert "/s/" not in message.body
    assert "List-Unsubscribe" not in message.extra_headers


NASTY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\t\0\x0b\x85\u2028\u202e")
    ),
    max_size=300,
)


@given(NASTY)
@settings(max_examples=500, deadline=None)
def test_one_line_is_one_short_line(text):
    line = one_line(text, 50)
    assert len(line) <= 50
    assert len(line.splitlines()) <= 1
    assert "\u202e" not in line
    assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]


class NoNameAddsAHeader(TestCase):
    @given(name=NASTY, subject=NASTY, sender=NASTY, brand_name=NASTY)
    @settings(max_examples=60, deadline=None)
    def test_no_name_or_subject_adds_a_header(self, name, subject, sender, brand_name):
        name, subject, sender, brand_name = (
            text.replace("\0", "") for text in (name, subject, sender, brand_name)
        )
        asks = survey(mail_subject=subject[:120])
        message, _ = letter(
            asks,
            contact("ada", name=name[:200]),
            sender_name=sender[:80],
            name=brand_name[:80] or "x",
        )
        assert set(message.keys()) <= {
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID",
            "Auto-Submitted", "X-Auto-Response-Suppress", "X-Verbatim-Id", "List-Id",
            "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID",
        }  # fmt: skip
        assert len(message["Subject"]) <= SUBJECT_LIMIT
        assert len(message["From"].addresses) == 1
        assert len(message["From"].addresses[0].display_name) <= NAME_LIMIT + 2
