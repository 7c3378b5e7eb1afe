from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.success.metrics.facts import Ticket
from analytics.success.metrics.periods import Period
from analytics.success.metrics.resolution import Policy, first_contact_resolution, threads

MAY = Period(datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC))
LATER = datetime(2025, 7, 1, tzinfo=UTC)


def ticket(id, customer, opened, solved=None, *, issue="bill", **changes):
    at = [None if d is None else MAY.start + timedelta(days=d) for d in (opened, solved)]
    return Ticket(id, customer, issue, *at, **changes)


TICKETS = [
    ticket(1, "fine", 1, 2),
    ticket(2, "asked twice", 1, 2, inbound_contacts=2),
    ticket(3, "came back", 1, 3),
    ticket(4, "came back", 9, 9),
    ticket(5, "other matter", 1, 2),
    ticket(6, "other matter", 4, 5, issue="login"),
    ticket(7, "reopened", 1, 2, reopened=1),
    ticket(8, "escalated", 1, 2, is_escalated=True),
    ticket(9, "spam", 1, 1, flag="spam"),
    ticket(10, "merged", 1, 1, flag="merged"),
    ticket(11, "hung up", 1, None, flag="abandoned"),
    ticket(12, "hung up", 2, 2),
    ticket(13, "open", 1),
    ticket(14, "we called", 1, 1, flag="outbound", inbound_contacts=0),
    ticket(15, "new matter", 1, 2),
    ticket(16, "new matter", 9.5, 10),
]


def fcr(tickets=TICKETS, as_of=LATER, **policy):
    return first_contact_resolution(tickets, MAY, as_of=as_of, policy=Policy(**policy))


def test_solved_at_the_first_contact_and_stayed_solved():
    result = fcr()
    assert (result.numerator, result.denominator) == (6, 10)
    assert result.parts["failures"] == {"repeat": 2, "reopened": 1, "escalated": 1}


def test_each_question_of_the_policy_changes_the_figure():
    assert fcr(escalation_ok=True).numerator == 7
    assert fcr(abandoned_counts=True).numerator == 5
    assert fcr(window_days=5).numerator == 8
    assert fcr(window_days=8).numerator == 4
    assert "abandoned" in fcr(abandoned_counts=True).convention


def test_a_contact_with_another_department_counts_unless_the_policy_says_no():
    elsewhere = [*TICKETS[:1], ticket(99, "fine", 3, 3, is_other_department=True)]
    assert fcr(elsewhere).numerator == 0
    assert fcr(elsewhere, other_departments_count=False).numerator == 1


def test_written_contacts_can_have_a_business_hour():
    mails = [
        ticket(1, "a", 1, 2, channel="mail", business_seconds=3000),
        ticket(2, "b", 1, 2, channel="mail", business_seconds=4000),
        ticket(3, "c", 1, 2, channel="voice"),
    ]
    assert fcr(mails).numerator == 3
    limited = fcr(mails, mail_seconds=3600)
    assert (limited.numerator, limited.parts["failures"]) == (2, {"slow_mail": 1})


def test_a_thread_waits_until_its_window_has_passed():
    early = fcr(as_of=MAY.start + timedelta(days=10))
    assert (early.denominator, early.pending) == (8, 2)
    assert fcr(as_of=MAY.start + timedelta(days=3)).reason == "immature_cohort"
    assert fcr([]).reason == "no_population"


def test_the_window_starts_at_the_last_solution():
    chain = [ticket(1, "a", 1, 2), ticket(2, "a", 8, 8), ticket(3, "a", 14, 14)]
    assert [len(thread.tickets) for thread in threads(chain, Policy())] == [3]
    assert [len(thread.tickets) for thread in threads(chain, Policy(window_days=3))] == [1, 1, 1]


@given(st.permutations(TICKETS))
def test_the_order_of_the_tickets_does_not_matter(shuffled):
    assert fcr(shuffled) == fcr()


@pytest.mark.parametrize("abandoned", [True, False])
def test_calls_given_up_alone_are_no_thread(abandoned):
    alone = [ticket(1, "a", 1, None, flag="abandoned")]
    assert fcr(alone, abandoned_counts=abandoned).reason == "no_population"
