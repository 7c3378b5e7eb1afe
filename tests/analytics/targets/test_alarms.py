"""Alarms start once, tell their owner once, and end when the figure is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analytics.periods import today
from analytics.scores.models import Tally, WeekTally
from analytics.statistics.change import Change
from analytics.statistics.targets import TargetState
from analytics.targets import alarms, work
from analytics.targets.judging import change_sign, level_sign, outlook
from analytics.targets.models import Alarm, Target, TargetDay
from feedback.models import Sentiment
from outbox.models import Job
from surveys.models import Survey
from tests.analytics.scores.making import asked, tallied
from tests.analytics.targets.making import job, judge_now, morning, nps
from tests.feedback.making import a_survey

pytestmark = pytest.mark.django_db
BAD, GOOD, MIDDLING = {10: 20, 8: 20, 2: 60}, {10: 80, 8: 15, 2: 5}, {10: 62, 8: 20, 2: 18}


@pytest.fixture
def survey() -> Survey:
    return a_survey()


def days_ago(count: int) -> date:
    return today() - timedelta(days=count)


def old(target: Target) -> Target:
    """Let a target have been judged for long, so that mornings of before count."""
    Target.objects.filter(pk=target.pk).update(judged_from=days_ago(300))
    return target


# ---- What a morning says --------------------------------------------------------------------


def test_met_missed_unclear_or_too_few(survey: Survey) -> None:
    target = nps(survey)
    states = {}
    for name, counts in {"missed": BAD, "met": GOOD, "unclear": MIDDLING, None: {10: 3}}.items():
        tallied(survey, counts)  # type: ignore[arg-type]
        states[name] = outlook(target, today()).deciding.state.state
        Tally.objects.all().delete()
        WeekTally.objects.all().delete()
    assert states == {name: name for name in states}


def test_five_to_nine_answers_are_indicative_and_judge_nothing(survey: Survey) -> None:
    tallied(survey, {0: 9})
    seen = outlook(nps(survey), today()).deciding
    assert seen.result.value == -100
    assert (seen.state.state, seen.state.reason) == (None, "too_few_to_show")


def test_a_calendar_target_is_judged_on_the_last_period_until_the_running_one_says_something(
    survey: Survey,
) -> None:
    target = nps(survey, period="month")
    on = date(2026, 6, 3)
    tallied(survey, GOOD, day=date(2026, 5, 20))
    tallied(survey, {0: 4}, day=date(2026, 6, 2))
    seen = outlook(target, on)
    assert seen.deciding.period.start == date(2026, 5, 1)
    assert seen.deciding.state.state == "met"
    assert seen.running.state.state is None
    tallied(survey, {1: 60}, day=date(2026, 6, 1))
    assert outlook(target, on).deciding.state.state == "missed"


def test_a_response_rate_is_judged_when_it_has_ripened(survey: Survey, settings: Any) -> None:
    """The newest invitations have no answer yet: that is no missed goal."""
    settings.SETTLING_DAYS = 7
    target = nps(survey, metric="response-rate", goal="0.3", period="month")
    asked(survey, sent=200, answered=90, day=date(2026, 4, 10))
    asked(survey, sent=200, answered=20, day=date(2026, 5, 10))
    asked(survey, sent=200, answered=0, day=date(2026, 6, 3))
    assert outlook(target, date(2026, 6, 4)).deciding.period.start == date(2026, 4, 1)
    assert outlook(target, date(2026, 6, 8)).deciding.period.start == date(2026, 5, 1)


def test_the_share_of_negative_comments_can_be_a_goal(survey: Survey) -> None:
    target = nps(survey, metric="negative-share", goal="0.2", direction="at_most")
    tallied(survey, {3: 60}, facet="sentiment", key=Sentiment.NEGATIVE)
    tallied(survey, {9: 40}, facet="sentiment", key=Sentiment.POSITIVE)
    tallied(survey, {9: 500}, facet="sentiment", key=Sentiment.UNSCORED)  # could not be read
    seen = outlook(target, today()).deciding
    assert (seen.result.value, seen.state.state) == (0.6, "missed")


@pytest.mark.parametrize(
    ("state", "gap", "sign"),
    [("missed", -4.0, -1), ("unclear", -1.0, 0), ("unclear", 1.0, 1), ("met", 9.0, 1)],
)
def test_an_alarm_ends_when_the_value_is_back_not_when_chance_is_ruled_out(
    state: Any, gap: float, sign: int
) -> None:
    assert level_sign(TargetState(state, gap)) == sign


@pytest.mark.parametrize(
    ("delta", "p", "sign"),
    [(-12.0, 0.01, -1), (-8.0, 0.1, 0), (-3.0, 0.5, 1), (12.0, 0.01, 1)],
)
def test_a_change_alarm_starts_when_it_is_real_and_ends_when_chance_explains_it(
    delta: float, p: float, sign: int
) -> None:
    moved = Change(delta, "points", 200, 200, p_value=p)
    assert change_sign(moved, is_higher_better=True) == sign
    mirrored = Change(-delta, "points", 200, 200, p_value=p)
    assert change_sign(mirrored, is_higher_better=False) == sign


# ---- Start and end ---------------------------------------------------------------------------


def test_a_level_alarm_takes_two_bad_mornings_and_ends_on_a_good_one(survey: Survey) -> None:
    target = old(nps(survey))
    tallied(survey, BAD, day=days_ago(10))
    assert morning(target, days_ago(5)) == []
    assert morning(target, days_ago(4)) == ["level"]
    assert morning(target, days_ago(3)) == []
    tallied(survey, {10: 900}, day=days_ago(2))
    assert morning(target, days_ago(2)) == []
    alarm = target.alarms.get(kind="level")
    assert (alarm.started_date, alarm.ended_date, alarm.end) == (
        days_ago(4), days_ago(2), "recovered",
    )  # fmt: skip


def test_a_morning_judged_twice_counts_once(survey: Survey) -> None:
    target = old(nps(survey))
    tallied(survey, BAD, day=days_ago(10))
    assert [morning(target, days_ago(5)) for _ in range(3)] == [[], [], []]
    assert TargetDay.objects.filter(target=target).count() == 1
    started = [morning(target, days_ago(4)) for _ in range(3)]
    assert started == [["level"], [], []]


def test_a_fall_against_the_days_before_is_a_change_alarm(survey: Survey) -> None:
    target = old(nps(survey, goal="-100"))  # the level is reached whatever happens
    tallied(survey, GOOD, day=days_ago(45))
    tallied(survey, BAD, day=days_ago(5))
    morning(target, days_ago(1))
    assert morning(target, today()) == ["change"]


def test_a_lasting_slide_is_a_drift_alarm_with_its_beginning(survey: Survey) -> None:
    target = old(nps(survey, goal="-100"))
    for week in range(26, 0, -1):
        counts = {10: 30, 8: 15, 2: 15} if week > 12 else {10: 22, 8: 15, 2: 23}
        tallied(survey, counts, day=days_ago(7 * week))
    assert "drift" in morning(target, today())
    alarm = target.alarms.get(kind="drift")
    assert alarm.since_date is not None
    assert days_ago(7 * 14) < alarm.since_date < days_ago(7 * 8)
    assert morning(target, today()) == []


def test_an_acknowledged_drift_starts_afresh(survey: Survey) -> None:
    target = old(nps(survey, goal="-100"))
    for week in range(26, 0, -1):
        counts = {10: 30, 8: 15, 2: 15} if week > 12 else {10: 22, 8: 15, 2: 23}
        tallied(survey, counts, day=days_ago(7 * week))
    morning(target, today())
    alarm = target.alarms.get(kind="drift")
    assert alarms.acknowledge(alarm, by="Alice")
    assert not alarms.acknowledge(alarm, by="Bob")
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == "Alice"
    assert alarms.look(target, today()).signs.drift is None  # nothing new since


def test_two_open_alarms_of_one_kind_cannot_be_stored(survey: Survey) -> None:
    target = nps(survey)
    Alarm.objects.create(target=target, kind="level", started_date=today(), goal=45)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(target=target, kind="level", started_date=today(), goal=45)


def test_a_segment_that_is_gone_is_no_alarm_and_no_error(survey: Survey) -> None:
    target = nps(survey)
    Target.objects.filter(pk=target.pk).update(filters={"segment": "gone", "theme": "gone"})
    assert morning(target, today()) == []
    assert TargetDay.objects.get(target=target).state == ""


# ---- The work and the mail ---------------------------------------------------------------------


def test_one_job_a_day_and_one_mail_however_often_it_runs(
    survey: Survey, staff_user: Any, mailoutbox: list[Any], drain: Callable[[], int]
) -> None:
    target = old(nps(survey, owner=staff_user))
    tallied(survey, BAD, day=days_ago(10))
    morning(target, days_ago(1))
    for _ in range(3):  # a worker that died after its work does it again
        judge_now(target)
    drain()
    assert Job.objects.filter(kind=work.TARGET, dedupe_key__contains=":20").count() == 1
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    mail = mailoutbox[0]
    assert mail.subject == "Relation, NPS: goal missed"
    assert "−40, likely" in mail.body and "goal at least +45" in mail.body
    assert f"/admin/targets/{target.pk}/" in mail.body
    assert mail.extra_headers["Message-ID"].startswith(f"<target-{target.pk}-{today()}@")
    assert target.alarms.get().is_told


def test_within_the_cool_down_an_alarm_is_shown_and_not_mailed(
    survey: Survey, staff_user: Any, mailoutbox: list[Any]
) -> None:
    target = old(nps(survey, owner=staff_user, quiet_days=14))
    before = {"kind": "level", "goal": 45, "is_told": True, "end": "recovered"}
    alarm = Alarm.objects.create(
        target=target, started_date=days_ago(13), ended_date=days_ago(9), **before
    )
    tallied(survey, BAD, day=days_ago(5))
    morning(target, days_ago(1))
    judge_now(target)
    assert not target.alarms.get(ended_date=None).is_told
    assert not Job.objects.filter(kind=work.TELL).exists()
    # a day later the cool-down would have been over
    Alarm.objects.exclude(pk=alarm.pk).delete()
    Alarm.objects.filter(pk=alarm.pk).update(started_date=days_ago(14))
    judge_now(target)
    assert target.alarms.get(ended_date=None).is_told


def test_without_an_address_nobody_is_told_and_nothing_fails(
    survey: Survey, staff_user: Any, mailoutbox: list[Any], drain: Callable[[], int]
) -> None:
    staff_user.email = ""
    staff_user.save()
    target = old(nps(survey, owner=staff_user))
    tallied(survey, BAD, day=days_ago(10))
    morning(target, days_ago(1))
    drain()
    assert mailoutbox == []
    assert not target.alarms.get().is_told


def test_a_mail_server_that_is_away_is_tried_again(
    survey: Survey, staff_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = nps(survey, owner=staff_user)
    Alarm.objects.create(
        target=target, kind="level", started_date=today(), goal=45, is_told=True, value=3
    )

    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
    (setback,) = work.tell_batch([job(target, detail=str(today()))], "test")
    assert "nobody listens" in setback.error


def test_a_deleted_target_ends_its_work(survey: Survey, drain: Callable[[], int]) -> None:
    target = nps(survey)
    target.delete()
    drain()
    assert not Job.objects.exclude(state=Job.State.DONE).filter(kind=work.TARGET).exists()
