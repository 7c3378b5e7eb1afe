"""In whatever order things happen: no ask in a rest, early, twice or against somebody's will."""

import pytest

from tests.surveys import worlds
from tests.surveys.schedules import play

pytestmark = pytest.mark.django_db


def test_fifty_random_schedules_keep_every_rule():
    """`make soak-cadence` plays ten thousand."""
    tally = play(range(2), [worlds.survey("one"), worlds.survey("two")])
    assert not any(tally.faults.values()), tally.faults
    assert tally.mails > 50 and tally.reminders and tally.waited > 10, tally
