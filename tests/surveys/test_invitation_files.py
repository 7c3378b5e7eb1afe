"""Asking by CSV over the API: each row as a single call would be, the good ones kept."""

from __future__ import annotations

import pytest

from surveys.models import Contact, Invitation
from surveys.services import suppress
from tests.surveys.calling import caller, error_of
from tests.surveys.worlds import survey

pytestmark = pytest.mark.django_db
FILE = (
    "email;name;language;delay_seconds;order\n"
    "ada@example.com;Ada Byron;de;172800;A-1\n"
    "bob@;Bob;;;A-2\n"
    "cara@example.com;;;;\n"
)


def send(body, slug="relationship", api=None, **headers):
    headers = {"content_type": "text/csv", **headers}
    return (api or caller("invite")).post(f"invitations/csv?survey={slug}", body, **headers)


@pytest.fixture(autouse=True)
def asks():
    return survey()


def test_good_rows_are_asked_and_others_told_why():
    suppress("cara@example.com", reason="unsubscribed", source="test")
    answer = send(FILE)
    assert answer.status_code == 200
    said = answer.json()
    assert said["counts"] == {"waiting": 1, "refused": 1, "skipped": 1}
    assert "email" in said["results"][1]["errors"]
    assert said["results"][2]["errors"] == {"non_field_errors": ["unsubscribed"]}
    asked = Invitation.objects.get(contact__email="ada@example.com")
    assert asked.properties == {"order": "A-1"}
    assert asked.send_at is not None
    assert Contact.objects.get(email="ada@example.com").language == "de"


def test_the_same_file_with_the_same_key_asks_once():
    api = caller("invite")
    one = send(FILE, api=api, **{"Idempotency-Key": "night-1"})
    two = send(FILE, api=api, **{"Idempotency-Key": "night-1"})
    assert one.json() == two.json()
    assert Invitation.objects.count() == 2
    changed = send(FILE + "dan@example.com\n", api=api, **{"Idempotency-Key": "night-1"})
    assert changed.status_code == 409


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("name\nAda\n", "no column “email”"),
        ("email\n", "nothing below"),
        ("", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_what_is_no_file_of_people_is_refused(body, said):
    answer = send(body)
    assert answer.status_code == 400
    assert said in error_of(answer)["message"]


def test_only_csv_only_live_surveys_only_with_the_scope(asks):
    assert send("{}", content_type="application/json").status_code == 415
    assert send(FILE, slug="nowhere").status_code == 404
    assert send(FILE, api=caller("read")).status_code == 403
    type(asks).objects.update(status="closed")
    assert send(FILE).status_code == 409
    assert not Invitation.objects.exists()


def test_a_thousand_rows_fit_and_one_more_does_not():
    rows = "".join(f"p{n}@example.com\n" for n in range(1001))
    assert "1000" in error_of(send("email\n" + rows))["message"]
