"""Months are closed once they settled, once each; later facts restate them, never change them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.periods import month_of, today
from analytics.scores.closing import CLOSE, close, close_batch, close_wanted
from analytics.scores.models import Snapshot
from analytics.scores.month_panels import closed_words
from analytics.scores.months import months_of, restated
from analytics.scores.reports import score_of
from feedback.models import Response
from feedback.reading import tally_wanted
from outbox.jobs import enqueue
from outbox.models import Job
from outbox.registry import Work
from surveys.models import Survey
from tests.analytics.scores.making import tallied
from tests.feedback.making import a_survey, answer, answers
from tests.surveys.calling import caller, error_of

# With the `db` fixture, not the marker: the properties below need no database.
LAST = month_of(today().replace(day=1) - timedelta(days=1))
LONG_AGO = month_of(today() - timedelta(days=100))


@pytest.fixture
def survey(db: None) -> Survey:
    return a_survey()


def work(survey: Survey, first: date = LONG_AGO.start) -> Work:
    return Work(id=1, subject_id=survey.pk, detail=first.isoformat(), attempts=1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def due(survey: Survey) -> None:
    """Let the days of settling go by."""
    Job.objects.filter(kind=CLOSE, subject_id=survey.pk).update(
        due_at=timezone.now() - timedelta(hours=1)
    )


# ---- When ------------------------------------------------------------------------------------


def test_a_month_closes_when_it_has_settled(survey: Survey, settings: Any) -> None:
    settings.SETTLING_DAYS = 5
    (wanted,) = close_wanted(survey.pk, [today(), today()])
    end = datetime.combine(month_of(today()).stop, datetime.min.time(), tzinfo=UTC)
    assert wanted.due_at == end + timedelta(days=5)
    assert wanted.dedupe_key == f"close:{survey.pk}:{today():%Y-%m}"


def test_history_brought_in_settles_as_long_from_then_on(survey: Survey) -> None:
    days = [date(2020, 1, 3), date(2020, 1, 9), date(2020, 2, 1)]
    wanted = close_wanted(survey.pk, days)
    assert [item.detail for item in wanted] == ["2020-01-01", "2020-02-01"]
    for item in wanted:
        assert item.due_at is not None
        assert item.due_at > timezone.now() + timedelta(days=6)


def test_answers_ask_for_the_closing_of_their_month_once(
    survey: Survey, drain: Callable[[], int]
) -> None:
    day = LONG_AGO.start + timedelta(days=9)
    answers(survey, ["Great", "", ""], score=9, at=at(day))
    drain()
    answers(survey, ["Bad"], score=2, at=at(day))
    drain()
    assert Job.objects.filter(kind=CLOSE).count() == 1
    assert not Snapshot.objects.exists()
    due(survey)
    drain()
    assert Snapshot.objects.get().n == 4


def test_answers_that_wait_to_be_counted_hold_the_closing_back(survey: Survey) -> None:
    enqueue(tally_wanted({(survey.pk, LONG_AGO.start)}))
    (setback,) = close_batch([work(survey)], "test")
    assert setback.error == "answers wait to be counted"
    Job.objects.all().delete()
    answer(survey, "unread", at=at(LONG_AGO.start))
    Job.objects.update(created_at=timezone.now() - timedelta(hours=2))
    (setback,) = close_batch([work(survey)], "test")
    assert not Snapshot.objects.exists()
    Job.objects.all().delete()
    assert close_batch([work(survey)], "test") == []
    assert Snapshot.objects.exists()


def test_a_month_that_is_not_over_is_put_off(survey: Survey) -> None:
    (setback,) = close_batch([work(survey, month_of(today()).start)], "test")
    assert setback.seconds > 7 * 86_400 - 1  # type: ignore[union-attr]
    assert not setback.counts  # type: ignore[union-attr]


def test_closing_twice_keeps_the_first(survey: Survey) -> None:
    tallied(survey, {10: 30, 3: 10}, day=LONG_AGO.start)
    for _ in range(3):
        close_batch([work(survey)], "test")
    tallied(survey, {9: 50}, day=LONG_AGO.last)
    close_batch([work(survey)], "test")
    close(survey, LONG_AGO)
    row = Snapshot.objects.get()
    assert (row.n, row.value, row.counts) == (40, 50.0, {"3": 10, "10": 30})
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(survey=survey, month=LONG_AGO.start, zone="UTC")


def test_a_deleted_survey_leaves_nothing_to_close(survey: Survey) -> None:
    item = work(survey)
    Survey.objects.filter(pk=survey.pk).update(wording=None, status=Survey.Status.DRAFT)
    Survey.objects.filter(pk=survey.pk).delete()
    assert close_batch([item], "test") == []


# ---- What is kept, and what moved it ---------------------------------------------------------


def test_what_is_kept_is_the_score_of_the_month(survey: Survey) -> None:
    tallied(survey, {10: 140, 8: 60, 3: 51}, day=LONG_AGO.start)
    tallied(survey, {0: 4}, day=LONG_AGO.start, facet="quarantined")
    close(survey, LONG_AGO)
    row, score = Snapshot.objects.get(), score_of(survey, LONG_AGO)
    assert score.interval is not None
    assert (row.value, row.low, row.high, row.n) == (
        score.value, score.interval.low, score.interval.high, 251,
    )  # fmt: skip
    assert (row.held, row.zone, row.definition_version) == (4, "UTC", 1)
    month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
    assert month.closed is not None
    assert (month.closed.value, month.closed.interval) == (score.value, score.interval)
    assert month.restated is None


def test_late_answers_restate_a_month_and_say_so(survey: Survey, drain: Callable[[], int]) -> None:
    answers(survey, [""] * 30, score=9, at=at(LONG_AGO.start))
    answers(survey, [""] * 10, score=2, at=at(LONG_AGO.start))
    drain()
    close(survey, LONG_AGO)
    answers(survey, [""] * 3, score=10, at=at(LONG_AGO.start))
    drain()
    month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
    assert closed_words(month) == "closed at +50 (n 40), restated to +53 (+3) by 3 later answers"
    assert Snapshot.objects.get().n == 40


def test_held_restored_and_erased_answers_restate_too(
    survey: Survey, drain: Callable[[], int]
) -> None:
    good = answers(survey, [""] * 30, score=9, at=at(LONG_AGO.start))
    answers(survey, [""] * 10, score=2, at=at(LONG_AGO.start))
    drain()
    close(survey, LONG_AGO)

    def words(change: Callable[[], Any]) -> str:
        change()
        enqueue(tally_wanted({(survey.pk, LONG_AGO.start)}))
        drain()
        month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
        return closed_words(month)

    two = Response.objects.filter(pk__in=[row.pk for row in good[:2]])
    assert "by 2 answers held as a machine’s" in words(lambda: two.update(standing="quarantined"))
    assert words(lambda: two.update(standing="counted")) == "closed at +50 (n 40)"
    one = Response.objects.filter(pk=good[5].pk)
    assert "by one changed answer" in words(lambda: one.update(score=7))
    one.update(score=9)
    assert "by 2 erased answers" in words(lambda: two.delete())


def test_too_few_answers_are_closed_and_shown_as_too_few(survey: Survey) -> None:
    tallied(survey, {10: 3}, day=LONG_AGO.start)
    close(survey, LONG_AGO)
    assert Snapshot.objects.get().value == 100  # kept bare
    month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
    assert closed_words(month) == "closed with too few answers to say (n 3)"


def test_a_month_in_which_nobody_answered_is_closed_as_that(survey: Survey) -> None:
    close(survey, LONG_AGO)
    row = Snapshot.objects.get()
    assert (row.value, row.n) == (None, 0)
    month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
    assert closed_words(month) == "closed without answers"
    tallied(survey, {10: 12}, day=LONG_AGO.start)
    month = next(m for m in months_of(survey, today()) if m.period == LONG_AGO)
    assert closed_words(month) == "closed without answers, restated to +100 by 12 later answers"


histograms = st.dictionaries(st.integers(0, 10), st.integers(0, 9), max_size=11)


@settings(derandomize=True, deadline=None)
@given(histograms, histograms, st.integers(0, 9), st.integers(0, 9))
def test_a_restatement_says_something_exactly_when_other_answers_count(
    then: dict[int, int], now: dict[int, int], held_then: int, held_now: int
) -> None:
    kept = Snapshot(counts={str(k): n for k, n in then.items()}, held=held_then)
    found = restated(kept, now, held_now, delta=None)
    is_same = {k: n for k, n in then.items() if n} == {k: n for k, n in now.items() if n}
    assert (found is None) == is_same
    if found:
        moved = found.later - found.erased - (found.held - found.restored)
        assert moved == sum(now.values()) - sum(then.values())
        assert found.later * found.erased == found.held * found.restored == 0
        assert any((found.later, found.erased, found.held, found.restored, found.changed))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 10), max_size=20), st.randoms(use_true_random=False))
def test_answers_with_another_score_are_counted_as_changed(scores: list[int], dice: Any) -> None:
    revised = [dice.randrange(11) if dice.random() < 0.3 else score for score in scores]
    kept = Snapshot(counts={str(k): n for k, n in Counter(scores).items()}, held=2)
    found = restated(kept, dict(Counter(revised)), 2, delta=None)
    assert (found.changed if found else 0) == (Counter(revised) - Counter(scores)).total()


# ---- Page and API ------------------------------------------------------------------------------


def words_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_page_and_the_api_say_the_same(staff_client: Client, survey: Survey) -> None:
    tallied(survey, {10: 30, 3: 10}, day=LONG_AGO.start)
    close(survey, LONG_AGO)
    tallied(survey, {9: 3}, day=LONG_AGO.last)
    page = words_of(staff_client.get(reverse("staff:survey", args=[survey.slug])))
    assert f"{LONG_AGO.start:%B %Y} was restated after it was closed" in page
    assert "closed at +50 (n 40), restated to +53 (+3) by 3 later answers" in page
    said = caller("read").get(f"surveys/{survey.slug}/months?months=6").json()
    row = next(month for month in said["months"] if month["start"] == str(LONG_AGO.start))
    assert row["closed"]["score"]["value"] == 50.0
    assert row["score"]["n"] == 43
    assert row["restated"]["later_answers"] == 3
    assert row["restated"]["delta"] == pytest.approx(3.488, abs=1e-3)
    assert said["settling_days"] == 7
    assert said["months"][-1]["closed"] is None


def test_a_filtered_page_shows_no_months(staff_client: Client, survey: Survey) -> None:
    tallied(survey, {10: 30}, day=LONG_AGO.start)
    address = reverse("staff:survey", args=[survey.slug])
    assert "No month is closed yet" in words_of(staff_client.get(address))
    assert "No month is closed yet" not in words_of(staff_client.get(f"{address}?channel=email"))


@pytest.mark.parametrize("months", ["0", "37", "many", "-1", "1.5", "99999999999999999999", "²"])
def test_a_number_of_months_that_cannot_be_is_refused(survey: Survey, months: str) -> None:
    reply = caller("read").get(f"surveys/{survey.slug}/months?months={months}")
    assert reply.status_code == 400
    assert error_of(reply)["fields"] == {"months": ["Send a number from 1 to 36."]}
