"""Responses and themes over the API: filters, what is shown, answers brought in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedback.models import Answer, Response, Revision, Theme
from feedback.services import Submission, submit
from outbox.models import Job
from surveys import authoring
from surveys.models import Contact, Customer, Invitation, Segment, Survey
from surveys.services import go_live
from tests.feedback.making import a_survey, answer
from tests.surveys.calling import Caller, caller, error_of
from tests.surveys.worlds import contact, invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Caller:
    return caller()


def ids(api: Caller, query: str = "") -> list[int]:
    reply = api.get(f"responses?{query}")
    assert reply.status_code == 200, reply.json()
    return [row["id"] for row in reply.json()["results"]]


# ---- What is shown ---------------------------------------------------------------------


def test_a_response_shows_what_was_said_and_read(api: Caller, drain: Callable[[], int]) -> None:
    survey = a_survey()
    ada = contact("ada", customer=Customer.objects.create(external_id="acme", name="Acme"))
    said = answer(survey, "The support was terrible and slow.", score=2, language="en")
    Response.objects.filter(pk=said.pk).update(contact=ada, properties={"plan": "Growth"})
    drain()
    body = api.get(f"responses/{said.pk}").json()
    assert (body["survey"], body["score"], body["band"]) == ("relation", 2, "detractor")
    assert body["contact"] == {
        "id": ada.pk,
        "email": "ada@example.com",
        "name": "Ada",
        "customer": "acme",
    }
    assert body["properties"] == {"plan": "Growth"}
    assert body["reading"]["sentiment"] == "negative"
    assert body["reading"]["is_corrected"] is False
    mention = next(found for found in body["mentions"] if found["theme"] == "support")
    assert body["comment"][mention["start"] : mention["end"]].lower() == "support"
    assert body["revisions"] == []


def test_a_response_not_yet_read_says_so(api: Caller) -> None:
    said = answer(a_survey(), "Fine")
    assert api.get(f"responses/{said.pk}").json()["reading"] is None


def test_revisions_are_shown_with_what_was_said_before(api: Caller) -> None:
    said = answer(a_survey(), "Better now", score=8)
    Revision.objects.create(response=said, version=1, score=3, comment="Bad")
    (revision,) = api.get(f"responses/{said.pk}").json()["revisions"]
    assert (revision["version"], revision["score"], revision["comment"]) == (1, 3, "Bad")


def test_queries_do_not_grow_with_rows(api: Caller, drain: Callable[[], int]) -> None:
    def fill(count: int) -> None:
        survey = a_survey(f"s{Survey.objects.count()}")
        for _ in range(count):
            answer(survey, "The support was terrible, delivery was great.", score=2)
        drain()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert len(ids(api)) == Response.objects.count()
        return len(found)

    fill(2)
    queries()
    few = queries()
    fill(5)
    assert queries() == few


# ---- Filters ---------------------------------------------------------------------------


def test_filters_find_what_they_name(api: Caller, drain: Callable[[], int]) -> None:
    nps, csat = a_survey("nps"), a_survey("csat", kind="csat")
    ada = contact("ada", customer=Customer.objects.create(external_id="acme", name="Acme"))
    bad = answer(nps, "The support was terrible and rude.", score=2, language="en")
    good = answer(nps, "Delivery was wonderful, I love it!", score=9, language="en")
    silent = answer(csat, "", score=5)
    held = answer(nps, "", score=0)
    Response.objects.filter(pk=held.pk).update(standing="quarantined")
    Response.objects.filter(pk=bad.pk).update(
        contact=ada, customer=ada.customer, properties={"plan": "Growth"}
    )
    growth = Segment.objects.create(slug="growth", name="Growth")
    growth.conditions.create(property="plan", operator="is", value="Growth")
    drain()
    assert ids(api) == [held.pk, silent.pk, good.pk, bad.pk]
    assert ids(api, "survey=csat") == [silent.pk]
    assert ids(api, "survey=unknown") == []
    assert ids(api, "band=promoter") == [good.pk]
    assert ids(api, "band=satisfied") == [silent.pk]
    assert ids(api, "sentiment=negative") == [bad.pk]
    assert ids(api, "theme=support") == [bad.pk]
    assert ids(api, "standing=quarantined") == [held.pk]
    assert ids(api, "email=ADA@example.com") == [bad.pk]
    assert ids(api, "customer=acme") == [bad.pk]
    assert ids(api, "segment=growth") == [bad.pk]
    assert ids(api, "has_comment=true") == [good.pk, bad.pk]
    assert ids(api, "has_comment=false") == [held.pk, silent.pk]
    assert ids(api, "channel=email&language=en&band=detractor") == [bad.pk]
    assert ids(api, "channel=import") == []


def test_since_and_until_take_days_and_instants(api: Caller) -> None:
    survey = a_survey()
    now = timezone.now().replace(hour=12, microsecond=0)
    old, new = answer(survey, "", at=now - timedelta(days=9)), answer(survey, "", at=now)
    assert ids(api, f"since={now.date()}") == [new.pk]
    assert ids(api, f"until={now.date()}") == [new.pk, old.pk]
    assert ids(api, f"until={now.date() - timedelta(days=1)}") == [old.pk]
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S")
    assert ids(api, f"since={stamp}Z") == [new.pk]
    assert ids(api, f"until={stamp}Z") == [old.pk]
    assert ids(api, f"since={stamp}+01:00") == [new.pk]  # the plus arrives as a space


def test_updated_since_finds_old_answers_that_were_revised(api: Caller) -> None:
    survey, now = a_survey(), timezone.now()
    old = answer(survey, "", at=now - timedelta(days=9))
    revised = answer(survey, "", at=now - timedelta(days=8))
    Response.objects.filter(pk=revised.pk).update(revised_at=now)
    day = (now - timedelta(days=1)).date()
    assert ids(api, f"updated_since={day}") == [revised.pk]
    assert ids(api, f"updated_until={day}") == [old.pk]


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2026-01-31T10:00:00", "since=0001-01-01T00:00:00%2B23:59",
     "since=2026-02-30", "until=9999-12-31", "since=2026-01-31%00", "band=best", "sentiment=angry",
     "standing=deleted", "channel=fax", "has_comment=perhaps", "_connector=OR", "pk__in=1",
     "survey__slug=x", "email=%00", "theme=" + "x" * 1001, "page=2", "standing=%F0%9F%98%80",
     "email=", "survey=%20"],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(api: Caller, query: str) -> None:
    reply = api.get(f"responses?{query}")
    assert reply.status_code == 400, reply.json()
    assert query.partition("=")[0] in error_of(reply)["fields"]


_WORDS = st.sampled_from(
    ["survey", "since", "until", "updated_since", "band", "sentiment", "theme", "language",
     "segment", "channel", "email", "customer", "standing", "has_comment", "cursor", "page_size",
     "_connector", "survey__slug__icontains", "pk__in", "comment__regex", "q[]", "\x00", "é"]
)  # fmt: skip


@hypothesis_settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=st.lists(st.tuples(_WORDS, st.text(max_size=40)), max_size=4))
def test_no_query_string_makes_a_server_error_or_shows_foreign_rows(
    query: list[tuple[str, str]],
) -> None:
    from urllib.parse import urlencode

    mine, _ = Survey.objects.get_or_create(slug="mine", defaults=_fields())
    theirs, is_new = Survey.objects.get_or_create(slug="theirs", defaults=_fields())
    if is_new:
        answer(theirs, "Secret")
    api = caller("read", survey=mine)
    reply = api.get("responses?" + urlencode(query, errors="surrogatepass"))
    assert reply.status_code in (200, 400)
    assert b"Secret" not in reply.content


def _fields() -> dict[str, Any]:
    from surveys.models import Brand

    return {"name": "x", "kind": "nps", "brand": Brand.objects.get_or_create(name="K")[0]}


def test_pages_of_equal_times_repeat_nothing_and_lose_nothing(api: Caller) -> None:
    survey, now = a_survey(), timezone.now()
    made = [answer(survey, "", at=now).pk for _ in range(7)]
    found: list[int] = []
    path = "responses?page_size=3"
    while path:
        body = api.get(path).json()
        found += [row["id"] for row in body["results"]]
        path = (body["next"] or "").partition("/api/v1/")[2]
    assert found == made[::-1]


def test_a_page_reads_only_its_own_rows(api: Caller) -> None:
    """The condition compares whole rows and the index gives the order: no sort, no offset."""
    from surveys.api.paging import beyond

    rows = Response.objects.filter(
        beyond(Response, ("-submitted_at", "-id"), (timezone.now(), 5))
    ).order_by("-submitted_at", "-id")[:50]
    plan = rows.explain()
    assert "response_newest" in plan or Response.objects.count() == 0
    assert "TEMP B-TREE" not in plan


# ---- Bringing answers in ---------------------------------------------------------------


def one(api: Caller, **more: Any) -> Any:
    return api.post("responses", {"survey": "relation", "score": 9, **more})


def test_an_answer_brought_in_is_stored_with_its_invitation_and_waits_to_be_read(
    api: Caller,
) -> None:
    survey = a_survey()
    reply = one(api, comment="Good\r\nstuff ", email="ada@example.com", properties={"plan": "Free"})
    assert reply.status_code == 201
    stored = Response.objects.select_related("invitation", "contact").get()
    assert (stored.survey, stored.comment, stored.channel) == (survey, "Good\nstuff", "api")
    assert stored.wording_id == survey.wording_id
    assert (stored.invitation.state, stored.invitation.channel) == ("open", "api")
    assert stored.invitation.answered_at == stored.submitted_at
    assert stored.contact is not None
    assert stored.contact.properties == {"plan": "Free"}
    job = Job.objects.get(kind="read")
    assert (job.subject_id, job.dedupe_key) == (stored.pk, f"read:{stored.pk}:1")


def test_every_answer_keeps_where_in_the_journey_it_was_asked(
    api: Caller, staff_client: Client
) -> None:
    """The row's own word, else that of its properties or its link, else the survey's."""
    survey = a_survey()
    change = api.patch("surveys/relation", {"touchpoint": "onboarding"})
    assert change.json()["touchpoint"] == "onboarding"
    bring = {"survey": "relation", "score": 9}
    own = api.post("responses", {**bring, "touchpoint": "checkout"}).json()
    of_properties = api.post("responses", {**bring, "properties": {"touchpoint": "store"}}).json()
    of_survey = api.post("responses", bring).json()
    by_link = submit(_asked_at(survey, "x" * 99), Submission(score=8))
    plain = submit(_asked_at(survey, ""), Submission(score=8))
    api.patch("surveys/relation", {"touchpoint": "renewal"})
    said = dict(Response.objects.values_list("pk", "touchpoint"))
    assert said == {
        own["id"]: "checkout",
        of_properties["id"]: "store",
        of_survey["id"]: "onboarding",
        by_link: "x" * 60,
        plain: "onboarding",
    }
    assert (own["touchpoint"], ids(api, "touchpoint=store")) == ("checkout", [of_properties["id"]])
    page = staff_client.get("/admin/responses/?touchpoint=renewal").content.decode()
    assert "Nothing found" in page and "renewal" in page
    page = staff_client.get("/admin/responses/?touchpoint=checkout").content.decode()
    assert "checkout" in page and "API" in page and "Nothing found" not in page


def _asked_at(survey: Survey, touchpoint: str) -> Invitation:
    made = invitation(survey, None)
    Invitation.objects.filter(pk=made.pk).update(properties={"touchpoint": touchpoint})
    return made


def test_history_leaves_a_known_contact_as_it_is(api: Caller) -> None:
    a_survey()
    contact("ada", properties={"plan": "Growth", "seats": 7})
    body = {"email": "ada@example.com", "name": "Old Name", "properties": {"plan": "Free"}}
    old = one(api, **body, channel="import", submitted_at="2025-03-01T10:00:00Z").json()
    assert old["properties"] == {"plan": "Free"}
    assert old["submitted_at"] == "2025-03-01T10:00:00Z"
    assert Contact.objects.get().properties == {"plan": "Growth", "seats": 7}
    now = one(api, email="ada@example.com", properties={"seats": 3}).json()
    assert now["properties"] == {"plan": "Growth", "seats": 3}


def test_the_same_external_id_is_stored_once(api: Caller) -> None:
    a_survey()
    first, again = one(api, external_id="x-1"), one(api, external_id="x-1", score=2)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["score"] == 9
    assert Response.objects.count() == 1
    a_survey("other")
    assert (
        api.post("responses", {"survey": "other", "score": 1, "external_id": "x-1"}).status_code
        == 201
    )


@pytest.mark.django_db(transaction=True)
def test_parallel_imports_of_one_external_id_store_it_once() -> None:
    a_survey()
    api = caller()
    statuses: list[int] = []

    def call() -> None:
        statuses.append(one(api, external_id="x-1").status_code)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 200, 201]
    assert Invitation.objects.count() == 1


def test_a_draft_takes_no_answers_a_closed_survey_takes_history(api: Caller) -> None:
    survey = a_survey()
    Survey.objects.update(status="closed")
    assert one(api).status_code == 201
    Survey.objects.filter(pk=survey.pk).update(status="draft")
    assert error_of(one(api))["code"] == "survey_not_live"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"score": 11}, "score"),
        ({"score": -1}, "score"),
        ({"score": 9.0}, "score"),
        ({"score": "9"}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"score": [9]}, "score"),
        ({"score": 10**30}, "score"),
        ({"comment": "x" * 10_000}, "comment"),
        ({"comment": "nul \u0000"}, "comment"),
        ({"comment": "bell \u0007"}, "comment"),
        ({"comment": "half \ud83d"}, "comment"),
        ({"comment": 5}, "comment"),
        ({"comment": None}, "comment"),
        ({"submitted_at": "2026-01-31"}, "submitted_at"),
        ({"submitted_at": "2026-01-31T10:00:00"}, "submitted_at"),
        ({"submitted_at": 1769850000}, "submitted_at"),
        ({"submitted_at": "2099-01-31T10:00:00Z"}, "submitted_at"),
        ({"submitted_at": "0001-01-01T00:00:00+23:59"}, "submitted_at"),
        ({"submitted_at": "9999-12-31T23:59:59-23:59"}, "submitted_at"),
        ({"survey": "unknown"}, "survey"),
        ({"survey": None}, "survey"),
        ({"contact": 10**15}, "contact"),
        ({"contact": 0}, "contact"),
        ({"email": "ada@example.com", "contact": 1}, "email"),
        ({"channel": "email"}, "channel"),
        ({"external_id": "x" * 121}, "external_id"),
        ({"external_id": "a\nb"}, "external_id"),
        ({"language": "e"}, "language"),
        ({"answers": {"x": 1}}, "answers"),
        ({"answers": {"7": "x"}}, "answers.7"),
        ({"answers": {"9" * 25: "x"}}, "answers.999999999999999999"),
        ({"answers": []}, "answers"),
        ({"commment": "x"}, "commment"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_at_its_place(
    api: Caller, change: dict[str, Any], place: str
) -> None:
    a_survey()
    reply = one(api, **change)
    assert reply.status_code == 422, reply.json()
    assert place in error_of(reply)["fields"]
    assert not Response.objects.exists()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "comment",
    ["😀 café ‏مرحبا‏ 你好", "<script>alert(1)</script>", "'; DROP TABLE x; --", "{{7*7}}", "%s"],
)
def test_any_writing_is_stored_as_it_is(api: Caller, comment: str) -> None:
    a_survey()
    assert one(api, comment=comment, name="Zoë 李").json()["comment"] == comment


def test_answers_to_questions_come_as_texts_numbers_or_choices(api: Caller) -> None:
    brand = a_survey("x").brand.name
    made = authoring.create(
        slug="relation",
        name="R",
        kind="nps",
        brand=brand,
        questions=[
            {**_question("free_text"), "text": "Anything else?"},
            {**_question("scale"), "text": "How fast?"},
            {**_question("one_choice"), "choices": [{"text": "Starter"}, {"text": "Growth"}]},
            {**_question("many_choices"), "choices": [{"text": "Mail"}, {"text": "Chat"}]},
        ],
    )
    go_live(made)
    text, scale, single, many = (q.pk for q in made.questions.order_by("position"))
    reply = one(
        api,
        answers={
            str(text): "No\x09thanks",
            str(scale): 5,
            str(single): "growth",
            str(many): ["Mail", "Chat", "Mail"],
        },
    )
    assert reply.status_code == 201, reply.json()
    shown = {row["question"]: row for row in reply.json()["answers"]}
    assert shown[text]["value_text"] == "No\tthanks"
    assert shown[scale]["value_number"] == 5
    assert [choice["text"] for choice in shown[single]["choices"]] == ["Growth"]
    assert [choice["text"] for choice in shown[many]["choices"]] == ["Mail", "Chat"]
    assert Answer.objects.count() == 5
    wrong = [(scale, 6), (scale, True), (single, "x"), (single, ["Starter", "Growth"])]
    for question, value in [*wrong, (text, 1), (many, [[]]), (many, None)]:
        assert one(api, answers={str(question): value}).status_code == 422


def _question(kind: str) -> dict[str, Any]:
    return {"kind": kind, "text": "?", "scale_low": 1, "scale_high": 5, "bands": [], "choices": []}


def test_many_answers_are_checked_row_by_row(api: Caller) -> None:
    a_survey()
    one(api, external_id="there")
    rows = [
        {"score": 9, "external_id": "there"},
        {"score": 9, "external_id": "new"},
        {"score": 8, "external_id": "new"},
        {"score": 11},
        {"score": 1, "coment": "x"},
        {"score": 1, "contact": 10**14},
        {"score": 0, "comment": "Good", "email": "ada@example.com"},
        7,
    ]
    body = api.post("responses/bulk", {"survey": "relation", "responses": rows}).json()
    words = [row["outcome"] for row in body["results"]]
    assert words == [
        "existing", "created", "existing", "refused", "refused", "refused", "created", "refused",
    ]  # fmt: skip
    assert body["results"][1]["id"] == body["results"][2]["id"]
    assert body["results"][5]["errors"] == {"contact": [f"There is no contact {10**14}."]}
    assert Response.objects.count() == Invitation.objects.count() == 3


def test_a_thousand_answers_take_few_statements_and_one_transaction(api: Caller) -> None:
    a_survey()
    rows = [
        {"score": number % 11, "comment": "Good", "email": f"c{number}@example.com"}
        for number in range(1000)
    ]
    with CaptureQueriesContext(connection) as queries:
        body = api.post("responses/bulk", {"survey": "relation", "responses": rows}).json()
    assert body["counts"] == {"created": 1000}
    assert Job.objects.filter(kind="read").count() == 1000
    assert len(queries) < 80
    begins = [query for query in queries if query["sql"].startswith("SAVEPOINT")]
    assert len(begins) <= 12


def test_a_repeated_bulk_call_stores_nothing_twice(api: Caller) -> None:
    a_survey()
    body = {"survey": "relation", "responses": [{"score": 9}, {"score": 12}]}
    first = api.post("responses/bulk", body, **{"idempotency-key": "k"})
    again = api.post("responses/bulk", body, **{"idempotency-key": "k"})
    assert first.json() == again.json()
    assert Response.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"survey": "relation"}, {"responses": [{"score": 1}]}, [], b'"x"',
     {"survey": 5, "responses": [{"score": 1}]}, {"survey": "nope", "responses": [{"score": 1}]},
     {"survey": "relation", "responses": [{"score": 1}] * 1001}],
)  # fmt: skip
def test_a_bulk_body_that_is_none_is_refused(api: Caller, body: Any) -> None:
    a_survey()
    assert api.post("responses/bulk", body).status_code == 422
    assert not Response.objects.exists()


def test_themes_are_listed_with_their_words(api: Caller) -> None:
    support = Theme.objects.get(slug="support")
    themes = {row["slug"]: row for row in api.get("themes").json()["results"]}
    assert themes["support"]["words"] == support.words
    assert api.get("themes/support").json()["name"] == support.name
