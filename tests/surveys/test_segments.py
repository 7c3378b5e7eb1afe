"""What "plan is Growth and seats is at least 10" selects, on either database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import Contact, Segment, SegmentCondition
from surveys.segments import all_segments, condition_q, number_of, segment_q

Operator = SegmentCondition.Operator
pytestmark = pytest.mark.django_db

PEOPLE = {
    "ada": {"plan": "Growth", "seats": 14, "contains": "yes"},
    "bob": {"plan": "Start", "seats": 3, "zip": "01097"},
    "cara": {"plan": "growth plus", "seats": "many"},
    "dan": {},
    "eve": {"seats": 2.5, "zip": 1097},
}


@pytest.fixture
def people(db):
    Contact.objects.bulk_create(
        Contact(email=f"{name}@example.com", properties=properties)
        for name, properties in PEOPLE.items()
    )


def who(property_, operator, value=""):
    condition = SegmentCondition(property=property_, operator=operator, value=value)
    found = Contact.objects.filter(condition_q(condition)).values_list("email", flat=True)
    return [email.split("@")[0] for email in found]


@pytest.mark.parametrize(
    ("property_", "operator", "value", "names"),
    [
        ("plan", Operator.IS, "Growth", ["ada"]),
        ("plan", Operator.IS, "growth", []),
        ("plan", Operator.IS_NOT, "Growth", ["bob", "cara", "dan", "eve"]),
        ("plan", Operator.CONTAINS, "growth", ["ada", "cara"]),
        ("plan", Operator.IS_SET, "", ["ada", "bob", "cara"]),
        ("seats", Operator.IS, "14", ["ada"]),
        ("seats", Operator.IS_NOT, "14", ["bob", "cara", "dan", "eve"]),
        ("seats", Operator.AT_LEAST, "3", ["ada", "bob"]),
        ("seats", Operator.AT_MOST, "3", ["bob", "eve"]),
        ("seats", Operator.AT_MOST, "2.5", ["eve"]),
        ("seats", Operator.AT_LEAST, "a few", []),
        ("zip", Operator.IS, "01097", ["bob"]),
        ("zip", Operator.IS, "1097", ["eve"]),
        ("contains", Operator.IS, "yes", ["ada"]),
        ("has_key", Operator.IS, "plan", []),
        ("never heard of", Operator.IS_SET, "", []),
        ("", Operator.IS, "x", []),
    ],
)
def test_a_condition_selects(people, property_, operator, value, names):
    assert who(property_, operator, value) == names


def test_all_conditions_must_hold_and_none_at_all_means_everyone(people):
    segment = Segment.objects.create(slug="big", name="Big")
    assert Contact.objects.filter(segment_q(segment.conditions.all())).count() == len(PEOPLE)
    for property_, operator, value in [
        ("seats", Operator.AT_LEAST, "3"),
        ("plan", Operator.IS_NOT, "Start"),
    ]:
        segment.conditions.create(property=property_, operator=operator, value=value)
    ((same, test),) = all_segments()
    assert same == segment
    assert [c.email for c in Contact.objects.filter(test)] == ["ada@example.com"]


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=20), st.sampled_from(Operator), st.text(max_size=12))
def test_no_property_name_or_value_breaks_a_query(people, property_, operator, value):
    condition = SegmentCondition(
        property=property_.replace("\x00", ""), operator=operator, value=value.replace("\x00", "")
    )
    assert Contact.objects.filter(condition_q(condition)).count() <= len(PEOPLE)


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("2.50", 2.5), ("-1", -1), ("x", None), ("nan", None), ("inf", None), ("", None)],
)
def test_a_value_is_a_number_or_it_is_not(text, number):
    assert number_of(text) == number
