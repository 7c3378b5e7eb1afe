"""Digests tell of the targets they cover: which are missed, and each alarm once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django.urls import reverse

from analytics.digests import service
from analytics.digests.content import content_of
from analytics.digests.models import Digest, Issue
from analytics.digests.service import DigestWish
from analytics.periods import Period, today
from analytics.targets.models import Alarm, Target, TargetDay
from analytics.targets.work import TARGET
from outbox.models import Job
from surveys.models import Survey
from tests.analytics.targets.making import nps
from tests.feedback.making import a_survey

pytestmark = pytest.mark.django_db
Drain = Callable[[], int]
NEWS = Period(today() - timedelta(days=1), today())


def judged(target: Target, state: str = "missed", *, alarm: str = "") -> Target:
    """Judge a target this morning by hand: +31 of a goal it may have missed."""
    Job.objects.filter(kind=TARGET, subject_id=target.pk).delete()  # it has no answers behind it
    span = {"start": today() - timedelta(days=30), "stop": today()}
    TargetDay.objects.update_or_create(
        target=target, day=today(), defaults={**span, "value": 31.0, "low": 24.0, "high": 38.0,
        "n": 200, "state": state},
    )  # fmt: skip
    if alarm:
        Alarm.objects.create(
            target=target, kind=alarm, started_date=today(), value=31, low=24, high=38, n=200,
            goal=target.goal,
        )  # fmt: skip
    return target


@pytest.fixture
def quiet(staff_user: User) -> Digest:
    """Return Alice's daily digest of a survey nobody answers."""
    return service.save_digest(DigestWish("daily", 8, "30d", [a_survey("quiet")]), user=staff_user)


def text_of(message: Any) -> str:
    return str(message.body)


def test_an_alarm_is_something_to_say_and_is_told_once(
    quiet: Digest, make_due: Any, drain: Drain
) -> None:
    target = judged(nps(quiet.surveys.get()), alarm="level")
    make_due(quiet)
    drain()
    [message] = mail.outbox
    assert message.subject == "Quiet, NPS: goal missed"
    words = text_of(message)
    assert "Quiet, NPS: at least +45: goal missed" in words
    assert "Missed: +31, likely +24 … +38" in words
    assert reverse("staff:target", args=[target.pk]) in words
    [html] = [part.content for part in message.alternatives]
    assert "Targets that are missed or raise an alarm" in html and "Goal missed" in html
    assert Issue.objects.get().told == [f"target-alarm:{target.alarms.get().pk}"]
    told = Issue.objects.get().told
    assert not content_of(quiet, NEWS, told=told).has_something


def test_a_missed_target_is_said_but_is_no_reason_for_a_mail(
    quiet: Digest, make_due: Any, drain: Drain
) -> None:
    judged(nps(quiet.surveys.get()))
    make_due(quiet)
    drain()
    assert not mail.outbox and Issue.objects.get().state == "nothing"
    content = content_of(quiet, NEWS)
    assert [goal.day.state for goal in content.goals if goal.day] == ["missed"]


def test_met_targets_and_ended_or_old_alarms_are_left_out(quiet: Digest) -> None:
    survey = quiet.surveys.get()
    judged(nps(survey), "met")
    ended, old = (
        judged(nps(survey), "met", alarm="level"),
        judged(nps(survey), "met", alarm="drift"),
    )
    Alarm.objects.filter(target=ended).update(ended_date=today(), end="recovered")
    Alarm.objects.filter(target=old).update(started_date=NEWS.start - timedelta(days=1))
    assert content_of(quiet, NEWS).goals == ()


def test_only_targets_that_speak_of_what_the_digest_is_about(
    survey: Survey, staff_user: User
) -> None:
    whole, growth = judged(nps(survey)), judged(nps(survey, filters={"segment": "growth"}))
    other = judged(nps(a_survey("other")))
    churn = judged(nps(None, metric="customer-churn", direction="at_most", goal=Decimal("0.05")))

    def covered(wish: DigestWish) -> set[Target]:
        digest = service.save_digest(wish, user=staff_user)
        return {goal.target for goal in content_of(digest, NEWS).goals}

    one = DigestWish("daily", 8, "30d", [survey])
    assert covered(one) == {whole, growth}
    segment = DigestWish("daily", 8, "30d", [survey], filters={"segment": "growth"})
    assert covered(segment) == {growth}
    everything = DigestWish("daily", 8, "30d")
    assert covered(everything) == {whole, growth, other, churn}


def test_who_may_not_see_targets_is_told_of_none(quiet: Digest) -> None:
    judged(nps(quiet.surveys.get()), alarm="level")
    bob = User.objects.create_user("bob", "bob@example.com", "x", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_survey"))
    quiet.user = bob
    assert content_of(quiet, NEWS).goals == ()


def test_the_look_ahead_on_the_page_shows_targets_too(quiet: Digest, staff_client: Client) -> None:
    judged(nps(quiet.surveys.get()), alarm="drift")
    page = staff_client.get(reverse("staff:digest-mail", args=[quiet.pk])).content.decode()
    assert "Lasting drift for the worse" in page
