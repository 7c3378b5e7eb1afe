"""Whatever happens to answers, in whatever order: the tallies are what a recount gives."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import period_named
from analytics.scores import reports
from analytics.scores.models import FunnelTally, Tally
from analytics.scores.reports import home_report, survey_report
from analytics.scores.tallies import recount
from feedback import rereading
from feedback.judging import Opinion, judge
from feedback.models import Response
from feedback.services import Submission, submit
from feedback.standing import set_standing
from outbox.drain import due_kinds, sweep
from surveys.models import Invitation, Survey
from tests.feedback.making import a_survey
from tests.surveys import worlds

QUARTER = period_named("13w")
COMMENTS = ("", "The support was terrible.", "The support was wonderful, thank you!", "ok")
_STANDING = Response.Standing
steps = st.lists(
    st.tuples(
        st.sampled_from(("submit", "submit", "hold", "restore", "correct", "reread", "drain")),
        st.integers(0, 2),  # whose answer
        st.sampled_from((0, 7, 10)),
        st.sampled_from(COMMENTS),
    ),
    min_size=3,
    max_size=9,
)


def take(asked: list[Invitation], step: tuple[str, int, int, str]) -> None:
    """Do one thing to one answer; nothing when there is no such answer yet."""
    what, whose, score, comment = step
    invitation = asked[whose]
    if what == "submit":
        submit(invitation, Submission(score=score, comment=comment))
        return
    if what == "reread":
        rereading.start(reason="tried", by="Alice")
        return
    if what == "drain":
        drain()
        return
    response = Response.objects.filter(invitation=invitation).first()
    if response is None:
        return
    if what == "correct":
        if response.comment and hasattr(response, "reading"):
            judge(response, Opinion(what="sentiment", said="negative"), by="Alice")
        return
    standing = _STANDING.QUARANTINED if what == "hold" else _STANDING.COUNTED
    set_standing(response, standing, by="Alice")


def drain() -> None:
    while due_kinds():
        sweep()


def stored() -> tuple[list[object], list[object]]:
    tallies = Tally.objects.order_by("survey", "day", "facet", "key", "score")
    funnels = FunnelTally.objects.order_by("survey", "day")
    names = ("survey_id", "day", "sent", "bounced", "opened", "answered", "commented")
    return (
        list(tallies.values_list("survey_id", "day", "facet", "key", "score", "count")),
        list(funnels.values_list(*names)),
    )


def assert_reports_kept_are_those_of_now(survey: Survey) -> None:
    kept = survey_report(survey, QUARTER), home_report(QUARTER)
    reports._kept_report.cache_clear(), reports._kept_rows.cache_clear()
    assert (survey_report(survey, QUARTER), home_report(QUARTER)) == kept


@pytest.mark.django_db
@settings(max_examples=12, derandomize=True, deadline=None)
@given(steps=steps)
def test_tallies_are_what_a_recount_gives(steps: list[tuple[str, int, int, str]]) -> None:
    with transaction.atomic():
        survey = a_survey("held")
        asked = [worlds.invitation(survey, worlds.contact(name)) for name in ("ada", "bob", "cy")]
        for step in steps:
            take(asked, step)
            survey_report(survey, QUARTER), home_report(QUARTER)
        drain()
        assert_reports_kept_are_those_of_now(survey)
        kept = stored()
        days = set(Response.objects.values_list("submitted_date", flat=True))
        days |= {day for _survey, day, *_rest in kept[1]}  # type: ignore[misc]
        if days:
            recount(survey.pk, days)
        assert stored() == kept
        counted = Response.objects.filter(standing=_STANDING.COUNTED).count()
        assert sum(row[5] for row in kept[0] if row[2] == "all") == counted  # type: ignore[index]
        transaction.set_rollback(True)
