"""Volumes of themes over all surveys, and which of their changes are more than chance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from analytics.scores.theme_list import _line, finding
from analytics.scores.theme_volumes import PERIOD_DAYS, theme_volumes
from feedback.inbox import matching, read_filters
from feedback.models import Theme
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.django_db


def volume(slug: str):
    return next(one for one in theme_volumes().themes if one.theme.slug == slug)


def test_now_and_before_are_counted_over_all_surveys(drain):
    ago = timezone.now() - timedelta(days=PERIOD_DAYS + 5)
    long_ago = timezone.now() - timedelta(days=2 * PERIOD_DAYS + 5)
    for slug in ("one", "two"):
        survey = a_survey(slug)
        answers(survey, ["The price is far too high, terrible"] * 3 + ["n/a", ""])
        answers(survey, ["The price is fine"] * 2 + ["I like it"], at=ago)
        answers(survey, ["The price"] * 9, at=long_ago)
    drain()
    found = theme_volumes()
    price = volume("price")
    assert (price.count, price.before, price.negative) == (6, 4, 6)
    assert (found.comments, found.comments_before) == (6, 6)
    assert price.change.delta == pytest.approx(1 - 4 / 6)
    assert not price.is_real


def test_a_jump_is_real_and_named_in_the_title(drain):
    survey = a_survey()
    answers(survey, ["The price is too high"] * 60 + ["I like it very much"] * 40)
    ago = timezone.now() - timedelta(days=PERIOD_DAYS + 1)
    answers(survey, ["The price is too high"] * 10 + ["I like it very much"] * 90, at=ago)
    drain()
    assert volume("price").is_real
    assert finding(theme_volumes()) == "More people write about Price and value than before"


def test_themes_switched_off_stand_last(drain):
    Theme.objects.filter(slug="price").update(is_active=False)
    assert theme_volumes().themes[-1].theme.slug == "price"


def test_as_many_queries_over_tallies_of_two_surveys_as_of_many(django_assert_num_queries):
    a_survey("one"), a_survey("two")
    with django_assert_num_queries(4):
        theme_volumes()
    for number in range(4):
        a_survey(f"more-{number}")
    with django_assert_num_queries(4):
        theme_volumes()


def test_every_count_of_the_list_opens_as_many_comments(drain, staff_client):
    ago = timezone.now() - timedelta(days=PERIOD_DAYS + 5)
    survey = a_survey()
    answers(survey, ["The price is far too high, terrible"] * 3 + ["The price is fine"] * 2)
    answers(survey, ["The price is fine"] * 4, at=ago)
    answers(survey, ["The price"] * 9, at=ago - timedelta(days=PERIOD_DAYS))
    drain()
    found = theme_volumes()
    line = next(_line(one, found) for one in found.themes if one.theme.slug == "price")
    page = staff_client.get(reverse("staff:themes")).content.decode()
    for url, count in ((line.url, 5), (line.before_url, 4), (line.negative_url, 3)):
        query = QueryDict(url.partition("?")[2])
        assert matching(read_filters(query)).count() == count
        assert f'href="{escape(url)}">' in page
    assert "Explain these numbers" in page
