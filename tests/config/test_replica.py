"""Reports and exports read a real streaming replica while it is fresh, and say how old they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from outbox.replica import _Watch
from tests.servers import AppServer, Postgres, app_server, wait_until
from tests.servers.processes import ROOT

PREPARE = """
from datetime import timedelta
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey
tallied(a_survey("copied"), {10: 41})
user = get_user_model().objects.create_superuser("alice", "alice@example.com", "x")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
MORE = """
from analytics.scores.models import Tally
from analytics.scores.weeks import sum_weeks
for tally in Tally.objects.all():
    Tally.objects.update(count=57)
    sum_weeks(tally.survey_id, [tally.day])
"""
LOOK = """
from analytics.periods import period_named
from analytics.scores.reports import score_of
from outbox.replica import seen
from surveys.models import Survey
print(score_of(Survey.objects.get(), period_named("7d")).n, seen().state)
"""


def run(env: dict[str, str], code: str) -> str:
    code = f"import django; django.setup()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Pair:
    main: Postgres
    copy: Postgres
    env: dict[str, str]
    session: str


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Yield a main database that says 41 answers, and its streaming replica."""
    main = Postgres(is_durable=False)
    copy: Postgres | None = None
    try:
        main.start()
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": main.url,
            "VERBATIM_DATA": str(tmp_path), "OUTBOX_BELL": "false", "REPLICA_MAX_LAG": "3600",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True
        )
        session = run(env, PREPARE)
        copy = Postgres(is_durable=False, copy_of=main)
        copy.start()
        yield Pair(main, copy, {**env, "REPLICA_URL": copy.url}, session)
    finally:
        if copy:
            copy.remove()
        main.remove()


def page(app: AppServer, pair: Pair, path: str) -> str:
    request = Request(app.url + path, headers={"Cookie": f"sessionid={pair.session}"})
    with urlopen(request, timeout=60) as reply:
        return str(reply.read().decode())


SURVEY = "/admin/surveys/copied/?period=7d"
SCORES = "/api/v1/scores/export.csv?facet=all"


@pytest.mark.only_on("postgresql")
def test_reports_and_exports_read_the_copy_while_it_can_be_trusted(pair: Pair) -> None:
    with app_server(pair.env) as app:
        assert "n 41" in page(app, pair, SURVEY)

        pair.copy.run("SELECT pg_wal_replay_pause()")
        run({**pair.env, "REPLICA_URL": ""}, MORE)
        assert "n 41" in page(app, pair, SURVEY), "not read from the copy"
        assert ",41\r\n" in page(app, pair, SCORES)
        wait_until(
            lambda: "seconds old: they are read from a copy" in page(app, pair, SURVEY),
            seconds=60, pause=0.5, what="the age of the numbers on the page",
        )  # fmt: skip

        # Too late a copy is left alone: the number is the new one, and why is known.
        assert run({**pair.env, "REPLICA_MAX_LAG": "0.001"}, LOOK) == "57 late"

        pair.copy.run("SELECT pg_wal_replay_resume()")
        wait_until(lambda: "n 57" in page(app, pair, SURVEY), seconds=60, what="the copy to follow")

        pair.copy.crash()
        assert "n 57" in page(app, pair, SURVEY)
        assert ",57\r\n" in page(app, pair, SCORES)
        assert "the copy does not answer" in page(app, pair, SURVEY)
        assert "The copy of the database is not read" in page(app, pair, "/admin/")

    pair.copy.start()
    pair.copy.run("SELECT pg_promote()")
    assert run(pair.env, LOOK) == "57 no copy"


def test_the_age_is_the_smallest_that_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outbox.replica.time.monotonic", lambda: 100.0)
    watch = _Watch()
    assert watch._age(500, None) is None
    assert watch._age(500, 7.5) == 7.5
    watch._written.extend([(60.0, 400), (90.0, 500), (100.0, 600)])
    assert watch._age(500, None) == 10.0, "all that was written until 10 seconds ago is there"
    assert watch._age(600, 3000.0) == 0.0, "an idle main database makes no copy old"
    assert watch._age(450, 25.0) == 25.0
