"""A survey in several languages: complete or not spoken at all, and everyone reads their own."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from feedback.models import Response
from surveys import editor, translating
from surveys.mail import render_invitation
from surveys.models import BandText, Choice, Question, Survey
from surveys.services import new_invitation, refresh_wording, token_of
from surveys.translations import state_of, texts_of
from surveys.wording import content_of, languages_of
from tests.surveys.calling import caller, error_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
GERMAN = {
    "question": "Wie gern arbeiten Sie mit {company}?",
    "thanks": "Vielen Dank von {company}.",
    "mail_subject": "{name}, eine Frage von {company}",
    "band.promoter.thanks": "Juhu!",
}


@pytest.fixture
def asks():
    made = survey(
        live=False, question="How do you like {company}?", thanks="Thanks from {company}.",
        mail_subject="{name}, a question from {company}",
    )  # fmt: skip
    BandText.objects.create(survey=made, band="promoter", thanks="Hooray!")
    asked = Question.objects.create(survey=made, kind="one_choice", text="Which part?")
    for text in ("Invoices", "Reports"):
        Choice.objects.create(question=asked, text=text)
    editor.open_for_answers(made)
    return fresh(made)


def fresh(made):
    return Survey.objects.select_related("brand", "wording").get(pk=made.pk)


def all_german(made):
    more = {
        text.place: {"Which part?": "Welcher Teil?", "Invoices": "Rechnungen"}.get(
            text.source, "Berichte"
        )
        for text in texts_of(made)
        if text.place.startswith(("question.", "choice."))
    }
    return {**GERMAN, **more}


@pytest.fixture
def german(asks):
    translating.add(asks, "de")
    translating.store(asks, "de", all_german(asks))
    translating.set_open(asks, "de", is_open=True)
    return fresh(asks)


def page(path, **headers):
    return Client().get(path, headers=headers).content.decode()


def link(made, who=None, **fields):
    row = invitation(made, contact(who, **fields) if who else None)
    return f"/s/{token_of(row)}"


# ---- Complete or not at all ------------------------------------------------------------------


def test_only_what_staff_wrote_needs_a_translation(asks):
    assert {text.place for text in texts_of(asks)} >= set(GERMAN)
    assert {text.source for text in texts_of(asks)} == {
        "How do you like {company}?", "Thanks from {company}.", "Hooray!", "Which part?",
        "Invoices", "Reports", "{name}, a question from {company}",
    }  # fmt: skip


def test_a_language_with_a_missing_text_cannot_be_opened(asks):
    translating.add(asks, "de")
    translating.store(asks, "de", GERMAN)  # the additional question is missing
    with pytest.raises(translating.Incomplete):
        translating.set_open(asks, "de", is_open=True)
    assert languages_of(fresh(asks).wording.content) == ("en",)
    assert "How do you like" in page(link(asks, "gerda", language="de"))


def test_a_complete_language_is_spoken_on_page_thanks_and_mail(german):
    assert languages_of(german.wording.content) == ("en", "de")
    address = link(german, "gerda", language="de")
    shown = page(address)
    assert '<html lang="de" dir="ltr">' in shown
    assert "Wie gern arbeiten Sie mit Kestrel Ledger?" in shown
    assert "Antwort senden" in shown
    Client().post(address, {"score": "10"})
    thanks = page(f"{address}/thanks")
    assert "Juhu!" in thanks and "Welcher Teil?" in thanks and "Rechnungen" in thanks
    assert Response.objects.get().language == "de"


def test_mails_speak_the_contact_s_language_and_others_the_survey_s(german):
    row = invitation(german, contact("gerda", language="de"))
    message = render_invitation(row, token_of(row))
    assert message.subject == "Gerda, eine Frage von Kestrel Ledger"
    assert "Wie gern arbeiten Sie mit Kestrel Ledger?" in message.body
    assert "Von Umfragen abmelden" in message.body
    other = invitation(german, contact("fleur", language="fr"))
    assert (
        render_invitation(other, token_of(other)).subject == "Fleur, a question from Kestrel Ledger"
    )
    assert mail.outbox == []


def test_a_stranger_s_browser_decides_and_a_contact_s_does_not(german):
    assert "Wie gern" in page(link(german), accept_language="fr, de-AT;q=0.8, en;q=0.5")
    assert "How do you like" in page(link(german), accept_language="fr")
    assert "How do you like" in page(link(german, "ada", language="en"), accept_language="de")


def test_a_text_added_later_takes_the_language_back_until_it_is_translated(german):
    german.comment_prompt = "Why?"
    german.save()
    refresh_wording(german)
    assert languages_of(fresh(german).wording.content) == ("en",)
    assert state_of(german, "de").is_waiting
    lacking = [check.text for check in editor.checks(german) if check.part == "languages"]
    assert lacking == ["Deutsch lacks 1 text. Until it is there, its readers get English."]
    translating.store(german, "de", {"comment_prompt": "Warum?"})
    content = content_of(fresh(german).wording.content, "de")
    assert (content.language, content.prompt_for("detractor")) == ("de", "Warum?")


def test_a_changed_original_is_shown_but_stops_nothing(german):
    german.thanks = "Many thanks from {company}."
    german.save()
    refresh_wording(german)
    state = state_of(german, "de")
    assert (state.missing, state.outdated, state.is_spoken) == (0, 1, True)
    translating.confirm(german, "de")
    assert state_of(german, "de").outdated == 0


def test_answers_keep_the_words_they_saw_in_their_language(german):
    address = link(german, "gerda", language="de")
    Client().post(address, {"score": "9"})
    translating.store(german, "de", {"question": "Ganz anders, {company}?"})
    seen = Response.objects.get().wording
    assert content_of(seen.content, "de").question == "Wie gern arbeiten Sie mit Kestrel Ledger?"
    assert content_of(fresh(german).wording.content, "de").question.startswith("Ganz anders")


def test_a_copy_speaks_the_same_languages(german):
    twin = editor.copy(german, name="Twin", slug="twin")
    editor.open_for_answers(twin)
    content = content_of(fresh(twin).wording.content, "de")
    assert content.questions[0].text == "Welcher Teil?"
    assert [choice.text for choice in content.questions[0].choices] == ["Rechnungen", "Berichte"]


def test_a_survey_of_one_language_keeps_the_document_it_had(asks):
    assert "translations" not in asks.wording.content


def test_the_own_language_cannot_be_added(asks):
    with pytest.raises(translating.AlreadyThere):
        translating.add(asks, "en")


# ---- The staff pages -------------------------------------------------------------------------


def address_of(asks, code=""):
    if code:
        return reverse("staff:survey-language", args=[asks.slug, code])
    return reverse("staff:survey-languages", args=[asks.slug])


def test_staff_add_a_language_see_what_is_missing_and_open_it(asks, staff_client):
    answer = staff_client.post(address_of(asks), {"language": "de"}, follow=True)
    assert "7 texts are missing" in answer.content.decode()
    answer = staff_client.post(address_of(asks, "de"), {**GERMAN, "do": "open"}, follow=True)
    said = answer.content.decode()
    assert "cannot be opened yet: 3 still to be translated" in said
    assert "Juhu!" in said  # what was typed is kept
    answer = staff_client.post(
        address_of(asks, "de"), {**all_german(asks), "do": "open"}, follow=True
    )
    assert "Deutsch is open" in answer.content.decode()
    assert languages_of(fresh(asks).wording.content) == ("en", "de")
    staff_client.post(address_of(asks, "de"), {"do": "close"})
    assert languages_of(fresh(asks).wording.content) == ("en",)


def test_the_overview_says_who_reads_what(german, staff_client):
    rows = re.findall(r"<tr>.*?</tr>", staff_client.get(address_of(german)).content.decode(), re.S)
    text = [re.sub(r"<[^>]+>|\s+", " ", row) for row in rows]
    assert any("Deutsch" in row and "open" in row for row in text)
    assert any("Français" in row and "English" in row for row in text)


def test_a_translation_keeps_the_company_and_fits(german, staff_client):
    answer = staff_client.post(address_of(german, "de"), {"question": "Wie gern mit uns?"})
    assert answer.status_code == 422
    assert "The original names {company}" in answer.content.decode()
    answer = staff_client.post(address_of(german, "de"), {"band.promoter.thanks": "x" * 301})
    assert answer.status_code == 422


def test_the_preview_speaks_the_language_asked_for(german, staff_client):
    preview = reverse("staff:survey-preview", args=[german.slug])
    assert "Wie gern" in staff_client.get(f"{preview}?lang=de").content.decode()
    assert "Wie gern" in staff_client.get(f"{preview}?part=mail&lang=de").content.decode()
    assert "How do you like" in staff_client.get(f"{preview}?lang=fr").content.decode()


def test_an_unknown_language_is_no_page(asks, staff_client):
    assert staff_client.get(address_of(asks, "de")).status_code == 404
    staff_client.post(address_of(asks), {"language": "xx"})
    assert asks.languages.count() == 0


def test_a_link_without_wording_is_still_answered(db):
    draft = survey("draft", live=False)
    row = new_invitation(draft, contact=None, channel="link", state="open")
    row.save()
    assert Client().get(f"/s/{token_of(row)}").status_code == 410


# ---- Over the API ----------------------------------------------------------------------------


def test_a_survey_is_translated_and_opened_over_the_api(asks):
    api = caller()
    address = f"surveys/{asks.slug}/languages/de"
    assert api.get(address).status_code == 404
    early = api.patch(address, {"texts": GERMAN, "is_open": True})
    assert early.status_code == 409
    assert error_of(early)["code"] == "language_incomplete"
    assert not asks.languages.exists()  # nothing of it was stored
    done = api.patch(address, {"texts": all_german(asks), "is_open": True})
    assert done.json()["is_spoken"] is True
    assert languages_of(fresh(asks).wording.content) == ("en", "de")
    (said,) = api.get(f"surveys/{asks.slug}/languages").json()
    assert said == {
        "language": "de", "is_open": True, "is_spoken": True, "missing": 0, "outdated": 0
    }  # fmt: skip
    texts = {text["place"]: text for text in api.get(address).json()["texts"]}
    assert texts["question"]["text"] == GERMAN["question"]
    assert texts["question"]["source"] == "How do you like {company}?"
    assert api.patch(address, {"is_open": False}).json()["is_spoken"] is False


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ({"nothing": "x"}, "texts.nothing"),
        ({"question": "Wie gern?"}, "texts.question"),
        ({"question": 7}, "texts.question"),
        ({"thanks": "x" * 301}, "texts.thanks"),
    ],
)
def test_texts_that_do_not_fit_are_refused_by_place(asks, texts, place):
    answer = caller().patch(f"surveys/{asks.slug}/languages/de", {"texts": texts})
    assert answer.status_code == 422
    assert place in error_of(answer)["fields"]


def test_only_further_languages_of_ours_and_only_with_the_right_key(asks):
    for code in ("en", "xx"):
        assert caller().patch(f"surveys/{asks.slug}/languages/{code}", {}).status_code == 404
    address = f"surveys/{asks.slug}/languages/de"
    assert caller("read").patch(address, {}).status_code == 403
    other = survey("other")
    assert caller("read", survey=other).get(f"surveys/{asks.slug}/languages").status_code == 404
