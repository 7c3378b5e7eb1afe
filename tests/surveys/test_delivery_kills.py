"""kill -9 of a real sender in the middle of sending: nobody twice, nobody lost from sight."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from outbox.models import Job
from surveys.models import Campaign, Contact, Invitation
from surveys.services import DELIVER, invite
from tests.conftest import database_url
from tests.servers import Program
from tests.surveys.post import PostOffice, post_office
from tests.surveys.worlds import survey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
State = Invitation.State
MAILS = int(os.environ.get("KILL_MAILS", "60"))
KILLS = int(os.environ.get("KILLS", "5"))


def sender(office: PostOffice, log: Path) -> Program:
    """Start `manage.py drain` as an operator would."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "MAILS_PER_SECOND_TO_A_DOMAIN": "0",  # the pace has tests of its own
        "LOG_LEVEL": "ERROR",
    }
    return Program([sys.executable, "manage.py", "drain"], log=log, env=env)


def end_leases() -> None:
    """As if the minutes had passed after which a dead worker's jobs are freed."""
    Job.objects.filter(state__in=["claimed", "handed"]).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_sender_killed_again_and_again_writes_to_nobody_twice(tmp_path):
    chance = random.Random(4)
    asks = survey()
    people = Contact.objects.bulk_create(
        Contact(email=f"person{n}@example.com") for n in range(MAILS)
    )
    invite(
        asks,
        people,
        campaign=Campaign.objects.create(name="all", survey=asks, audience_size=MAILS),
    )
    kills = 0
    with post_office() as office:
        while Job.objects.filter(kind=DELIVER, state__in=["pending", "claimed", "handed"]).exists():
            program = sender(office, tmp_path / "log")
            if kills < KILLS:
                plan_a_kill(office, program, chance, after=max(2, MAILS // (2 * KILLS)))
            code = program.wait(seconds=120)
            office.before_answer = lambda address: None
            kills += code != 0
            assert code in (0, -9), program.output()
            end_leases()
    assert kills == KILLS
    judge(office, kills)


def plan_a_kill(office: PostOffice, program: Program, chance: random.Random, *, after: int) -> None:
    """Kill while the server has the text but has not answered, or a moment later."""
    count, is_planned = Counter(), threading.Event()
    target, delay = chance.randint(1, after), chance.choice([0, 0, 0.002, 0.01, 0.05])

    def maybe(address: str) -> None:
        count["mails"] += 1
        if count["mails"] < target or is_planned.is_set():
            return
        is_planned.set()
        if delay:
            threading.Thread(target=lambda: (time.sleep(delay), program.kill())).start()
        else:
            program.kill()

    office.before_answer = maybe


def judge(office: PostOffice, kills: int) -> None:
    received = Counter(office.delivered)
    assert max(received.values()) == 1, "somebody got two mails"
    states = dict(Invitation.objects.values_list("contact__email", "state"))
    assert len(states) == MAILS
    assert set(states.values()) <= {State.SENT, State.DOUBTFUL}
    for email, state in states.items():
        if state == State.SENT:
            assert received[email] == 1, "written down as sent, but never arrived"
    doubtful = [email for email, state in states.items() if state == State.DOUBTFUL]
    print(f"\n{MAILS} mails, {kills} kills: 0 twice, 0 lost, {len(doubtful)} doubtful")
    assert len(doubtful) <= kills
    assert set(received) <= set(states)
    jobs = Counter(Job.objects.filter(kind=DELIVER).values_list("state", flat=True))
    assert jobs["doubtful"] == len(doubtful)
    assert jobs["done"] == MAILS - len(doubtful)
    assert Job.objects.filter(kind="tally").exists()
