"""Worked cases that come as rows: facts posted through REST, metrics read through REST."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics.golden import load, verify
from analytics.golden.rest import OFFERED, has_facts

FILE = Path(__file__).with_name("golden_rows.json")
CASES = load(FILE)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_facts_posted_and_metrics_read_over_rest_are_equal(case):
    [outcome] = verify([case], OFFERED).outcomes
    assert outcome.is_passed, outcome.differences
    assert not has_facts()


def test_the_command_refuses_a_database_with_facts(customers_of_somebody):
    with pytest.raises(CommandError, match="There are facts"):
        call_command("verify_golden", FILE, rest=True)


@pytest.fixture
def customers_of_somebody(db):
    from surveys.models import Customer

    Customer.objects.create(external_id="acme", name="Acme")
