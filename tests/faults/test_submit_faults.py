"""What a customer sees while something behind the page is broken: that the answer is kept."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from urllib.parse import urlencode

import pytest

from feedback.models import Reading, Response
from outbox.models import Job
from tests.faults.conftest import wait_for_jobs
from tests.servers import AppServer, Postgres, app_server, worker_process

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 5  # of a customer; a post that takes longer fails the test
COMMENT = "Support answered quickly but the invoice was wrong twice."


def post(app: AppServer, path: str, *, score: int = 9) -> int:
    """Answer a survey; return the status, 0 when nobody answered."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=PATIENCE_SECONDS)
    fields = urlencode({"score": score, "comment": COMMENT})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"}
    try:
        connection.request("POST", path, fields, headers)
        return connection.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def test_answers_are_kept_and_thanked_for_while_the_broker_is_gone(
    fault_env, own_valkey, open_links
):
    links = open_links(100)
    own_valkey.kill()
    with app_server(fault_env) as app:
        assert {post(app, link) for link in links} == {303}
    assert Response.objects.count() == 100
    assert Job.objects.filter(kind="read", state="pending").count() == 100


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_answers_are_kept_and_thanked_for_while_the_broker_hangs(fault_env, own_valkey, open_links):
    links = open_links(100)
    with app_server(fault_env) as app:
        assert post(app, links[0]) == 303  # the connection is up
        own_valkey.freeze()
        assert {post(app, link) for link in links[1:]} == {303}
    assert Job.objects.filter(kind="read").count() == 100


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_what_was_answered_without_a_broker_is_read_when_it_is_back(
    fault_env, own_valkey, open_links
):
    links = open_links(40)
    own_valkey.kill_and_wipe()
    with app_server(fault_env) as app:
        assert {post(app, link) for link in links} == {303}
    own_valkey.start()
    with worker_process(fault_env):
        wait_for_jobs("done", 41, seconds=60)  # 40 readings, one day's recount
    assert Reading.objects.count() == 40


@pytest.mark.only_on("postgresql")  # the broker does not know which database there is
def test_a_bell_wakes_the_worker_long_before_the_sweep_would(fault_env, open_links):
    links = open_links(2)
    env = {**fault_env, "SWEEP_SECONDS": "600"}
    with worker_process(env, with_beat=False), app_server(env) as app:
        for link in links:
            assert post(app, link) == 303
        wait_for_jobs("done", 3, seconds=20)
    assert Reading.objects.count() == 2


def test_every_answer_that_was_thanked_for_is_there_after_the_web_server_was_killed(
    fault_env, open_links
):
    links = iter(open_links(200))
    thanked = 0
    for _ in range(3):
        with app_server(fault_env) as app:
            for _ in range(20):
                thanked += post(app, next(links)) == 303
            app.kill()
            assert post(app, next(links)) == 0
    assert thanked == 60
    assert Response.objects.count() == 60
    assert Job.objects.filter(kind="read").count() == 60


@pytest.mark.only_on("postgresql")  # it starts and crashes one of its own
def test_thanked_answers_survive_crashes_of_the_database(tmp_path, fault_env):
    """PostgreSQL stops as in a crash between answers; a 303 means stored, whatever happens."""
    server = Postgres()
    try:
        server.start()
        env = {**fault_env, "DATABASE_URL": server.url, "OUTBOX_BELL": "false"}
        links = _prepare(env, 120)
        stored = _post_through_crashes(env, server, links)
        assert stored >= 90, "the server did not come back after its crashes"
        assert _count(env) >= stored
    finally:
        server.remove()


def _post_through_crashes(env: dict[str, str], server: Postgres, links: list[str]) -> int:
    stored = 0
    with app_server(env) as app:
        for number, link in enumerate(links):
            if number in (30, 60, 90):
                server.crash()
                assert post(app, link) in (0, 500, 503)  # no false thanks
                server.start()
                time.sleep(0.2)
            stored += post(app, link) == 303
    return stored


def _prepare(env: dict[str, str], count: int) -> list[str]:
    code = f"""
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from surveys import services
from surveys.models import Brand, Contact, Invitation, Survey
brand = Brand.objects.create(name="Kestrel")
survey = Survey.objects.create(slug="nps", name="NPS", kind="nps", brand=brand)
services.go_live(survey); survey.refresh_from_db()
people = Contact.objects.bulk_create([Contact(email=f"a{{n}}@example.com") for n in range({count})])
rows = [services.new_invitation(survey, contact=c, channel="email", state="sent") for c in people]
Invitation.objects.bulk_create(rows)
print("\\n".join("/s/" + services.token_of(row) for row in rows))
"""
    return _run(code, env).split()


def _count(env: dict[str, str]) -> int:
    code = "import django; django.setup(); from feedback.models import Response as R; "
    return int(_run(code + "print(R.objects.count())", env))


def _run(code: str, env: dict[str, str]) -> str:

    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout
