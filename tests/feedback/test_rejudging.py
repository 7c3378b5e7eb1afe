"""History judged again: seen first, then applied in the background, and never over staff."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from feedback import rejudging
from feedback.around import judge_links
from feedback.evidence import VERSION
from feedback.held import RULES
from feedback.models import Rejudging, Response, StandingChange, Submit
from feedback.rejudging import NotSeen, apply, look, rejudge_batch
from outbox.models import Job
from outbox.registry import Work
from tests.feedback.test_evidence import link
from tests.surveys.worlds import survey

pytestmark = pytest.mark.django_db
PAGE = "/admin/responses/judging/"


@pytest.fixture
def history():
    """Six people's answers to two surveys; newer rules would find three of them a scanner's."""
    for slug, people in (("one", "abcd"), ("two", "ef")):
        asks = survey(slug)
        for who in people:
            Client().post(link(asks, f"{who}-{slug}"), {"score": 9})
    Job.objects.all().delete()
    for post in Submit.objects.order_by("pk")[1:4]:
        Submit.objects.filter(pk=post.pk).update(trace={**post.trace, "agent": "scanner"})


def walk(row: Rejudging) -> Rejudging:
    for _ in range(20):
        if not rejudge_batch([Work(1, row.pk, "", 1)], "Alice"):
            break
    row.refresh_from_db()
    return row


def held() -> int:
    return Response.objects.filter(standing="quarantined").count()


def ids() -> dict[str, str]:
    rows = Response.objects.order_by("survey__slug").values_list("survey__slug", "survey_id")
    return {slug: str(pk) for slug, pk in rows}


def test_a_look_counts_by_survey_and_changes_nothing(history):
    row = walk(look(by="alice"))
    one, two = ids()["one"], ids()["two"]
    assert row.by_survey == {one: [4, 0, 3], two: [2, 0, 0]}
    assert row.by_reason == {"scanner_agent": 3}
    assert (row.total, row.done, row.changed, row.freed, row.rules) == (6, 6, 3, 0, VERSION)
    assert held() == 0 and not StandingChange.objects.exists()


def test_nothing_is_applied_that_nobody_looked_at(history):
    with pytest.raises(NotSeen):
        apply(by="alice")
    walk(look(by="alice"))
    Rejudging.objects.update(rules=VERSION - 1)  # an update came in between
    with pytest.raises(NotSeen):
        apply(by="alice")


def test_applying_does_what_was_seen_and_the_days_are_recounted(history):
    walk(look(by="alice"))
    row = walk(apply(by="alice"))
    assert (row.changed, held()) == (3, 3)
    assert set(StandingChange.objects.values_list("by", "reasons")) == {("", "scanner_agent")}
    assert Job.objects.filter(kind="tally").exists()
    assert walk(look(by="alice")).changed == 0


def test_what_staff_decided_stays_and_is_counted(history):
    Response.objects.filter(invitation__submits__trace__agent="scanner").update(standing_by="bob")
    row = walk(look(by="alice"))
    assert (row.changed, row.decided) == (0, 3)
    assert walk(apply(by="alice")).changed == held() == 0


def test_what_staff_decide_while_it_runs_stays_and_is_not_counted(history, monkeypatch):
    walk(look(by="alice"))

    def judge_and_be_overtaken(ids):
        found = judge_links(ids)
        first = Response.objects.filter(invitation__submits__trace__agent="scanner").first()
        Response.objects.filter(pk=first.pk).update(standing_by="bob")
        return found

    monkeypatch.setattr(rejudging, "judge_links", judge_and_be_overtaken)
    row = walk(apply(by="alice"))
    assert (row.changed, row.decided, held()) == (2, 1, 2)


def test_it_goes_on_where_it_stopped(history, monkeypatch):
    monkeypatch.setattr(rejudging, "BATCH", 2)
    walk(look(by="alice"))
    row = apply(by="alice")
    rejudging._one_step(row.pk)  # begins
    rejudging._one_step(row.pk)  # the first two
    row.refresh_from_db()
    assert (row.done, held()) == (2, 1)
    row = walk(row)
    assert (row.done, row.changed, held(), StandingChange.objects.count()) == (6, 3, 3, 3)


def test_every_rule_is_published_with_its_verdict():
    table = Path("docs/evidence.md").read_text().split("| code |")[1].split("\n\n")[0]
    rows = [line.split("|") for line in table.splitlines()[2:]]
    published = {row[1].strip(" `"): row[3].strip() for row in rows}
    assert {code: v for code, v in published.items() if code != "by_staff"} == RULES


def test_a_later_one_overtakes(history):
    first = look(by="alice")
    walk(look(by="bob"))
    first.refresh_from_db()
    assert first.is_overtaken and first.done == 0


def test_answers_that_are_a_persons_by_the_rules_of_today_count_again(history):
    Submit.objects.update(trace={**Submit.objects.first().trace, "agent": "browser"})
    Response.objects.update(standing="quarantined", held_reasons="no_language")
    row = walk(look(by="alice"))
    assert (row.freed, row.by_reason) == (6, {})
    walk(apply(by="alice"))
    assert held() == 0


def test_the_page_shows_before_and_after_then_applies_with_who_did_it(history, staff_client, drain):
    page = staff_client.get(PAGE).content.decode()
    assert "See what would change" in page and "Apply to" not in page
    staff_client.post(PAGE, {"do": "look"})
    assert "Waiting for a worker" in staff_client.get(PAGE).content.decode()
    drain()
    page = staff_client.get(PAGE).content.decode()
    assert "3 past answers would be treated otherwise" in page
    assert "+3" in page and "Apply to 3 answers" in page
    assert "the sender calls itself a scanner or bot" in page and "3 newly held" in page
    staff_client.post(PAGE, {"do": "apply"})
    drain()
    assert held() == 3
    page = staff_client.get(PAGE).content.decode()
    assert "Applied: 3 answers changed" in page and "alice" in page
    assert " style=" not in page


def test_the_page_refuses_to_apply_unseen_and_staff_who_may_only_look(history, client, staff_user):
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    client.force_login(staff_user)
    client.post(PAGE, {"do": "apply"})
    assert "Look first" in client.get(PAGE).content.decode() and not Rejudging.objects.exists()
    bob = get_user_model().objects.create_user("bob", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_rejudging"))
    client.force_login(bob)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"do": "look"}).status_code == 403


def test_the_command_shows_first_and_then_applies(history, capsys):
    call_command("rejudge")
    said = capsys.readouterr().out
    assert "held before: 0, held after: 3" in said and "one: held 0 before, 3 after" in said
    assert held() == 0
    call_command("rejudge", apply=True)
    assert "applied to 3 answers" in capsys.readouterr().out and held() == 3


def test_judging_what_just_came_again_by_the_same_rules_changes_nothing(db):
    """The rules of the moment and those of history are the same, also in a burst."""
    to = link()
    for score in range(6):
        Client().post(to, {"score": score}, headers={"Sec-Fetch-User": ""})
    assert held() == 1
    assert walk(look(by="alice")).changed == 0
