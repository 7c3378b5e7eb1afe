"""The list of contacts shows, orders and exports what its address says."""

import csv
import io

import pytest
from django.urls import reverse

from surveys.models import Contact, Customer, Segment
from surveys.services import suppress
from tests.surveys import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    engines = Customer.objects.create(external_id="c/1", name="Engines & Sons")
    worlds.contact("ada", name="Ada Byron", customer=engines, properties={"plan": "Growth"})
    worlds.contact("bob", name="Bob Stone", properties={"plan": "Start", "note": "=1+1"})
    worlds.contact("cara", name="", customer=engines)
    suppress("bob@example.com", reason="bounced", source="test")
    segment = Segment.objects.create(slug="growth", name="Growth")
    segment.conditions.create(property="plan", operator="is", value="Growth")


def listed(client, **query) -> list[str]:
    page = client.get(reverse("staff:contacts"), query)
    return [contact.email.split("@")[0] for contact, _ in page.context["lines"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["ada", "bob", "cara"]),
        ({"q": "engines"}, ["ada", "cara"]),
        ({"q": "byron ada"}, ["ada"]),
        ({"q": "%"}, []),
        ({"segment": "growth"}, ["ada"]),
        ({"segment": "gone"}, []),
        ({"mail": "stopped"}, ["bob"]),
        ({"mail": "allowed"}, ["ada", "cara"]),
        ({"customer": "c/1"}, ["ada", "cara"]),
        ({"sort": "-name"}, ["bob", "ada", "cara"]),
        ({"sort": "vibes"}, ["ada", "bob", "cara"]),
        ({"sort": "customer"}, ["bob", "ada", "cara"]),
    ],
)
def test_the_address_says_what_is_listed(staff_client, people, query, names):
    found = listed(staff_client, **query)
    assert found == names if query.get("sort") != "customer" else set(found) == set(names)


def test_the_export_is_what_is_seen_and_can_be_uploaded_again(staff_client, people):
    response = staff_client.get(reverse("staff:contacts-export"), {"q": "bob"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["email", "name", "customer id", "customer", "language", "note", "plan"],
        ["bob@example.com", "Bob Stone", "", "", "", "'=1+1", "Start"],
    ]
    from surveys import uploads

    upload = uploads.receive("again.csv", text.encode(), by=None, language="en")
    uploads.start(upload)
    from outbox.drain import drain

    drain("upload")
    upload.refresh_from_db()
    assert upload.unchanged_count == 1


def test_an_empty_list_says_what_to_do(staff_client):
    page = staff_client.get(reverse("staff:contacts")).content.decode()
    assert "Nobody to ask yet" in page
    assert (
        "No contact fits"
        in staff_client.get(reverse("staff:contacts"), {"q": "x"}).content.decode()
    )


def test_a_long_list_asks_no_more_questions(staff_client, django_assert_max_num_queries):
    customer = Customer.objects.create(external_id="c1", name="C")
    Contact.objects.bulk_create(
        Contact(email=f"p{n}@example.com", customer=customer) for n in range(120)
    )
    with django_assert_max_num_queries(14):
        assert len(listed(staff_client)) == 50
