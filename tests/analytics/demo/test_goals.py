from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from analytics.demo import goals
from analytics.periods import today
from analytics.targets.models import Alarm, Target
from outbox.models import Job
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def surveys() -> None:
    for slug, kind in (
        ("after-a-support-case", "csat"), ("customer-relationship", "nps"), ("first-weeks", "ces"),
    ):  # fmt: skip
        survey = a_survey(slug, kind=kind)
        survey.is_demo = True
        survey.save()
        tallied(survey, dict.fromkeys(survey.scale.scores, 20), day=today().replace(day=1))


def test_the_demo_has_goals_of_both_kinds_and_one_that_is_missed(surveys: None) -> None:
    goals.set_goals()
    goals.judge_mornings()
    assert Target.objects.filter(is_demo=True, survey=None).exists()
    states = {target.metric: target.days.latest("day").state for target in Target.objects.all()}
    assert "missed" in states.values()
    assert not Alarm.objects.filter(is_told=True).exists()  # the invented get no mail
    assert Job.objects.filter(kind="target").count() == Target.objects.count()


def test_taking_the_demo_away_takes_its_goals(surveys: None, capsys: Any) -> None:
    goals.set_goals()
    call_command("seed_demo", "--remove")
    assert not Target.objects.exists()
