"""Small worlds for the staff pages: everything there is once, and an audience to ask."""

import pytest

from outbox.drain import drain
from surveys import uploads
from surveys.campaigns import State
from surveys.models import (
    Campaign,
    Contact,
    Customer,
    Question,
    Segment,
)
from surveys.services import suppress
from tests.surveys import worlds


@pytest.fixture
def world(db):
    """A live and a draft survey, contacts, a segment, a file that ran, a campaign."""
    survey = worlds.survey(reader_note="Maya reads every answer.")
    worlds.survey("draft", live=False)
    customer = Customer.objects.create(external_id="c1", name="Engines")
    for number in range(6):
        worlds.contact(f"p{number}", customer=customer, properties={"plan": "Growth"})
    segment = Segment.objects.create(slug="growth", name="Growth plan")
    segment.conditions.create(property="plan", operator="is", value="Growth")
    upload = uploads.receive(
        "a.csv", b"email,plan\nada@example.com,x\nbad@,\n", by=None, language="en"
    )
    uploads.start(upload)
    drain("upload")
    uploads.receive("waiting.csv", b"email\nbob@example.com\n", by=None, language="en")
    Question.objects.create(survey=survey, kind="free_text", text="Why?")
    campaign = Campaign.objects.create(name="October", survey=survey, audience_size=2)
    worlds.invitation(survey, Contact.objects.first(), campaign=campaign)
    worlds.invitation(survey, Contact.objects.last(), campaign=campaign, state=State.DOUBTFUL)
    return survey


@pytest.fixture
def audience(db):
    survey = worlds.survey()
    for name in ("ada", "bob", "cara"):
        worlds.contact(name)
    suppress("cara@example.com", reason="unsubscribed", source="test")
    return survey
