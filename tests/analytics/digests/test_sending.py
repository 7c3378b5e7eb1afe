"""Who gets which mail, once: only with something to say, and only as long as they may."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.digests import sending, service
from analytics.digests.clock import begin_due, forget
from analytics.digests.content import alarm_key
from analytics.digests.models import Digest, Issue, Report, ReportFile, ReportMail
from analytics.digests.service import DigestWish, ReportWish
from analytics.periods import today
from analytics.scores import combining
from outbox.models import Job
from surveys.carrier import Delivery, Outcome
from surveys.models import Survey
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey
from tests.servers import Program, SmtpServer

pytestmark = pytest.mark.django_db
Drain = Callable[[], int]


def test_new_answers_of_yesterday_are_told_once(
    digest: Digest, make_due: Any, drain: Drain
) -> None:
    make_due(digest)
    drain()
    [message] = mail.outbox
    assert message.to == ["alice@example.com"]
    assert "52 new answers" in message.subject
    issue = Issue.objects.get()
    assert (issue.state, issue.start) == ("sent", today() - timedelta(days=1))
    digest.refresh_from_db()
    assert digest.next_at and digest.next_at > timezone.now()
    make_due(digest)  # the hour was changed, and comes a second time today
    drain()
    assert len(mail.outbox) == 1 and Issue.objects.count() == 1


def test_nothing_new_means_no_mail_and_says_so(
    staff_user: Any, make_due: Any, drain: Drain
) -> None:
    """Old answers, and even a score for the window, are nothing to say."""
    survey = a_survey("old")
    tallied(survey, {9: 40, 2: 12}, day=today() - timedelta(days=5))
    digest = service.save_digest(DigestWish("daily", 8, "30d", [survey]), user=staff_user)
    make_due(digest)
    drain()
    assert mail.outbox == []
    issue = Issue.objects.get()
    assert (issue.state, issue.reason) == ("nothing", "No new answers and no alarm.")


def test_answers_outside_the_filter_are_nothing_to_say(
    survey: Survey, staff_user: Any, make_due: Any, drain: Drain
) -> None:
    wish = DigestWish("daily", 8, "30d", [survey], {"channel": "link"})
    make_due(service.save_digest(wish, user=staff_user))
    drain()
    assert mail.outbox == [] and Issue.objects.get().state == "nothing"


@pytest.fixture
def alarmed(staff_user: Any) -> Digest:
    """Return a weekly digest of a survey that was calm for months and fell last week."""
    survey = a_survey("falling")
    monday = today() - timedelta(days=today().weekday())
    for week in range(1, 25):
        calm = {9: 20, 8: 10, 2: 5} if week > 1 else {9: 2, 8: 4, 2: 30}
        tallied(survey, calm, day=monday - timedelta(weeks=week))
    return service.save_digest(DigestWish("weekly", 8, "13w", [survey]), user=staff_user)


def test_an_alarm_is_told_and_then_not_again(alarmed: Digest, make_due: Any, drain: Drain) -> None:
    make_due(alarmed)
    drain()
    [message] = mail.outbox
    assert "a lasting fall, noticed" in message.subject
    issue = Issue.objects.get()
    survey = alarmed.surveys.get()
    assert issue.told == [f"{survey.pk}:down"]
    content = sending.content_for(alarmed, _days_of(issue))
    assert content.surveys[0].alarms == ()
    [(_point, alarm)] = sending.content_of(alarmed, _days_of(issue)).surveys[0].alarms
    assert alarm_key(survey, alarm) == f"{survey.pk}:down"


def _days_of(issue: Issue) -> Any:
    from analytics.periods import Period

    return Period(issue.start, issue.stop)


def test_asked_for_now_it_comes_even_with_nothing_new(staff_user: Any, drain: Drain) -> None:
    digest = service.save_digest(DigestWish("daily", 8, "30d", [a_survey("x")]), user=staff_user)
    service.pause(digest)
    service.send_now(digest)
    drain()
    [message] = mail.outbox
    assert "no new answers" in message.subject


@pytest.mark.parametrize("why", ["closed account", "no permission", "no address", "paused"])
def test_who_may_not_read_it_any_more_gets_none(
    survey: Survey, make_due: Any, drain: Drain, why: str
) -> None:
    bob = User.objects.create_user("bob", "bob@example.com", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    digest = service.save_digest(DigestWish("daily", 8, "30d", [survey]), user=bob)
    make_due(digest)
    begin_due(timezone.now())
    if why == "closed account":
        User.objects.update(is_active=False)
    elif why == "no permission":
        bob.user_permissions.clear()
    elif why == "no address":
        User.objects.update(email="")
    else:
        service.pause(Digest.objects.get())
    drain()
    assert mail.outbox == []
    assert Issue.objects.get().state == "withheld" and Issue.objects.get().reason


def test_without_permission_for_answers_there_are_numbers_and_no_comments(
    survey: Survey, make_due: Any, drain: Drain
) -> None:
    bob = User.objects.create_user("bob", "bob@example.com", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    make_due(service.save_digest(DigestWish("daily", 8, "30d", [survey]), user=bob))
    drain()
    [message] = mail.outbox
    assert "n 52" in message.body and "terrible" not in message.body
    assert "12 unhappy comments wait" in message.alternatives[0][0]


def test_a_filter_whose_segment_is_gone_says_so(
    survey: Survey, staff_user: Any, make_due: Any, drain: Drain
) -> None:
    wish = DigestWish("daily", 8, "30d", [survey], {"segment": "growth"})
    digest = service.save_digest(wish, user=staff_user)
    digest.filters = {"segment": "gone"}
    digest.save()
    make_due(digest)
    drain()
    assert mail.outbox == []
    assert "“gone”" in Issue.objects.get().reason


def test_a_filter_that_combines_too_many_answers_is_said_not_swallowed(
    survey: Survey, staff_user: Any, make_due: Any, drain: Drain, monkeypatch: Any
) -> None:
    monkeypatch.setattr(combining, "COMBINE_UP_TO", 5)
    wish = DigestWish("daily", 8, "30d", [survey], {"segment": "growth", "channel": "email"})
    make_due(service.save_digest(wish, user=staff_user))
    drain()
    issue = Issue.objects.get()
    assert issue.state == "withheld" and "at most 5" in issue.reason


# ---- At most once ----------------------------------------------------------------------------


def test_the_database_holds_one_issue_a_period(digest: Digest) -> None:
    days = {"digest": digest, "start": today(), "stop": today() + timedelta(days=1)}
    Issue.objects.create(**days)
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(**days)
    Issue.objects.create(**days, is_asked=True)


def test_a_crash_after_the_mail_server_took_it_is_doubtful_and_never_sent_again(
    digest: Digest, make_due: Any, drain: Drain, monkeypatch: Any
) -> None:
    def dies(*_: object) -> Any:
        raise SystemExit("killed")

    monkeypatch.setattr(sending, "_settle", dies)
    make_due(digest)
    with pytest.raises(SystemExit):
        drain()
    assert len(mail.outbox) == 1
    monkeypatch.undo()
    Job.objects.filter(kind="digest").update(lease_until=timezone.now() - timedelta(hours=1))
    drain()
    assert len(mail.outbox) == 1
    assert Issue.objects.get().state == "doubtful"


def test_a_mail_server_that_is_away_costs_nothing(
    digest: Digest, make_due: Any, drain: Drain, monkeypatch: Any
) -> None:
    away = Delivery(Outcome.NO_SERVER, "connection refused")
    monkeypatch.setattr(sending.Carrier, "open", lambda self: away)
    make_due(digest)
    drain()
    assert Issue.objects.get().state == "waiting"
    monkeypatch.undo()
    Job.objects.filter(kind="digest").update(due_at=timezone.now() - timedelta(minutes=1))
    drain()
    assert len(mail.outbox) == 1 and Issue.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_clocks_at_once_send_each_digest_once(
    staff_user: Any,
    process_env: dict[str, str],
    smtp_server: SmtpServer,
    make_due: Any,
    tmp_path: Path,
) -> None:
    survey = a_survey("raced")
    tallied(survey, {9: 40}, day=today() - timedelta(days=1))
    for hour in range(6):
        service.save_digest(DigestWish("daily", hour, "30d", [survey]), user=staff_user)
    make_due(*Digest.objects.all())
    drainers = [
        Program([sys.executable, "manage.py", "drain"], env=process_env, log=tmp_path / str(n))
        for n in range(2)
    ]
    for drainer in drainers:
        assert drainer.wait(seconds=120) == 0, drainer.output()
    assert Issue.objects.filter(state="sent").count() == Issue.objects.count() == 6
    ids = [received.message["Message-ID"] for received in smtp_server.received]
    assert len(ids) == len(set(ids)) == 6


# ---- Reports ---------------------------------------------------------------------------------


@pytest.fixture
def report(survey: Survey, staff_user: Any) -> Report:
    wish = ReportWish(
        "Board", survey, "monthly", recipients=["Ada <ada@board.example>", "bo@board.example"]
    )
    return service.save_report(wish, by=staff_user)


def test_a_due_report_is_made_and_mailed_once_to_each(
    report: Report, make_due: Any, drain: Drain
) -> None:
    make_due(report)
    drain()
    make_due(report)
    drain()
    assert sorted(m.to[0] for m in mail.outbox) == ["ada@board.example", "bo@board.example"]
    file = ReportFile.objects.get()
    assert file.stop.day == 1 and file.state == "done"
    name, data, kind = mail.outbox[0].attachments[0]
    assert name.endswith(".pdf") and kind == "application/pdf" and data == bytes(file.pdf)
    assert file.summary in mail.outbox[0].body


def test_who_left_the_list_meanwhile_gets_none(report: Report, make_due: Any, drain: Drain) -> None:
    make_due(report)
    begin_due(timezone.now())
    from outbox.drain import drain as drain_kind

    drain_kind("report")
    report.refresh_from_db()
    report.recipients = ["bo@board.example"]
    report.save()
    drain()
    assert [m.to for m in mail.outbox] == [["bo@board.example"]]
    assert ReportMail.objects.get(email="ada@board.example").state == "withheld"


def test_old_issues_and_files_are_forgotten(digest: Digest, report: Report) -> None:
    service.send_now(digest)
    service.make_now(report)
    forget(timezone.now() + timedelta(days=399))
    assert Issue.objects.count() == ReportFile.objects.count() == 1
    forget(timezone.now() + timedelta(days=401))
    assert Issue.objects.count() == ReportFile.objects.count() == 0
