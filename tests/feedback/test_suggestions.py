"""Suggested themes: found in the background, decided once by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback import suggestions
from feedback.models import Mention, Theme, ThemeSuggestion
from feedback.reading import read_responses
from feedback.suggestions import (
    AlreadyDecided,
    accept,
    dismiss,
    examples_of,
    merge,
    refresh,
    reopen,
)
from feedback.tasks import suggest_themes
from outbox.models import Job
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db

LAMP = "The greenhouse lamp was there this time"
NOTHING = [f"I have nothing more to say, number {n}" for n in range(40)]


@pytest.fixture
def survey():
    survey = a_survey()
    month_ago = timezone.now() - timedelta(days=40)
    rows = [
        *answers(survey, [LAMP] * 12 + NOTHING),
        *answers(survey, [LAMP] * 6 + NOTHING, at=month_ago),
    ]
    read_responses([row.pk for row in rows])
    Job.objects.all().delete()
    return survey


@pytest.fixture
def suggestion(survey) -> ThemeSuggestion:
    refresh()
    return ThemeSuggestion.objects.get()


def test_a_phrase_is_offered_with_count_trend_and_examples(suggestion):
    assert (suggestion.phrase, suggestion.comments, suggestion.before) == ("greenhouse lamp", 12, 6)
    assert suggestion.growth == pytest.approx((12 / 52) / (6 / 46) - 1)
    [example, *_] = examples_of([suggestion])[suggestion.pk]
    assert [p.text for p in example.pieces if p.is_marked] == ["greenhouse lamp"]


def test_only_comments_read_as_english_are_mined(survey):
    answers(survey, ["Der Parkplatz war eng und teuer, das Parkhaus auch"] * 30)
    refresh()
    assert [s.phrase for s in suggestions.open_suggestions()] == ["greenhouse lamp"]


def test_accepting_makes_a_theme_and_reads_history_again(suggestion, drain):
    theme = accept(suggestion, name="Lamps", by="alice")
    drain()
    assert (theme.slug, theme.phrases) == ("lamps", ["greenhouse lamp"])
    assert Mention.objects.filter(theme=theme).count() == 18
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == ("accepted", "alice")
    refresh()
    assert not suggestions.open_suggestions().exists()


def test_merging_adds_the_phrase_to_a_theme(suggestion, drain):
    theme = Theme.objects.get(slug="delivery")
    merge(suggestion, theme, by="alice")
    drain()
    assert Mention.objects.filter(theme=theme).count() == 18
    theme.refresh_from_db()
    assert "greenhouse lamp" in theme.phrases


def test_a_dismissed_phrase_is_never_offered_again_unless_taken_back(suggestion):
    dismiss(suggestion, by="alice")
    refresh()
    assert not suggestions.open_suggestions().exists()
    reopen(suggestion)
    assert suggestions.open_suggestions().get().decided_by == ""


def test_a_decision_is_made_once(suggestion):
    dismiss(suggestion, by="alice")
    with pytest.raises(AlreadyDecided):
        accept(suggestion, name="Lamps", by="bob")
    with pytest.raises(AlreadyDecided):
        merge(suggestion, Theme.objects.get(slug="delivery"), by="bob")
    assert not Theme.objects.filter(name="Lamps").exists()
    assert "greenhouse lamp" not in Theme.objects.get(slug="delivery").phrases


def test_phrases_nobody_uses_any_more_go(suggestion):
    ThemeSuggestion.objects.create(phrase="zeppelin", comments=9, found_at=timezone.now())
    refresh()
    assert [s.phrase for s in suggestions.open_suggestions()] == ["greenhouse lamp"]


def test_the_scheduler_and_the_button_ask_for_the_same_work(survey, drain):
    assert suggestions.last_refreshed() == (None, False)
    suggest_themes()
    suggestions.ask_for_refresh()
    assert Job.objects.filter(kind="suggest").count() == 1
    assert suggestions.last_refreshed() == (None, True)
    drain()
    at, is_coming = suggestions.last_refreshed()
    assert at is not None and not is_coming
    assert suggestions.open_suggestions().exists()
    suggestions.ask_for_refresh()
    assert suggestions.last_refreshed()[1]


def test_nothing_to_mine_offers_nothing():
    assert refresh() == 0
