"""Filters of a dashboard: every way of counting a slice gives the same number."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.periods import Period, period_named, query_of, today
from analytics.scores import combining
from analytics.scores.reports import score_of, survey_report
from analytics.scores.slices import WHOLE, Slice, UnknownPart, read_slice
from analytics.scores.values import score
from feedback.inbox import Filters, matching
from feedback.models import Response
from surveys.models import Invitation, Segment, Survey
from tests.feedback.making import a_survey, answers
from tests.surveys.calling import caller, error_of

pytestmark = pytest.mark.django_db
QUARTER = period_named("13w")
WISHES = {
    "segment": "growth",
    "channel": "email",
    "language": "en",
    "theme": "support",
    "sentiment": "negative",
}


@pytest.fixture
def survey(drain: Callable[[], int]) -> Survey:
    survey = a_survey("nps")
    growth = Segment.objects.create(slug="growth", name="Growth")
    growth.conditions.create(property="plan", operator="is", value="Growth")
    rows = answers(survey, ["The support was terrible and slow."] * 12, score=2)
    rows += answers(survey, ["The support was wonderful, thank you!"] * 11, score=10)
    rows += answers(survey, [""] * 9, score=8)
    odd = [row.pk for row in rows if row.pk % 2]
    Response.objects.filter(pk__in=odd).update(properties={"plan": "Growth"})
    Response.objects.filter(pk__in=odd[::3]).update(channel=Invitation.Channel.LINK)
    drain()
    return survey


@pytest.fixture
def spread(survey: Survey, drain: Callable[[], int]) -> Survey:
    """Return the survey with its answers spread over seven weeks, some held as machines'."""
    said = ["Support is terrible, but the app is wonderful.", "The app is great", "", "no reply"]
    for week in range(7):
        at = timezone.now() - timedelta(days=6 * week, hours=1)
        rows = answers(survey, said * 2, score=(week * 3) % 11, at=at)
        Response.objects.filter(pk__in=[row.pk for row in rows[::3]]).update(
            properties={"plan": "Growth"}
        )
        Response.objects.filter(pk=rows[1].pk).update(standing=Response.Standing.QUARANTINED)
    drain()
    return survey


def combinations() -> list[Slice]:
    return [
        Slice(**{name: WISHES[name] for name in names})
        for size in range(len(WISHES) + 1)
        for names in itertools.combinations(WISHES, size)
    ]


def test_every_combination_counts_what_the_inbox_lists(survey: Survey) -> None:
    for part in combinations():
        listed = matching(
            Filters(survey="nps", since=str(QUARTER.start), until=str(QUARTER.last), **part.query)
        )
        assert score_of(survey, QUARTER, part=part).n == listed.count(), part


def test_the_report_counts_what_its_score_says(survey: Survey) -> None:
    for part in combinations()[::4]:
        report = survey_report(survey, QUARTER, part=part)
        assert report.score == score_of(survey, QUARTER, part=part)
        assert sum(item.count for item in report.distribution) == report.score.n


def test_a_tallied_slice_is_the_combined_one(survey: Survey) -> None:
    for part in combinations():
        if part.facet:
            own = combining.combined_facets(survey, QUARTER, part)
            assert score_of(survey, QUARTER, part=part).n == sum(own.at("all").values()), part


def test_page_and_api_give_the_same_number_for_the_same_address(
    survey: Survey, staff_client: Client
) -> None:
    api = caller("read")
    for part in combinations()[::6]:
        query = urlencode(part.query)
        body = api.get(f"surveys/nps/score?{query}").json()
        page = staff_client.get(f"{reverse('staff:survey', args=['nps'])}?{query}")
        head = page.context["score"]
        assert body["score"]["n"] == score_of(survey, QUARTER, part=part).n
        assert head["n"] == str(body["score"]["n"])
        assert body["filters"] == {**dict.fromkeys(WISHES, ""), **part.query}


def test_a_survey_offers_the_languages_its_own_comments_are_written_in(
    survey: Survey, staff_client: Client, drain: Callable[[], int]
) -> None:
    other = a_survey("elsewhere")
    answers(other, ["Die Lieferung war leider viel zu langsam und niemand hat geholfen."], score=1)
    drain()
    page = staff_client.get(f"{reverse('staff:survey', args=['nps'])}?language=pt")
    (field,) = [each for each in page.context["filters"].selects if each.name == "language"]
    assert [code for code, _name in field.options] == ["en", "pt"], "and the one asked for"
    page = staff_client.get(reverse("staff:survey", args=["elsewhere"]))
    (field,) = [each for each in page.context["filters"].selects if each.name == "language"]
    assert [code for code, _name in field.options] == ["de"]


def test_a_combination_too_large_says_the_limit(
    survey: Survey, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(combining, "COMBINE_UP_TO", 5)
    query = "segment=growth&channel=email"
    with pytest.raises(combining.TooMany):
        score_of(survey, QUARTER, part=Slice(segment="growth", channel="email"))
    page = staff_client.get(f"{reverse('staff:survey', args=['nps'])}?{query}", follow=True)
    assert "at most 5 are combined on the spot" in page.content.decode()
    reply = caller("read").get(f"surveys/nps/score?{query}")
    assert reply.status_code == 400 and "at most 5" in error_of(reply)["fields"]["filters"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("segment", "x"), ("channel", "pigeon"), ("language", "e n"), ("theme", "\x00"),
     ("sentiment", "angry")],
)  # fmt: skip
def test_a_wish_for_what_is_not_there_is_named(name: str, value: str, client: Client) -> None:
    with pytest.raises(UnknownPart) as caught:
        read_slice({name: value})
    assert caught.value.name == name
    a_survey("nps")
    reply = caller("read").get(f"surveys/nps/score?{urlencode({name: value})}")
    assert reply.status_code == 400 and name in error_of(reply)["fields"]


def test_nothing_wished_is_everybody() -> None:
    assert read_slice({}) == WHOLE and WHOLE.facet == ("all", "")


@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    names=st.sets(st.sampled_from(sorted(WISHES))),
    first=st.integers(0, 40),
    length=st.integers(1, 40),
)
def test_dashboard_api_and_export_give_one_number_for_one_filter(
    spread: Survey, staff_client: Client, names: set[str], first: int, length: int
) -> None:
    part = Slice(**{name: WISHES[name] for name in names})
    stop = today() - timedelta(days=first) + timedelta(days=1)
    period = Period(stop - timedelta(days=length), stop)
    wished = urlencode(part.query | query_of(period))

    page = staff_client.get(f"{reverse('staff:survey', args=['nps'])}?{wished}").context
    report = survey_report(spread, period, part=part)
    told = caller("read").get(f"surveys/nps/score?{wished}").json()["score"]
    days = urlencode({"since": period.start, "until": period.last, "standing": "counted"})
    file = caller("read").get(
        f"responses/export.csv?survey=nps&columns=score&{urlencode(part.query)}&{days}"
    )
    scores = [int(line) for line in b"".join(file).decode().split()[1:]]

    counted = Counter(scores)
    assert {item.score: item.count for item in report.distribution if item.count} == counted
    own = score(spread, counted)
    assert (told["n"], told["value"]) == (own.n, own.value)
    assert (report.score.value, report.score.interval) == (own.value, own.interval)
    assert page["score"]["n"] == str(own.n)
