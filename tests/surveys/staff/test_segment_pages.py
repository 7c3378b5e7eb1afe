"""Segments written in a form that counts along."""

import pytest
from django.urls import reverse

from outbox.models import Job
from surveys.models import (
    Contact,
    Segment,
)
from tests.surveys import worlds

pytestmark = pytest.mark.django_db


def segment_form(*rows, name="Growth", **more) -> dict[str, str]:
    data = {"name": name, "c-TOTAL_FORMS": str(len(rows)), "c-INITIAL_FORMS": "0"}
    for number, (property_, operator, value) in enumerate(rows):
        data |= {
            f"c-{number}-property": property_,
            f"c-{number}-operator": operator,
            f"c-{number}-value": value,
        }
    return data | more


def test_a_segment_is_counted_while_it_is_written_and_stored_when_saved(staff_client):
    worlds.contact("ada", properties={"plan": "Growth", "seats": 14})
    worlds.contact("bob", properties={"plan": "Growth", "seats": 3})
    rows = [("plan", "is", "Growth"), ("seats", "at_least", "10"), ("", "is", "")]
    address = reverse("staff:segment-new")
    seen = staff_client.post(address, segment_form(*rows, name="", look=""))
    assert (seen.status_code, seen.context["members"].count) == (200, 1)
    assert Segment.objects.count() == 0
    staff_client.post(address, segment_form(*rows, save=""))
    segment = Segment.objects.get()
    assert [str(c) for c in segment.conditions.all()] == ["plan is Growth", "seats is at least 10"]
    assert Job.objects.get(kind="slice").subject_id == segment.pk


@pytest.mark.parametrize(
    ("row", "words"),
    [(("seats", "at_least", "many"), "Write a number."), (("plan", "is", ""), "Write a value.")],
)
def test_a_condition_says_what_it_lacks(staff_client, row, words):
    response = staff_client.post(reverse("staff:segment-new"), segment_form(row, save=""))
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_segment_can_be_changed_and_deleted(staff_client, world):
    segment = Segment.objects.get()
    address = reverse("staff:segment-edit", args=[segment.pk])
    staff_client.post(address, segment_form(("plan", "is_not", "Growth"), save=""))
    segment.refresh_from_db()
    assert (segment.slug, str(segment.conditions.get())) == ("growth", "plan is not Growth")
    staff_client.post(reverse("staff:segment-delete", args=[segment.pk]))
    assert Segment.objects.count() == 0
    assert Contact.objects.count() == 7
