"""A segment made after the answers came in is counted as if it had always been there."""

import pytest

from analytics.scores.models import Tally
from feedback.services import Submission, submit
from surveys.models import Segment, SegmentCondition
from surveys.segment_editor import delete_segment, save_segment
from tests.surveys import worlds

pytestmark = pytest.mark.django_db


def counted() -> dict[str, int]:
    rows = Tally.objects.filter(facet="segment").values_list("key", "count")
    found: dict[str, int] = {}
    for key, count in rows:
        found[key] = found.get(key, 0) + count
    return found


def growth(value: str) -> list[SegmentCondition]:
    return [SegmentCondition(property="plan", operator="is", value=value)]


@pytest.fixture
def answers(drain):
    survey = worlds.survey()
    for name, plan, score in (("ada", "Growth", 9), ("bob", "Growth", 3), ("cara", "Start", 10)):
        person = worlds.contact(name, properties={"plan": plan})
        invitation = worlds.invitation(survey, person)
        survey.refresh_from_db()
        submit(invitation, Submission(score=score))
    drain()
    return survey


def test_a_new_segment_counts_earlier_answers(answers, drain):
    assert counted() == {}
    save_segment(Segment(), name="Growth plan", conditions=growth("Growth"))
    drain()
    assert counted() == {"growth-plan": 2}


def test_a_changed_segment_is_counted_anew(answers, drain):
    segment = save_segment(Segment(), name="Plan", conditions=growth("Growth"))
    drain()
    save_segment(segment, name="Plan", conditions=growth("Start"))
    drain()
    assert counted() == {"plan": 1}


def test_a_deleted_segment_is_counted_no_more(answers, drain):
    segment = save_segment(Segment(), name="Plan", conditions=growth("Growth"))
    drain()
    delete_segment(segment)
    drain()
    assert counted() == {}
