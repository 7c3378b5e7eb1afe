"""Every page a customer may meet, drawn in German: no sentence on any of them is left in English.

tests/test_translations.py holds that what is listed as theirs is translated;
this one holds that nothing they meet is missing from the list.
"""

from __future__ import annotations

from datetime import timedelta
from gettext import NullTranslations
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override, trans_real

from analytics.digests import service
from analytics.digests.service import DigestWish
from analytics.digests.stopping import digest_link
from surveys.mail import render_invitation
from surveys.models import BandText, Brand, Choice, Invitation, Question, Survey
from surveys.services import go_live, token_of
from surveys.sharing import new_share_link
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
OWN_WORDS = {"", "Price", "About?", "You rock."}  # typed by staff, in their own language


class Missing(NullTranslations):
    """Stands behind the German catalogue and notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return message

    def ngettext(self, one: str, many: str, n: int) -> str:
        self.asked.add(one)
        return one if n == 1 else many

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def missing(monkeypatch):
    found = Missing()
    monkeypatch.setattr(trans_real.translation("de"), "_fallback", found)
    return found


@pytest.fixture
def german() -> Client:
    return Client(headers={"Accept-Language": "de"})


def test_a_sentence_without_a_translation_is_noticed(missing):
    with override("de"):
        assert gettext("Nobody has put this into German") and gettext("Send my answer")
    assert missing.asked == {"Nobody has put this into German"}


def rich() -> Survey:
    asks = survey(live=False)
    for kind in ("many_choices", "scale", "one_choice", "free_text"):
        asked = Question.objects.create(survey=asks, kind=kind, text="About?")
        if "choice" in kind:
            Choice.objects.create(question=asked, text="Price")
    for band in ("promoter", "passive", "detractor"):
        BandText.objects.create(survey=asks, band=band, thanks="You rock.")
    go_live(asks)
    return asks


def link(asks: Survey, who: str) -> tuple[Invitation, str]:
    row = invitation(asks, contact(who))
    return row, f"/s/{token_of(row)}"


def test_the_way_of_an_answer(german, missing):
    _row, at = link(rich(), "ada")
    german.get(at), german.get(f"{at}?score=9"), german.get(f"{at}?score=99")
    german.post(at, {}), german.post(at, {"score": 99, "comment": "x" * 20_000})
    german.post(at, {"score": 9, "website": "spam"})
    german.post(at, {"score": 9})
    german.get(f"{at}/thanks"), german.get(f"{at}/thanks?more"), german.get(f"{at}/thanks?done")
    scale, one = Question.objects.get(kind="scale").pk, Question.objects.get(kind="one_choice").pk
    said = {"asked": [scale, one], f"q{scale}": "77", f"q{one}": "999", "comment": "y" * 20_000}
    assert german.post(f"{at}/thanks", said).status_code == 422
    german.get(at), german.get(f"{at}?score=3"), german.get(f"{at}?change")
    assert missing.asked - OWN_WORDS == set()


@pytest.mark.parametrize("kind", ["csat", "ces"])
def test_other_kinds(german, missing, kind):
    _row, at = link(survey(kind, kind=kind), "ada")
    german.get(at), german.post(at, {}), german.post(at, {"score": 4}), german.get(f"{at}/thanks")
    assert missing.asked - OWN_WORDS == set()


def test_unsubscribing_and_links_that_take_no_answer(german, missing):
    asks = survey()
    row, at = link(asks, "ada")
    for do in ("", "stop-this", "undo", "stop", "undo"):
        german.get(f"{at}/unsubscribe"), german.post(f"{at}/unsubscribe", {"do": do})
        german.get(f"{at}/unsubscribe")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    german.get(at)
    for status in ("closed", "draft"):
        Survey.objects.update(status=status)
        german.get(at)
    german.get("/s/" + "A" * 22), german.get("/nothing/here"), german.put(at)
    german.post(at, {"score": 9}, headers={"Origin": "https://elsewhere.example"})
    german.post(at, {"score": 9}, headers={"Sec-Fetch-Site": "cross-site"})
    assert row and missing.asked - OWN_WORDS == set()


def test_share_links_and_widgets(german, missing):
    asks = survey()
    for channel, path in (("link", "a"), ("widget", "w")):
        shared = new_share_link(asks, channel=channel, name=channel, per_hour=1)
        shared.save()
        at = f"/{path}/{shared.code}"
        page = german.get(at).content.decode()
        start = page.split('name="start" value="')[1].split('"')[0]
        german.post(at, {}), german.post(at, {"score": 9}), german.get(f"/w/{shared.code}.js")
        german.post(at, {"score": 9, "start": start})
        start = german.get(at).content.decode().split('name="start" value="')[1].split('"')[0]
        german.post(at, {"score": 9, "start": start})  # one too many of this network
        type(shared).objects.update(most_answers=1)
        german.get(at)
        type(shared).objects.update(is_open=False)
        german.get(at)
    assert missing.asked - OWN_WORDS == set()


def test_mails_and_the_page_that_stops_a_digest(german, missing, staff_user):
    asks = survey()
    Brand.objects.update(postal_address="1 Mill Lane")
    row, _at = link(asks, "ada")
    row.contact.language = "de"
    render_invitation(row, token_of(row)).send()
    assert mail.outbox
    digest = service.save_digest(DigestWish("daily", 8, "30d", [asks]), user=staff_user)
    at = urlsplit(digest_link(digest.pk)).path + "?lang=de"
    assert "abbestellen" in german.get(at).content.decode()
    assert "nicht mehr" in german.post(at).content.decode()
    assert missing.asked - OWN_WORDS == set()
