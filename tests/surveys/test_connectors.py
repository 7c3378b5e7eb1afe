"""Another system calls, somebody is asked: only when signed, once, and with a reason."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from html import unescape
from re import search
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from outbox.models import Job
from surveys import connectors, events, rates
from surveys.events import FieldMap, document_of
from surveys.models import Connector, ConnectorCall, Contact, Invitation
from surveys.signatures import TOLERANCE, Flaw, check, sign, sign_body
from tests.surveys.worlds import contact, invitation, survey

MAP = FieldMap(
    email="customer.email", name="customer.name", language="customer.locale", once="order.number",
    only_path="event", only_values=("order.delivered",), properties={"plan": "order.plan"},
)  # fmt: skip
BODY = {
    "event": "order.delivered",
    "order": {"number": "A-1", "plan": "Growth"},
    "customer": {"email": "Ada@Example.com", "name": "Ada Byron", "locale": "de_DE"},
}


@pytest.fixture
def connector(db) -> Connector:
    made = connectors.new_connector(
        name="Shop", survey=survey(), mapping=document_of(MAP), delay_hours=48
    )
    made.save()
    return made


def call(
    connector: Connector, body: Any = BODY, *, event_id: str = "evt-1", at: float | None = None,
    secret: str = "", raw: bytes | None = None, **more: str,
) -> Any:  # fmt: skip
    data = json.dumps(body).encode() if raw is None else raw
    stamp = int(time.time() if at is None else at)
    signature = sign(
        secret or connectors.secret_of(connector), event_id=event_id, timestamp=stamp, body=data
    )
    headers = {
        "webhook-id": event_id, "webhook-timestamp": str(stamp), "webhook-signature": signature
    } | more  # fmt: skip
    address = reverse("surveys:hook", args=[connector.public_id])
    return Client(enforce_csrf_checks=True).generic(
        "POST", address, data, content_type="application/json", headers=headers
    )


# ---- From a call to an asking ------------------------------------------------------------------


def test_a_call_asks_the_customer_after_the_delay(connector):
    answer = call(connector)
    assert answer.status_code == 202
    assert answer.json()["result"] == "asked"
    asked = Invitation.objects.get()
    assert answer.json()["invitation"] == asked.pk
    assert (asked.contact.email, asked.contact.name) == ("ada@example.com", "Ada Byron")
    assert asked.contact.language == "de"
    assert asked.properties == {"plan": "Growth"}
    wait = asked.send_at - timezone.now()
    assert 47 * 3600 < wait.total_seconds() < 49 * 3600
    assert Job.objects.get(kind="deliver").subject_id == asked.pk


def test_the_same_event_again_asks_nobody_twice(connector):
    first, second = call(connector), call(connector, {**BODY, "order": {"number": "other"}})
    assert second.json() == {**first.json(), "repeated": True}
    assert Invitation.objects.count() == 1
    assert ConnectorCall.objects.get().repeats == 1


def test_the_same_order_reported_by_another_event_asks_nobody_twice(connector):
    call(connector)
    again = call(connector, event_id="evt-2")
    assert again.status_code == 200
    assert again.json()["result"] == "ignored"
    assert "“A-1” was asked about before" in again.json()["reason"]
    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sixteen_calls_of_one_event_at_once_ask_once(connector):
    answers: list[int] = []

    def post() -> None:
        answers.append(call(connector).status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [202] * 16
    assert Invitation.objects.count() == ConnectorCall.objects.count() == 1


def test_a_person_who_rests_is_not_asked_and_the_call_says_why(connector):
    invitation(connector.survey, contact("ada"), days_ago=3)
    answer = call(connector)
    assert (answer.status_code, answer.json()["result"]) == (200, "skipped")
    assert "asked by this survey on" in answer.json()["reason"]


def test_other_events_are_left_alone(connector):
    answer = call(connector, {**BODY, "event": "order.paid"})
    assert answer.json()["result"] == "ignored"
    assert answer.json()["reason"] == "event: “order.paid”"
    assert not Contact.objects.exists()


def test_a_call_without_an_address_says_what_it_holds_and_may_come_again(connector):
    answer = call(connector, {**BODY, "customer": {"mail": "ada@example.com"}})
    assert answer.status_code == 422
    message = answer.json()["error"]["message"]
    assert "customer.email" in message and "customer.mail" in message
    assert "ada@" not in message
    assert call(connector).status_code == 202  # the same event, put right
    assert ConnectorCall.objects.get().outcome == "asked"


def test_a_survey_that_takes_no_answers_refuses_and_can_be_called_again(connector):
    type(connector.survey).objects.update(status="closed")
    assert "Closed" in call(connector).json()["error"]["message"]
    type(connector.survey).objects.update(status="live")
    assert call(connector).status_code == 202


def test_a_connector_that_is_off_asks_nobody(connector):
    Connector.objects.update(is_open=False)
    assert call(connector).status_code == 422
    assert not Invitation.objects.exists()


# ---- Who is believed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "flaw"),
    [
        ({"webhook-id": ""}, Flaw.NO_ID),
        ({"webhook-id": "é"}, Flaw.NO_ID),
        ({"webhook-timestamp": "soon"}, Flaw.NO_TIME),
        ({"webhook-signature": ""}, Flaw.NO_SIGNATURE),
        ({"webhook-signature": "v1,AAAA"}, Flaw.WRONG),
        ({"webhook-id": "evt-2"}, Flaw.WRONG),
        ({"webhook-timestamp": "1"}, Flaw.WRONG),
    ],
)
def test_an_unsigned_call_is_counted_and_nothing_else(connector, more, flaw):
    answer = call(connector, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, flaw)
    connector.refresh_from_db()
    assert (connector.refused_count, connector.refused_reason) == (1, flaw)
    assert not ConnectorCall.objects.exists() and not Contact.objects.exists()


@pytest.mark.parametrize(("age", "code"), [(TOLERANCE + 5, "old"), (-TOLERANCE - 5, "early")])
def test_a_replayed_call_is_too_old(connector, age, code):
    answer = call(connector, at=time.time() - age)
    assert answer.json()["error"]["code"] == code


def test_a_new_secret_works_at_once_and_the_former_for_a_day(connector):
    former = connectors.secret_of(connector)
    connectors.renew_secret(connector)
    connector.refresh_from_db()
    assert connectors.secret_of(connector) != former
    assert call(connector, event_id="new").status_code == 202
    assert call(connector, event_id="old", secret=former).status_code == 200  # the same order
    Connector.objects.update(former_until=timezone.now())
    assert call(connector, event_id="late", secret=former).status_code == 401


def test_a_link_key_that_is_gone_is_said_and_a_new_secret_helps(connector, staff_client, settings):
    settings.LINK_KEYS = {"z": "z" * 40}
    assert call(connector, secret="whsec_AAAA").status_code == 401
    page = reverse("staff:connector", args=[connector.pk])
    assert "Make a new secret and give it" in staff_client.get(page).content.decode()
    connectors.renew_secret(connector)
    connector.refresh_from_db()
    assert call(connector).status_code == 202


def test_no_secret_lies_in_the_database(connector):
    row = Connector.objects.values().get()
    key = connectors.secret_of(connector).removeprefix("whsec_")
    assert key not in str(row)


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"\xff", b"[" * 5000, b'{"a": NaN}'])
def test_a_body_that_is_no_json_is_refused(connector, raw):
    assert call(connector, raw=raw).status_code == 400


@pytest.mark.parametrize("body", [None, [], "x", 7, {"customer": []}, {"event": {"a": 1}}])
def test_json_of_any_shape_is_answered(connector, body):
    assert call(connector, body).status_code in (200, 422)


def test_a_huge_body_is_refused_unread(connector):
    assert call(connector, raw=b" " * 70_000).status_code == 413


def test_calls_are_paced(connector, monkeypatch):
    monkeypatch.setattr("surveys.hook_views.CALLS_A_MINUTE", 3)
    answers = [call(connector, event_id=f"e{n}") for n in range(5)]
    assert [a.status_code for a in answers][:3] == [202, 200, 200]
    assert answers[4].status_code == 429
    assert 0 < int(answers[4]["Retry-After"]) <= 60


def test_unknown_addresses_and_methods_are_told_so(connector):
    assert Client().post("/hooks/nobody").status_code == 404
    assert Client().get(reverse("surveys:hook", args=[connector.public_id])).status_code == 405


@pytest.mark.django_db
def test_a_rate_refills_evenly():
    assert [rates.take("x", most=2, seconds=3600) for _ in range(2)] == [0, 0]
    assert 0 < rates.take("x", most=2, seconds=3600) <= 1800
    assert rates.take("y", most=2, seconds=3600) == 0


# ---- Shops that sign the body alone -------------------------------------------------------------


def plain_call(connector: Connector, body: Any = BODY, **headers: str) -> Any:
    data = json.dumps(body).encode()
    address = reverse("surveys:hook", args=[connector.public_id])
    return Client().generic("POST", address, data, content_type="application/json", headers=headers)


@pytest.fixture
def shop(connector) -> Connector:
    connector.scheme = Connector.Scheme.BODY
    connector.save()
    return connector


@pytest.mark.parametrize("header", ["x-wc-webhook-signature", "x-hub-signature-256"])
def test_a_signed_body_asks_and_the_same_body_again_does_not(shop, header):
    digest = sign_body(connectors.secret_of(shop), json.dumps(BODY).encode())
    is_hub = header.startswith("x-hub")
    said = f"sha256={digest.hex()}" if is_hub else base64.b64encode(digest).decode()
    assert plain_call(shop, **{header: said}).status_code == 202
    replayed = plain_call(shop, **{header: said})
    assert replayed.json()["repeated"] is True
    assert plain_call(shop, {**BODY, "event": "x"}, **{header: said}).status_code == 401
    assert Invitation.objects.count() == 1


def test_each_connector_believes_its_own_kind_of_signature_only(shop):
    assert call(shop).status_code == 401
    digest = sign_body(connectors.secret_of(shop), json.dumps(BODY).encode())
    Connector.objects.update(scheme=Connector.Scheme.STANDARD)
    assert plain_call(shop, **{"x-hub-signature-256": digest.hex()}).status_code == 401
    assert plain_call(shop).status_code == 401


# ---- Paths and signatures, purely --------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1), ("$.a.b", 1), ("items[1].sku", "y"), ('["x.y"].z', True), ("a", None),
        ("items[9].sku", None), ("nothing.there", None), ("items.sku", None),
    ],
)  # fmt: skip
def test_paths(path, value):
    document = {"a": {"b": 1}, "items": [{"sku": "x"}, {"sku": "y"}], "x.y": {"z": True}}
    found = events.value_at(document, path)
    assert found == (value if path != "a" else {"b": 1})


@pytest.mark.parametrize("path", ["", "a..b", "a[", "a[x]", "]", "a" * 201, 'a["b'])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match=r"path|Path"):
        events.steps_of(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_any_document_is_read_or_refused_with_a_sentence(document):
    try:
        wish = events.read(FieldMap(email="email", delay="delay", properties={"p": "p"}), document)
    except events.Refused as error:
        assert str(error)
    else:
        assert "@" in wish.email


@settings(deadline=None)
@given(json_values)
def test_every_path_named_can_be_looked_up(document):
    for path in events.paths_of(document):
        found = events.value_at(document, path)
        assert found is None or not isinstance(found, dict) or not found


@settings(deadline=None)
@given(st.binary(max_size=50), st.integers(0, 2**31), st.binary(min_size=1, max_size=3))
def test_only_the_signed_body_is_believed(body, now, more):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "e",
        "webhook-timestamp": str(now),
        "webhook-signature": "v1,x " + sign(secret, event_id="e", timestamp=now, body=body),
    }
    assert check(headers, body, secrets=["whsec_AAAA", secret], now=now) is None
    assert check(headers, body + more, secrets=[secret], now=now) is Flaw.WRONG


def test_signatures_are_those_of_the_specification():
    """The published example of Standard Webhooks."""
    said = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330, body=b'{"test": 2432232314}',
    )  # fmt: skip
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# ---- The staff pages ---------------------------------------------------------------------------


def form(connector: Connector, **more: str) -> dict[str, str]:
    return {
        "title": "Help desk", "survey": str(connector.survey_id), "delay_hours": "2",
        "email": "ticket.requester.email", "scheme": "standard",
        "properties": "agent = ticket.agent", **more,
    }  # fmt: skip


def test_staff_make_a_connector_and_find_address_and_secret(connector, staff_client):
    answer = staff_client.post(reverse("staff:connector-new"), form(connector), follow=True)
    made = Connector.objects.get(name="Help desk")
    said = unescape(answer.content.decode())
    assert f"/hooks/{made.public_id}" in said and connectors.secret_of(made) in said
    assert events.mapping_of(made.mapping).properties == {"agent": "ticket.agent"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "a..b", "is not a path"),
        ("email", "", "required"),
        ("properties", "plan", "Line 1: write name = path"),
        ("only_path", "event", "Give both"),
        ("delay_hours", "9000", "less than or equal"),
    ],
)
def test_a_form_that_cannot_work_says_where(connector, staff_client, field, value, said):
    answer = staff_client.post(reverse("staff:connector-new"), form(connector, **{field: value}))
    assert answer.status_code == 422
    assert said in unescape(answer.content.decode())


def test_a_connector_of_a_closed_survey_can_still_be_changed(connector, staff_client):
    type(connector.survey).objects.update(status="closed")
    page = reverse("staff:connector", args=[connector.pk])
    assert staff_client.post(page, form(connector)).status_code == 302


def test_the_page_shows_calls_with_reasons_and_reads_a_sample(connector, staff_client):
    call(connector)
    call(connector, {**BODY, "event": "order.paid"}, event_id="evt-2")
    call(connector, **{"webhook-signature": "v1,AAAA"})
    address = reverse("staff:connector", args=[connector.pk])
    said = unescape(staff_client.get(address).content.decode())
    assert "event: “order.paid”" in said
    assert "1 call was not believed" in said
    sample = {"sample": json.dumps(BODY)}
    said = staff_client.post(f"{address}try/", sample).content.decode()
    assert "ada@example.com" in said and "48 hours" in said
    assert Invitation.objects.count() == 1  # trying asks nobody
    said = staff_client.post(f"{address}try/", {"sample": "{"}).content.decode()
    assert "It would be refused" in said


def test_a_connector_can_be_switched_off_renewed_and_taken_away(connector, staff_client):
    do = reverse("staff:connector-do", args=[connector.pk])
    before = connectors.secret_of(connector)
    staff_client.post(do, {"do": "close"})
    staff_client.post(do, {"do": "renew"})
    connector.refresh_from_db()
    assert not connector.is_open and connectors.secret_of(connector) != before
    staff_client.post(do, {"do": "remove"})
    assert not Connector.objects.exists()
    assert staff_client.get(reverse("staff:connectors")).status_code == 200


@pytest.mark.parametrize(
    ("language", "scheme"), [("Python", "standard"), ("Shell", "standard"), ("Shell", "body")]
)
@pytest.mark.django_db(transaction=True)
def test_the_examples_on_the_page_work(live_app, staff_client, connector, language, scheme):
    Connector.objects.update(scheme=scheme)
    if language == "Shell" and not (shutil.which("openssl") and shutil.which("curl")):
        pytest.skip("the shell example needs openssl and curl")
    page = staff_client.get(reverse("staff:connector", args=[connector.pk])).content.decode()
    found = search(rf'data-example="{language}">(.*?)</pre>', page.replace("\n", "\r"))
    assert found
    code = unescape(found.group(1)).replace("\r", "\n")
    code = code.replace("http://localhost:8000", live_app.url)
    program = [sys.executable, "-c"] if language == "Python" else ["sh", "-c"]
    done = subprocess.run(
        [*program, code], capture_output=True, text=True, timeout=60, check=False, env=os.environ
    )
    assert json.loads(done.stdout)["result"] == "asked", done.stderr
