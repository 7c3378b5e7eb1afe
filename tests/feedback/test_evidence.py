"""Whose answers count: the rules, the corpus of labelled traces, and what a held answer can do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from analytics.scores.models import Tally
from feedback.evidence import Trace, agent_class, judge
from feedback.models import Response, Revision, StandingChange, Submit
from surveys.models import Suppression
from surveys.services import token_of
from tests.soaks.soak_traces import judged
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
ROBOT = {"User-Agent": "python-requests/2.32"}


def link(asks=None, who: str = "amira", *, is_opened: bool = True) -> str:
    address = f"/s/{token_of(invitation(asks or survey(), contact(who)))}"
    if is_opened:
        Client().get(address)
    return address


# ---- The rules ------------------------------------------------------------------------


def test_no_machine_of_the_corpus_counts_and_no_person_is_held():
    wrong = [(t["what"], j.reasons) for t, j in judged() if j.is_held == (t["label"] == "human")]
    assert wrong == []


@pytest.mark.parametrize(
    ("trace", "verdict", "reasons"),
    [
        (Trace(), "human", ("plausible",)),
        (Trace(gesture="key"), "human", ("gesture",)),
        (Trace(gesture="none"), "machine", ("no_gesture",)),
        (Trace(gesture="none", user="?1"), "machine", ("no_gesture",)),
        (Trace(user="?1"), "human", ("activated",)),
        (Trace(agent="scanner", gesture="pointer"), "machine", ("scanner_agent",)),
        (Trace(agent="headless", gesture="pointer"), "suspect", ("headless_agent",)),
        (Trace(agent="none", has_language=False), "suspect", ("no_agent", "no_language")),
        (Trace(marks="user", site="same-origin"), "suspect", ("not_activated",)),
    ],
)
def test_the_gravest_reason_decides(trace, verdict, reasons):
    found = judge(trace)
    assert (found.verdict, found.reasons) == (verdict, reasons)


def test_a_phone_called_cubot_is_no_bot():
    assert agent_class("Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 7) Chrome/120") == "browser"
    assert agent_class("Mozilla/5.0 (compatible; bingbot/2.0)") == "scanner"


# ---- What is held ---------------------------------------------------------------------


def test_a_robots_answer_is_held_with_its_reasons_and_is_in_no_score(client, drain):
    client.post(link(), {"score": 0}, headers=ROBOT)
    held, post = Response.objects.get(), Submit.objects.get()
    assert (held.standing, held.held_reasons) == ("quarantined", "library_agent")
    assert (post.verdict, post.score, post.is_in_force) == ("machine", 0, True)
    assert post.network and "127.0.0.1" not in str(vars(post))
    drain()
    assert set(Tally.objects.values_list("facet", flat=True)) == {"quarantined"}


def test_a_later_robot_cannot_overwrite_a_person(client):
    address = link()
    client.post(address, {"score": 9, "comment": "Fast"})
    answer = client.post(address, {"score": 0}, headers=ROBOT)
    assert answer.status_code == 303  # it learns nothing
    client.post(f"{address}/thanks", {"comment": "Buy pills"}, headers=ROBOT)
    response = Response.objects.get()
    assert (response.score, response.comment, response.standing) == (9, "Fast", "counted")
    assert not Revision.objects.exists()
    kept = Submit.objects.values_list("verdict", "is_in_force")
    assert list(kept) == [("human", True), ("machine", False), ("machine", False)]


def test_a_person_after_a_robot_counts_and_what_the_robot_said_is_kept(client, drain):
    address = link()
    client.post(address, {"score": 0}, headers=ROBOT)
    client.post(address, {"score": 9})
    response = Response.objects.get()
    assert (response.score, response.standing, response.held_reasons) == (9, "counted", "")
    assert Revision.objects.get().score == 0
    drain()
    assert Tally.objects.get(facet="all").score == 9


def test_a_person_who_says_the_same_as_the_robot_makes_it_count(client, drain):
    address = link()
    client.post(address, {"score": 9}, headers=ROBOT)
    drain()
    client.post(address, {"score": 9})
    drain()
    assert Response.objects.get().standing == "counted"
    assert Tally.objects.get(facet="all").count == 1


def test_what_staff_decided_a_later_post_does_not_undo(client, staff_client):
    address = link()
    client.post(address, {"score": 9})
    response = Response.objects.get()
    staff_client.post(f"/admin/responses/{response.pk}/standing", {"standing": "quarantined"})
    Client().post(address, {"score": 10})
    response.refresh_from_db()
    assert (response.standing, response.standing_by) == ("quarantined", "alice")
    assert StandingChange.objects.get().by == "alice"


# ---- Staff ----------------------------------------------------------------------------


def test_staff_see_why_and_count_all_held_and_take_it_back(staff_client):
    asks = survey()
    for who in ("ada", "ben", "cleo"):
        Client().post(link(asks, who), {"score": 0}, headers=ROBOT)
    pk = Response.objects.values_list("pk", flat=True)[0]
    page = staff_client.get(f"/admin/responses/{pk}/?show=held").content.decode()
    assert "calls itself a program, not a browser" in page and "Count all 3 after all" in page
    staff_client.post("/admin/responses/standing", {"standing": "counted", "show": "held"})
    assert not Response.objects.exclude(standing="counted").exists()
    assert "Hold the 3 just counted again" in staff_client.get("/admin/responses/").content.decode()
    staff_client.post("/admin/responses/standing", {"standing": "quarantined"})
    assert Response.objects.filter(standing="quarantined", standing_by="alice").count() == 3
    assert StandingChange.objects.count() == 6


# ---- Scanners and races ---------------------------------------------------------------


def test_scanners_that_fetch_everything_leave_no_answer_and_unsubscribe_nobody(client):
    asks = survey()
    for who in ("ada", "ben"):
        address = link(asks, who)
        for path in [f"{address}?score={n}" for n in range(11)] + [f"{address}/unsubscribe"]:
            client.get(path)
            client.head(path)
    assert not Response.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_robots_and_a_person_at_once_end_with_the_persons_answer():
    address = link()

    def post(n: int) -> int:
        try:
            headers = {} if n == 7 else ROBOT
            return Client().post(address, {"score": n % 7}, headers=headers).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(16))) == {303}
    response = Response.objects.get()
    assert (response.score, response.standing) == (0, "counted")
    assert Submit.objects.count() == 16
