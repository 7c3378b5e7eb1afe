"""What a digest or report is about, from what is stored: surveys, days, and a slice of answers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from analytics.digests.models import Digest, Window
from analytics.periods import Period, period_named, query_of
from analytics.scores.slices import NAMES, Slice, read_slice
from surveys.models import Survey

MOST_SURVEYS = 6
"""Surveys with numbers of their own in one digest; more are no mail to read."""


def part_of(filters: Mapping[str, str]) -> Slice:
    """Return the stored slice. UnknownPart when its segment or theme is gone."""
    return read_slice({name: str(filters.get(name, "")) for name in NAMES})


def window_of(window: str, news: Period) -> Period:
    """Return the days the score speaks about, both ends written out.

    An address with them shows the same numbers on any later day.
    """
    if window == Window.OWN:
        return Period(news.start, news.stop)
    named = period_named(window, on=news.last)
    return Period(named.start, named.stop)


def surveys_of(digest: Digest) -> list[Survey]:
    """Return the surveys a digest may speak of; drafts have nothing to say."""
    found = Survey.objects.all() if digest.has_all else digest.surveys.all()
    return list(found.exclude(status=Survey.Status.DRAFT).select_related("brand").order_by("pk"))


def page_address(survey: Survey, period: Period, part: Slice) -> str:
    """Return the whole address of the dashboard that shows these numbers."""
    query = urlencode({**query_of(period), **part.query})
    return f"{settings.BASE_URL}{reverse('staff:survey', args=[survey.slug])}?{query}"
