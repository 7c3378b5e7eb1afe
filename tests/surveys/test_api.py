"""Surveys, contacts, invitations and suppressions over the API, and what all lists share."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from outbox.models import Job
from outbox.transactions import write
from surveys import asking
from surveys.models import (
    Contact,
    Customer,
    Invitation,
    RepeatableCall,
    Segment,
    Suppression,
    Survey,
)
from surveys.services import find_invitation, suppress
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Caller:
    return caller()


# ---- Lists -----------------------------------------------------------------------------


def pages(api: Caller, path: str) -> list[Any]:
    rows: list[Any] = []
    while path:
        body = api.get(path).json()
        rows += body["results"]
        path = (body["next"] or "").partition("/api/v1/")[2]
    return rows


def test_following_next_gives_every_row_once(api: Caller) -> None:
    made = [contact(f"c{number}").pk for number in range(7)]
    found = [row["id"] for row in pages(api, "contacts?page_size=3")]
    assert found == made[::-1]


def test_the_next_page_is_in_the_link_header_too(api: Caller) -> None:
    for number in range(2):
        contact(f"c{number}")
    reply = api.get("contacts?page_size=1")
    assert reply["Link"] == f'<{reply.json()["next"]}>; rel="next"'
    assert "Link" not in api.get("contacts")


def test_rows_that_appear_while_paging_shift_nothing(api: Caller) -> None:
    for number in range(4):
        contact(f"c{number}")
    first = api.get("contacts?page_size=2").json()
    contact("newcomer")
    second = api.get(first["next"].partition("/api/v1/")[2]).json()
    names = [row["name"] for row in first["results"] + second["results"]]
    assert names == ["C3", "C2", "C1", "C0"]


@pytest.mark.parametrize("size", ["0", "501", "-1", "x", "1e2", "٣", "9" * 30])
def test_a_page_size_out_of_bounds_is_refused(api: Caller, size: str) -> None:
    reply = api.get(f"contacts?page_size={size}")
    assert reply.status_code == 400
    assert "1 to 500" in error_of(reply)["fields"]["page_size"][0]


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "WzFd", "WyIxIiwiMiJd", "W10", "bnVsbA", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0",
     "WyJuYW4iXQ", "WyItMSJd" * 50, "%00"],
)  # fmt: skip
def test_a_torn_cursor_is_refused(api: Caller, cursor: str) -> None:
    assert api.get(f"contacts?cursor={cursor}").status_code == 400


def test_an_unknown_filter_is_refused_with_the_names_there_are(api: Caller) -> None:
    error = error_of(api.get("contacts?emial=ada@example.com"))
    assert error["code"] == "bad_query"
    assert "email, page_size, property" in error["fields"]["emial"][0]


@pytest.mark.parametrize("path", ["contacts", "surveys", "invitations", "customers", "segments"])
def test_queries_do_not_grow_with_rows(api: Caller, path: str) -> None:
    def fill(count: int, start: int) -> None:
        for number in range(start, start + count):
            made = survey(f"s{number}")
            customer = Customer.objects.create(external_id=str(number), name="Acme")
            invitation(made, contact(f"c{number}", customer=customer))
            Segment.objects.create(slug=f"g{number}", name=f"G{number}")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert api.get(path).status_code == 200
        return len(found)

    fill(2, 0)
    queries()
    few = queries()
    fill(5, 2)
    assert queries() == few


# ---- Surveys ---------------------------------------------------------------------------

CSAT = {
    "slug": "after-support",
    "name": "After support",
    "kind": "csat",
    "brand": "Kestrel",
    "language": "de",
    "questions": [
        {
            "kind": "one_choice",
            "text": "Welcher Kanal?",
            "bands": ["dissatisfied"],
            "choices": [{"text": "Telefon"}, {"text": "Chat"}],
        },
        {"kind": "scale", "text": "Wie schnell?", "scale_low": 1, "scale_high": 7},
    ],
    "band_texts": [{"band": "satisfied", "link_text": "Review", "link_url": "https://x.example"}],
}


def test_a_survey_is_made_goes_live_and_closes(api: Caller) -> None:
    made = api.post("surveys", CSAT)
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["status"], body["wording"]) == ("draft", None)
    assert [choice["text"] for choice in body["questions"][0]["choices"]] == ["Telefon", "Chat"]
    live = api.post("surveys/after-support/go-live").json()
    assert live["status"] == "live"
    assert live["wording"]["content"]["questions"][1]["text"] == "Wie schnell?"
    assert api.post("surveys/after-support/close").json()["status"] == "closed"


def test_changing_words_keeps_what_people_read_before(api: Caller) -> None:
    api.post("surveys", CSAT)
    first = api.post("surveys/after-support/go-live").json()["wording"]
    changed = api.patch("surveys/after-support", {"question": "Zufrieden mit {company}?"}).json()
    assert changed["wording"]["number"] == first["number"] + 1
    assert changed["wording"]["content"]["question"] == "Zufrieden mit Kestrel?"
    assert changed["name"] == "After support"


def test_questions_left_out_are_retired_and_those_with_an_id_stay(api: Caller) -> None:
    questions = api.post("surveys", CSAT).json()["questions"]
    kept = {"id": questions[1]["id"], "kind": "scale", "text": "Wie schnell war es?"}
    after = api.patch("surveys/after-support", {"questions": [kept]}).json()["questions"]
    by_id = {question["id"]: question for question in after}
    assert by_id[questions[0]["id"]]["is_retired"]
    assert by_id[questions[1]["id"]]["text"] == "Wie schnell war es?"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"slug": "taken"}, "slug"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"kind": "nsp"}, "kind"),
        ({"language": "tlh"}, "language"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"rest_days": -1}, "rest_days"),
        ({"rest_days": 1.5}, "rest_days"),
        ({"rest_days": True}, "rest_days"),
        ({"closes_at": "2027-01-31T09:00:00"}, "closes_at"),
        ({"closes_at": "0001-01-01T00:00:00+23:59"}, "closes_at"),
        ({"status": "live"}, "status"),
        ({"questions": [{"kind": "scale", "text": "?", "scale_low": 5}]}, "questions.0.scale_high"),
        ({"questions": [{"kind": "one_choice", "text": "?"}]}, "questions.0.choices"),
        ({"questions": [{"kind": "free_text", "text": "?", "id": 7}]}, "questions.0.id"),
        ({"questions": [{"kind": "free_text", "text": "?", "bands": ["x"]}]}, "questions.0.bands"),
        ({"questions": [{"kind": "free_text", "text": "?"}] * 11}, "questions"),
        ({"band_texts": [{"band": "promoter"}]}, "band_texts.0.band"),
        ({"band_texts": [{"band": "neutral", "link_url": "javascript:alert(1)"}]},
         "band_texts.0.link_url"),
    ],
)  # fmt: skip
def test_a_survey_that_cannot_be_is_refused_at_its_place(
    api: Caller, change: dict[str, Any], place: str
) -> None:
    survey("taken")
    reply = api.post("surveys", {**CSAT, **change})
    assert reply.status_code == 422
    assert place in error_of(reply)["fields"]
    assert not Survey.objects.filter(slug="after-support").exists()


def test_closing_a_draft_is_a_conflict(api: Caller) -> None:
    survey("draft", live=False)
    reply = api.post("surveys/draft/close")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "survey_not_live")


# ---- Contacts --------------------------------------------------------------------------


def test_the_same_address_is_the_same_contact(api: Caller) -> None:
    made = api.post("contacts", {"email": "ADA@Example.com", "properties": {"Plan Type": "Free"}})
    again = api.post(
        "contacts", {"email": "ada@example.com", "name": "Ada", "properties": {"seats": 3}}
    )
    assert (made.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == made.json()["id"]
    assert again.json()["properties"] == {"plan_type": "Free", "seats": 3}


def test_a_contact_brings_its_customer_along(api: Caller) -> None:
    body = {"email": "ada@example.com", "customer": "acme-7", "customer_name": "Acme Ltd"}
    assert api.post("contacts", body).json()["customer"] == "acme-7"
    assert api.get("customers?external_id=acme-7").json()["results"][0]["name"] == "Acme Ltd"


def test_null_takes_a_property_away(api: Caller) -> None:
    ada = contact("ada", properties={"plan": "Trial", "trial_ends": "soon"})
    body = {"properties": {"plan": "Growth", "trial_ends": None}, "customer": None}
    assert api.patch(f"contacts/{ada.pk}", body).json()["properties"] == {"plan": "Growth"}


def test_an_address_another_contact_has_is_a_conflict(api: Caller) -> None:
    ada = contact("ada")
    contact("bob")
    reply = api.patch(f"contacts/{ada.pk}", {"email": "bob@example.com"})
    assert (reply.status_code, error_of(reply)["code"]) == (409, "email_taken")


def test_a_deleted_contact_gets_no_mail_that_waited(api: Caller) -> None:
    ada = contact("ada")
    waiting = invitation(survey(), ada, state="waiting")
    assert api.delete(f"contacts/{ada.pk}").status_code == 204
    waiting.refresh_from_db()
    assert (waiting.state, waiting.contact_id) == ("cancelled", None)
    assert api.get(f"contacts/{ada.pk}").status_code == 404


def test_contacts_are_found_by_address_property_customer_and_segment(api: Caller) -> None:
    acme = Customer.objects.create(external_id="acme", name="Acme")
    contact("ada", properties={"plan": "Growth", "seats": 3}, customer=acme)
    contact("bob", properties={"plan": "Free", "seats": 3})
    growth = Segment.objects.create(slug="growth", name="Growth")
    growth.conditions.create(property="plan", operator="is", value="Growth")

    def found(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"contacts?{query}").json()["results"]]

    assert found("email=ADA@example.com") == ["Ada"]
    assert found("property=plan:Free") == ["Bob"]
    assert found("property=seats:3") == ["Bob", "Ada"]
    assert found("property=seats:3&property=plan:Growth") == ["Ada"]
    assert found("customer=acme") == ["Ada"]
    assert found("segment=growth") == ["Ada"]
    assert found("segment=unknown") == []


@pytest.mark.parametrize("name", ["plan__icontains", "plan__isnull", "__", "0", "a'b", 'a"b', "$."])
def test_a_property_name_is_a_name_whatever_it_looks_like(api: Caller, name: str) -> None:
    contact("ada", properties={"plan": "Growth"})
    reply = api.get(f"contacts?property={name}:Growth")
    assert (reply.status_code, reply.json()["results"]) == (200, [])


def test_many_contacts_are_checked_row_by_row(api: Caller) -> None:
    contact("bob", name="Bob")
    rows = [
        {"email": "ada@example.com"},
        {"email": "no address"},
        {"email": "bob@example.com", "name": "Bob"},
        {"email": "ADA@example.com", "name": "Ada"},
        {"email": "carol@example.com", "propertys": {}},
        "dora@example.com",
        {"email": "erna@example.com", "properties": {"a": {"b": 1}}},
    ]
    body = api.post("contacts/bulk", {"contacts": rows}).json()
    words = [row["outcome"] for row in body["results"]]
    assert words == [
        "repeated", "refused", "unchanged", "created", "refused", "refused", "refused",
    ]  # fmt: skip
    assert [row["index"] for row in body["results"]] == list(range(7))
    assert body["counts"] == {"repeated": 1, "refused": 4, "unchanged": 1, "created": 1}
    assert "propertys" in body["results"][4]["errors"]
    assert Contact.objects.get(email="ada@example.com").name == "Ada"


@pytest.mark.parametrize(
    "body",
    [{}, [], None, {"contacts": {}}, {"contacts": []}, {"contacts": "x"}, {"contacts": [], "a": 1},
     {"contacts": [{"email": "a@example.com"}] * 1001}],
)  # fmt: skip
def test_a_bulk_body_that_is_no_list_of_1_to_1000_is_refused(api: Caller, body: Any) -> None:
    reply = api.post("contacts/bulk", body if body is not None else b"null")
    assert reply.status_code == 422
    assert not Contact.objects.exists()


def test_a_thousand_contacts_take_few_statements(api: Caller) -> None:
    rows = [{"email": f"c{number}@example.com", "name": "C"} for number in range(1000)]
    with CaptureQueriesContext(connection) as queries:
        body = api.post("contacts/bulk", {"contacts": rows}).json()
    assert body["counts"] == {"created": 1000}
    assert len(queries) < 40


# ---- Invitations -----------------------------------------------------------------------


def jobs() -> list[tuple[str, int]]:
    return list(Job.objects.filter(kind="deliver").values_list("kind", "subject_id"))


def test_asking_somebody_writes_a_contact_an_invitation_and_its_delivery(api: Caller) -> None:
    survey("nps")
    body = {
        "survey": "nps",
        "email": "ada@example.com",
        "name": "Ada",
        "properties": {"order": "A-1"},
    }
    reply = api.post("invitations", body)
    assert reply.status_code == 201
    asked = reply.json()
    assert (asked["state"], asked["channel"], asked["contact"]["name"]) == (
        "waiting", "email", "Ada",
    )  # fmt: skip
    assert asked["properties"] == {"order": "A-1"}
    assert "link" not in asked
    assert jobs() == [("deliver", asked["id"])]
    assert Contact.objects.get().properties == {}  # those of one asking are not the person's


def test_asking_later_waits_until_then(api: Caller) -> None:
    survey("nps")
    asked = api.post(
        "invitations", {"survey": "nps", "email": "ada@example.com", "delay_seconds": 3600}
    ).json()
    due = Job.objects.get(kind="deliver").due_at
    assert timedelta(minutes=59) < due - timezone.now() < timedelta(minutes=61)
    assert asked["send_at"] is not None
    at = (timezone.now() + timedelta(days=3)).isoformat()
    body = {"survey": "nps", "email": "bob@example.com", "send_at": at}
    later = api.post("invitations", body).json()
    link_days = Invitation.objects.get(pk=later["id"]).expires_at - timezone.now()
    assert link_days > timedelta(days=62)  # 60 from the day it is sent


def test_without_sending_the_answer_holds_a_link_that_opens(api: Caller) -> None:
    survey("nps")
    asked = api.post("invitations", {"survey": "nps", "email": "a@example.com", "send": False})
    body = asked.json()
    found = find_invitation(body["link"].rpartition("/")[2])
    assert found is not None
    assert found.pk == body["id"]
    assert (body["state"], jobs()) == ("open", [])


def skip(api: Caller, **more: Any) -> tuple[str, str]:
    reply = api.post("invitations", {"survey": "nps", "email": "ada@example.com", **more})
    assert reply.status_code == 201
    body = reply.json()
    assert (body["state"], bool(body["explanation"])) == ("skipped", True)
    return body["reason"], body["explanation"]


def test_whoever_must_not_be_written_to_is_skipped_with_the_reason(api: Caller) -> None:
    made = survey("nps")
    suppress("ada@example.com", reason="unsubscribed", source="link")
    assert skip(api)[0] == "unsubscribed"
    Suppression.objects.all().delete()
    ada = Contact.objects.get(email="ada@example.com")
    invitation(made, ada, days_ago=10)
    reason, words = skip(api)
    assert reason == "rest"
    assert "asked by this survey on" in words
    assert jobs() == []


def test_after_the_rest_days_somebody_is_asked_again(api: Caller) -> None:
    made = survey("nps")
    invitation(made, contact("ada"), days_ago=91)
    asked = api.post("invitations", {"survey": "nps", "email": "ada@example.com"}).json()
    assert asked["state"] == "waiting"


def test_a_draft_or_closed_survey_asks_nobody(api: Caller) -> None:
    survey("draft", live=False)
    closed = survey("closed")
    Survey.objects.filter(pk=closed.pk).update(status="closed")
    for slug in ("draft", "closed"):
        reply = api.post("invitations", {"survey": slug, "email": "ada@example.com"})
        assert (reply.status_code, error_of(reply)["code"]) == (409, "survey_not_live")
    assert not Contact.objects.exists()


def test_a_waiting_mail_can_be_cancelled_a_sent_one_cannot(api: Caller) -> None:
    made = survey("nps")
    waiting = invitation(made, contact("ada"), state="waiting")
    sent = invitation(made, contact("bob"))
    assert api.post(f"invitations/{waiting.pk}/cancel").json()["state"] == "cancelled"
    refused = api.post(f"invitations/{sent.pk}/cancel")
    assert (refused.status_code, error_of(refused)["code"]) == (409, "not_waiting")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"email": "ada@"}, "email"),
        ({"email": "ada@example.com\r\nBcc: x@example.com"}, "email"),
        ({"email": 5}, "email"),
        ({"contact": 1}, "email"),
        ({"survey": "unknown"}, "survey"),
        ({"survey": "nps\u0000"}, "survey"),
        ({"name": "Ada\nByron"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"language": "english"}, "language"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": 10**12}, "delay_seconds"),
        ({"delay_seconds": "60"}, "delay_seconds"),
        ({"send_at": "tomorrow"}, "send_at"),
        ({"send_at": "2026-12-31T10:00:00"}, "send_at"),
        ({"send_at": "2029-12-31T10:00:00Z"}, "send_at"),
        ({"send": "no"}, "send"),
        ({"properties": []}, "properties"),
        ({"properties": {"a": [1]}}, "properties"),
        ({"properties": {"a": "x\u0000"}}, "properties"),
        ({"properties": {"a": 10**40}}, "properties"),
        ({"properties": {"a": "x" * 1001}}, "properties"),
        ({"properties": {str(n): n for n in range(61)}}, "properties"),
        ({"prperties": {}}, "prperties"),
    ],
)  # fmt: skip
def test_an_asking_that_cannot_be_is_refused_at_its_place(
    api: Caller, change: dict[str, Any], place: str
) -> None:
    survey("nps")
    reply = api.post("invitations", {"survey": "nps", "email": "ada@example.com", **change})
    assert reply.status_code == 422
    assert place in error_of(reply)["fields"]
    assert not Invitation.objects.exists()


# ---- Idempotency -----------------------------------------------------------------------

ASK = {"survey": "nps", "email": "ada@example.com", "send": False}


def test_the_same_key_and_body_make_one_thing_and_get_one_answer(api: Caller) -> None:
    survey("nps")
    first = api.post("invitations", ASK, **{"idempotency-key": "order-7"})
    second = api.post("invitations", ASK, **{"idempotency-key": "order-7"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Invitation.objects.count() == 1


def test_the_repeated_answer_is_the_first_one_though_the_mail_has_left(api: Caller) -> None:
    survey("nps")
    ask = {"survey": "nps", "email": "ada@example.com"}
    first = api.post("invitations", ask, **{"idempotency-key": "k"}).json()
    Invitation.objects.update(state="sent", sent_at=timezone.now())
    assert api.post("invitations", ask, **{"idempotency-key": "k"}).json() == first


def test_the_same_key_with_another_body_is_a_conflict(api: Caller) -> None:
    survey("nps")
    api.post("invitations", ASK, **{"idempotency-key": "k"})
    other = {**ASK, "email": "bob@example.com"}
    reply = api.post("invitations", other, **{"idempotency-key": "k"})
    assert (reply.status_code, error_of(reply)["code"]) == (409, "idempotency_key_reused")
    assert api.post("contacts", ASK, **{"idempotency-key": "k"}).status_code in (409, 422)


def test_keys_of_two_callers_do_not_meet(api: Caller) -> None:
    survey("nps")
    api.post("invitations", ASK, **{"idempotency-key": "k"})
    assert caller().post("invitations", ASK, **{"idempotency-key": "k"}).status_code == 201
    assert Invitation.objects.count() == 2


def test_a_key_is_forgotten_after_a_day(api: Caller) -> None:
    survey("nps")
    api.post("invitations", ASK, **{"idempotency-key": "k"})
    RepeatableCall.objects.update(created_at=timezone.now() - timedelta(hours=25))
    api.post("invitations", ASK, **{"idempotency-key": "k"})
    assert Invitation.objects.count() == 2
    assert RepeatableCall.objects.count() == 1


def test_a_refused_call_keeps_no_key(api: Caller) -> None:
    survey("nps")
    assert (
        api.post("invitations", {**ASK, "survey": "x"}, **{"idempotency-key": "k"}).status_code
        == 422
    )
    assert api.post("invitations", ASK, **{"idempotency-key": "k"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "a\tb"])
def test_a_key_that_is_no_header_text_is_refused(api: Caller, key: str) -> None:
    survey("nps")
    assert api.post("invitations", ASK, **{"idempotency-key": key}).status_code == 400


def test_no_address_and_no_link_is_kept_with_a_key(api: Caller) -> None:
    survey("nps")
    link = api.post("invitations", ASK, **{"idempotency-key": "k"}).json()["link"]
    kept = json.dumps(RepeatableCall.objects.values("key", "digest", "said").get())
    assert "ada@example.com" not in kept
    assert link.rpartition("/")[2] not in kept


@pytest.mark.django_db(transaction=True)
def test_five_parallel_repeats_make_one_thing() -> None:
    survey("nps")
    api = caller()
    answers: list[Any] = []

    def call() -> None:
        answers.append(api.post("invitations", ASK, **{"idempotency-key": "k"}))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status_code for reply in answers] == [201] * 5
    assert len({reply.json()["link"] for reply in answers}) == 1
    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_parallel_askings_of_one_person_send_one_mail() -> None:
    made, ada, api = survey("nps"), contact("ada"), caller()
    answers: list[Any] = []

    def call() -> None:
        answers.append(api.post("invitations", {"survey": "nps", "contact": ada.pk}).json())
        connection.close()

    api.get("surveys")  # the first call of a process loads a lot
    second = threading.Thread(target=call)
    with write():
        asking.ask(made, ada)
        second.start()
        second.join(timeout=2)  # it waits for us, or answers without having seen us
    second.join()
    assert [(row["state"], row["reason"]) for row in answers] == [("skipped", "waiting")]


# ---- Suppressions ----------------------------------------------------------------------


def test_an_address_is_suppressed_once_and_lifted_with_a_name(api: Caller) -> None:
    first = api.post("suppressions", {"email": "ADA@example.com", "reason": "complained"})
    again = api.post("suppressions", {"email": "ada@example.com"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["reason"] == "complained"
    lifted = api.post(f"suppressions/{first.json()['id']}/lift").json()
    assert lifted["lifted_by"] == "API key test"
    assert api.post(f"suppressions/{first.json()['id']}/lift").status_code == 409
    assert api.get("suppressions?in_force=true").json()["results"] == []


# ---- Bodies that are none --------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"email": "\xc3\x28"}', 400),
        (b"[" * 20_000, 400),
        (b'{"a":' * 10_000, 400),
        (b'{"properties": {"a": NaN}}', 400),
        (b'{"properties": {"a": ' + b"9" * 5000 + b"}}", 400),
        (b'{"email": "ada@example.com", "properties": {"a": 1e999}}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b"7", 422),
        (b" " * 65_537, 413),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(api: Caller, body: bytes, status: int) -> None:
    reply = api.post("contacts", body)
    assert reply.status_code == status, reply.content
    assert error_of(reply)["message"]


def test_a_body_of_another_type_is_refused(api: Caller) -> None:
    reply = api.post("contacts", b"<x/>", content_type="text/xml")
    assert (reply.status_code, error_of(reply)["code"]) == (415, "unsupported_media_type")


def test_a_bulk_body_may_be_larger_but_not_endless(api: Caller, settings: Any) -> None:
    rows = [{"email": f"{'c' * 50}{number}@example.com"} for number in range(1000)]
    assert api.post("contacts/bulk", {"contacts": rows}).status_code == 200
    settings.API_BULK_LIMIT = 10_000
    assert api.post("contacts/bulk", {"contacts": rows}).status_code == 413


def test_no_answer_is_kept_by_a_cache_on_the_way(api: Caller) -> None:
    for path in ("contacts", "contacts/export.csv", "contacts/1"):
        assert api.get(path)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["contacts/0", "contacts/999999999999999999", "surveys/nope"])
def test_what_is_not_there_is_404_in_the_same_shape(api: Caller, path: str) -> None:
    reply = api.get(path)
    assert (reply.status_code, error_of(reply)["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["nothing", "contacts/99999999999999999999", "contacts/x", "", "é"]
)
def test_an_address_the_api_does_not_have_is_404_in_the_same_shape(api: Caller, path: str) -> None:
    assert error_of(api.get(path))["code"] == "not_found"


def test_a_method_there_is_not_is_405_with_those_there_are(api: Caller) -> None:
    reply = api.call("PUT", "contacts", {})
    assert (reply.status_code, error_of(reply)["code"]) == (405, "method_not_allowed")
    assert reply["Allow"] == "GET, HEAD, POST"
