"""The quick way to write an invitation says, byte for byte once decoded, what the slow way says."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from surveys.mail import render_invitation
from surveys.models import Brand
from surveys.rawmail import Writer
from surveys.scales import SCALES
from surveys.services import token_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db


def written(row):
    return Writer().write(row, token_of(row))


def parsed(raw: bytes):
    return message_from_bytes(raw, policy=policy)


def said(message) -> dict[str, object]:
    """Return all a receiver sees: decoded headers (but the moment) and both parts."""
    own = ("Content-Type", "Content-Transfer-Encoding", "Date")
    return {
        "headers": {
            key: " ".join(str(value).split()) for key, value in message.items() if key not in own
        },
        "kind": message.get_content_type(),
        "parts": [
            (part.get_content_type(), part.get_content().rstrip()) for part in message.iter_parts()
        ],
    }


def is_same(row) -> None:
    slow = render_invitation(row, token_of(row))
    mail = written(row)
    assert said(parsed(mail.data)) == said(parsed(slow.message().as_bytes(linesep="\r\n")))
    assert (mail.sender, [mail.to]) == (slow.from_email.split("<")[-1].rstrip(">"), slow.to)


@pytest.mark.parametrize("kind", SCALES)
def test_every_scale_says_the_same(kind):
    is_same(invitation(survey(kind=kind), contact("ada", name="Ada Byron"), state="waiting"))


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar"])
def test_every_language_says_the_same(language):
    asks = survey(language=language, mail_intro="Grüß Gott – .\n.\n..x\n= 100 % = مرحبا " * 5)
    is_same(invitation(asks, contact("ada", name="Zoë", language=language), state="waiting"))


def test_a_brand_with_everything_says_the_same(settings):
    settings.BOUNCE_ADDRESS = "bounces@ask.example"
    asks = survey(reader_note="Jonas “reads” every answer.")
    Brand.objects.update(
        sender_name="Jörg, “Care” <x>", reply_to="care@kestrel.example",
        postal_address="8 Quay Street\nKøbenhavn", privacy_url="https://kestrel.example/?a=b&c=d",
    )  # fmt: skip
    asks.brand.refresh_from_db()
    row = invitation(asks, contact("ada", name="Ada"), state="waiting")
    is_same(row)
    assert written(row).sender.startswith("bounces+")


class AnyName(TestCase):
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=90))
    @example("=?utf-8?q?x?=")
    @example(".")
    @example('Ada <b>&amp; "Bob"\'')
    @example("\r\nBcc: all@example.com")
    @example("محمد")
    def test_whatever_somebody_is_called(self, name):
        asks = survey(mail_subject="{name}, one question: how do you like what we did for you?")
        row = invitation(asks, contact("ada", name=name), state="waiting")
        is_same(row)


def test_every_line_is_ascii_and_short(settings):
    settings.BASE_URL = f"https://{'long.' * 30}example.com"
    asks = survey(mail_intro="ä" * 290)
    raw = written(invitation(asks, contact("ada", name="Ö" * 70), state="waiting")).data
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    bodies = raw[raw.index(b"\r\n\r\n") :].split(b"\r\n")
    assert max(map(len, bodies)) <= 78


def test_an_address_beyond_ascii_is_written_as_servers_take_it():
    row = invitation(survey(), contact("ada", email="ada@bücher.example"), state="waiting")
    assert written(row).to == "ada@xn--bcher-kva.example"


def test_an_invitation_to_nobody_is_refused():
    row = invitation(survey(), contact("ada"), state="waiting")
    row.contact = None
    with pytest.raises(ValueError, match="nobody to go to"):
        Writer().write(row, token_of(row))
