"""Saved answers as staff keep them, as they are suggested, and over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback import replies, saved_answers
from feedback.models import Response, SavedAnswer
from feedback.saved_answers import Draft
from feedback.story import story_of
from surveys.models import Contact, Customer, Suppression
from tests.feedback.making import a_survey, answer
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact

pytestmark = pytest.mark.django_db
BAD = "Support is terrible"
TEXT = "Dear {name},\n{customer}, sorry. {agent}, {company}"
SLOW = Draft("Slow support", TEXT, "en", ["support"], "negative")


def save(draft: Draft = SLOW, **changes: Any) -> SavedAnswer:
    fields = {name: getattr(draft, name) for name in Draft.__slots__}
    return saved_answers.save(Draft(**{**fields, **changes}), by="maya")


def said(
    comment: str = BAD, *, score: int = 2, whom: Contact | None = None, **more: Any
) -> Response:
    row = answer(a_survey(), comment, score=score, **more)
    if whom:
        Response.objects.filter(pk=row.pk).update(contact=whom, customer=whom.customer_id)
    return row


def suggested(row: Response, agent: str = "Maya Okafor") -> replies.Suggested:
    story = story_of(row.pk)
    assert story
    return replies.for_story(story, agent=agent)


def page(client: Client, row: Response) -> str:
    return client.get(reverse("staff:response", args=[row.pk])).content.decode()


# ---- Keeping them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"text": "Dear {nmae}"}, "text", "“{nmae}” is no gap"),
        ({"text": "Dear {name"}, "text", "A brace opens or closes nothing"),
        ({"themes": [], "sentiment": ""}, "themes", "Say what it is for"),
        ({"themes": ["no-such"]}, "themes", "There is no theme “no-such”"),
        ({}, "title", "of this title in this language"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    save()
    with pytest.raises(saved_answers.Refused) as refused:
        save(**changes)
    assert list(refused.value.reasons) == [field]
    assert words in refused.value.reasons[field][0]
    assert SavedAnswer.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"language": ""}, {"sentiment": "angry"}, {"tone": "mixed"},
     {"title": SLOW.title}],
)  # fmt: skip
def test_the_database_holds_the_rules(wrong: dict[str, str]) -> None:
    save()
    sound = {"title": "Another", "text": "t", "language": "en"}
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedAnswer.objects.create(**{**sound, **wrong})


def test_an_answer_is_written_changed_retired_and_deleted_on_its_pages(
    staff_client: Client,
) -> None:
    fields = {"title": "Slow", "text": "Hi {name}", "language": "en", "themes": ["support"]}
    answer_ = staff_client.post(reverse("staff:saved-answer-new"), {**fields, "text": "{oops}"})
    assert answer_.status_code == 422 and "no gap that can be filled" in answer_.content.decode()
    staff_client.post(reverse("staff:saved-answer-new"), fields)
    row = SavedAnswer.objects.get()
    assert [theme.slug for theme in row.themes.all()] == ["support"] and row.created_by
    staff_client.post(
        reverse("staff:saved-answer", args=[row.pk]),
        {**fields, "text": "Hello", "tone": "negative"},
    )
    row.refresh_from_db()
    assert (row.text, row.tone) == ("Hello", "negative")
    delete = reverse("staff:saved-answer-delete", args=[row.pk])
    assert staff_client.post(delete).status_code == 404  # in use: retire it first
    staff_client.post(reverse("staff:saved-answer-switch", args=[row.pk]), {"active": "0"})
    listed = staff_client.get(reverse("staff:saved-answers") + "?show=retired").content.decode()
    assert "Slow" in listed and "Use again" in listed
    assert staff_client.post(delete).status_code == 302 and not SavedAnswer.objects.exists()


def test_who_may_only_look_changes_nothing(client: Client, django_user_model: Any) -> None:
    row = save()
    charlie = django_user_model.objects.create_user("charlie", is_staff=True)
    client.force_login(charlie)
    assert client.get(reverse("staff:saved-answers")).status_code == 403
    charlie.user_permissions.add(Permission.objects.get(codename="view_savedanswer"))
    body = client.get(reverse("staff:saved-answers")).content.decode()
    assert "Slow support" in body and "Retire" not in body.replace("Retired", "")
    assert client.get(reverse("staff:saved-answer", args=[row.pk])).status_code == 403
    switch = reverse("staff:saved-answer-switch", args=[row.pk])
    assert client.post(switch, {"active": "0"}).status_code == 403


def test_use_is_counted_by_a_post_only(staff_client: Client) -> None:
    row = save()
    used = reverse("staff:saved-answer-used", args=[row.pk])
    assert staff_client.get(used).status_code == 405
    assert staff_client.post(used).status_code == 204
    row.refresh_from_db()
    assert row.used == 1 and row.used_at
    row.delete()
    assert staff_client.post(used).status_code == 204  # gone meanwhile: nothing to tell


# ---- Suggesting them -------------------------------------------------------------------


def test_a_draft_says_why_from_where_and_what_nobody_knows(
    drain: Callable[[], int], staff_client: Client
) -> None:
    save()
    ada = contact("ada", name="Ada Byron")
    row = said(whom=ada)
    drain()
    (draft,) = suggested(row).drafts
    assert draft.text == "Dear Ada Byron,\n[customer?], sorry. Maya Okafor, Kestrel Ledger"
    assert (draft.missing, draft.title, draft.author) == (("customer",), "Slow support", "maya")
    assert draft.reasons == ("speaks badly of Customer support",)
    assert draft.link.startswith("mailto:ada@example.com?subject=Re%3A%20How%20likely")
    body = page(staff_client, row)
    assert "Saved answer by maya" in body and "[customer?]" in body
    assert "data-mail hidden" in body  # half filled: no link until the gap is
    Response.objects.filter(pk=row.pk).update(
        customer=Customer.objects.create(external_id="a", name="A & <b>")
    )
    body = page(staff_client, row)
    assert "A &amp; &lt;b&gt;, sorry. Alice Winter, Kestrel Ledger" in body
    assert "mailto:ada@example.com" in body and "A%20%26%20%3Cb%3E" in body


def test_what_does_not_fit_is_not_suggested_and_it_is_said_why(
    drain: Callable[[], int], staff_client: Client
) -> None:
    row = said()
    assert suggested(row).code == "being_read"
    drain()
    assert "There are no saved answers yet." in page(staff_client, row)
    german = save(title="Langsam", language="de")
    assert suggested(row).code == "other_language"
    praise = save(title="Thanks", sentiment="positive", themes=[], tone="")
    assert suggested(row).code == "nothing_fits"
    slow = save()
    assert [draft.pk for draft in suggested(row).drafts] == [slow.pk]
    saved_answers.switch(slow, is_active=False)
    assert suggested(row).code == "nothing_fits"
    assert german.is_active and praise.is_active
    Response.objects.filter(pk=row.pk).update(standing=Response.Standing.QUARANTINED)
    assert suggested(row).code == "held"


def test_a_score_without_words_is_answered_in_the_language_of_its_page() -> None:
    save(title="Schade", text="Schade", language="de", themes=[], sentiment="", tone="negative")
    row = said("", language="de")
    assert [draft.reasons for draft in suggested(row).drafts] == [("the score is bad",)]


@pytest.mark.parametrize("everywhere", [True, False])
def test_who_wants_no_mail_gets_no_mail_link(drain: Callable[[], int], everywhere: bool) -> None:
    save()
    row = said(whom=contact("ada"))
    drain()
    Suppression.objects.create(
        email="ada@example.com",
        reason=Suppression.Reason.UNSUBSCRIBED,
        survey=None if everywhere else row.survey,
    )
    found = suggested(row)
    assert [draft.link for draft in found.drafts] == [""] and "no mail" in found.recipient.why_not


def test_the_panel_asks_as_few_queries_of_many_saved_answers(drain: Callable[[], int]) -> None:
    row = said(whom=contact("ada"))
    drain()
    story = story_of(row.pk)
    assert story

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert replies.for_story(story, agent="Maya").drafts
        return len(found)

    save()
    few = queries()
    for number in range(12):
        save(title=f"Slow {number}", themes=["support", "price"])
    assert queries() <= few <= 5


# ---- Over the API ----------------------------------------------------------------------


@pytest.fixture
def api() -> Caller:
    return caller()


BODY = {"title": "Slow", "text": "Hi {name}", "language": "en", "themes": ["support"]}


def test_saved_answers_are_kept_over_the_api(api: Caller) -> None:
    made = api.post("saved-answers", BODY)
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["themes"], row["is_active"], row["used"]) == (["support"], True, 0)
    assert row["created_by"] == "API key test"
    changed = api.patch(f"saved-answers/{row['id']}", {"is_active": False, "tone": "negative"})
    assert (changed.json()["is_active"], changed.json()["tone"]) == (False, "negative")
    assert [r["id"] for r in api.get("saved-answers?is_active=false").json()["results"]] == [
        row["id"]
    ]
    assert api.get("saved-answers?is_active=true&theme=support").json()["results"] == []
    assert api.delete(f"saved-answers/{row['id']}").status_code == 204
    assert api.get(f"saved-answers/{row['id']}").status_code == 404


def test_a_wrong_body_is_refused_by_field_and_changes_nothing(api: Caller) -> None:
    refused = api.post("saved-answers", {**BODY, "text": "{oops}", "themes": ["gone"]})
    assert refused.status_code == 422
    assert set(error_of(refused)["fields"]) == {"text", "themes"}
    row = save()
    mixed = api.patch(f"saved-answers/{row.pk}", {"is_active": False, "text": "{oops}"})
    row.refresh_from_db()
    assert mixed.status_code == 422 and row.is_active and row.text == TEXT


def test_suggestions_of_a_response_over_the_api(drain: Callable[[], int], api: Caller) -> None:
    row = said(whom=contact("ada", name="Ada"))
    empty = api.get(f"responses/{row.pk}/suggested-replies").json()
    assert empty["suggestions"] == [] and empty["reason"] == "being_read" and empty["message"]
    drain()
    saved = save()
    reader = caller("read", survey=row.survey)
    (found,) = reader.get(f"responses/{row.pk}/suggested-replies").json()["suggestions"]
    assert found["saved_answer"] == saved.pk and found["missing"] == ["customer", "agent"]
    assert found["text"].startswith("Dear Ada,") and found["changed_by"] == "maya"
    assert (
        caller("read", survey=a_survey("other"))
        .get(f"responses/{row.pk}/suggested-replies")
        .status_code
        == 404
    )
    assert reader.get("saved-answers").status_code == 403  # they belong to the whole workspace
    assert caller("read").post("saved-answers", BODY).status_code == 403
