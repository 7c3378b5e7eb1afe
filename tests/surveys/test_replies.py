"""What servers say, and what we make of it: never harder than they said."""

from __future__ import annotations

import pytest

from surveys.brake import EVERYTHING, ONE_CAMPAIGN, Record, cause
from surveys.replies import Verdict, judge, wait


@pytest.mark.parametrize(
    ("code", "text", "verdict"),
    [
        (550, "5.1.1 no such user", Verdict.NO_ADDRESS),
        (550, "User unknown", Verdict.NO_ADDRESS),
        (550, "5.1.10 null MX", Verdict.NO_ADDRESS),
        (550, "5.7.1 recipient not found by policy", Verdict.REFUSED),  # its code says policy
        (554, "5.7.1 looks like spam", Verdict.REFUSED),
        (552, "5.2.2 mailbox full", Verdict.REFUSED),
        (452, "4.2.2 mailbox full", Verdict.FULL),
        (452, "too many recipients this session", Verdict.FULL),
        (451, "4.7.1 Greylisted, come back in 5 minutes", Verdict.GREYLISTED),
        (450, "4.2.0 try again in 300 seconds", Verdict.GREYLISTED),
        (421, "4.7.28 unusual rate of mail", Verdict.TOO_FAST),
        (450, "rate limit exceeded", Verdict.TOO_FAST),
        (451, "4.3.0 local error", Verdict.LATER),
        (450, "User unknown in local table", Verdict.LATER),  # 4xx is never the end of an address
    ],
)
def test_an_answer_means(code, text, verdict):
    assert judge(code, text) is verdict


@pytest.mark.parametrize("verdict", [*Verdict])
def test_the_ladder_only_grows_and_ends(verdict):
    steps = [wait(verdict, n) for n in range(1, 12)]
    assert steps == sorted(steps)
    assert steps[0] >= 60
    assert steps[-1] <= 24 * 3600
    assert wait(Verdict.GREYLISTED, 1) == 300


@pytest.mark.parametrize(
    ("record", "limits", "expected"),
    [
        (Record(20, 9, 0), ONE_CAMPAIGN, ""),  # too few to judge
        (Record(10, 10, 0), ONE_CAMPAIGN, "bounces"),
        (Record(200, 10, 0), ONE_CAMPAIGN, ""),  # exactly 5 %
        (Record(199, 10, 0), ONE_CAMPAIGN, "bounces"),
        (Record(50, 0, 2), ONE_CAMPAIGN, ""),
        (Record(50, 0, 3), ONE_CAMPAIGN, "complaints"),
        (Record(1000, 0, 3), ONE_CAMPAIGN, ""),  # 0.3 % is not above 0.3 %
        (Record(999, 60, 3), ONE_CAMPAIGN, "complaints"),  # the worse news first
        (Record(300, 20, 4), EVERYTHING, ""),
        (Record(300, 25, 0), EVERYTHING, "bounces"),
    ],
)
def test_sending_stops_above_the_limit_and_not_at_it(record, limits, expected):
    assert cause(record, limits) == expected
