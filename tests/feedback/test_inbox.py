from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from analytics.scores.models import Tally
from feedback.highlights import comments_to_read
from feedback.inbox import PAGE, Filters, matching, page_of, read_filters, waiting
from feedback.models import Mention, Reading, Response, Revision, Seen, Verdict
from feedback.passages import passages
from feedback.story import story_of
from outbox.staff.paging import read_moment_key
from surveys.models import Contact, Customer, Segment, SegmentCondition, Survey
from tests.feedback.making import a_survey, answer, answers

BAD = "Support is terrible"
GOOD = "I love the app, it is great"


@pytest.fixture
def survey(db: None) -> Survey:
    return a_survey()


def slugs(found: object) -> set[str]:
    return {response.comment for response in found}  # type: ignore[attr-defined]


# ---- Filters ------------------------------------------------------------


def test_what_makes_no_sense_is_dropped_and_named() -> None:
    filters = read_filters(
        {"band": "x", "score": "11", "sentiment": "angry", "since": "now", "show": "all", "q": "ok"}
    )
    assert filters.problems == ("band", "score", "sentiment", "show", "since")
    assert filters.q == "ok" and filters.score == ""


@given(st.dictionaries(st.sampled_from(
    ["q", "survey", "band", "score", "sentiment", "theme", "language", "segment", "show", "since"]
), st.text()))  # fmt: skip
def test_any_address_makes_filters_that_come_back_from_their_own_address(
    query: dict[str, str],
) -> None:
    from django.http import QueryDict

    filters = read_filters(query)
    again = read_filters(QueryDict(filters.query()))
    assert _values(again) == _values(filters)


def _values(filters: Filters) -> dict[str, object]:
    return {**asdict(filters), "problems": ""}


def test_each_filter_finds_its_own(survey: Survey, drain: object) -> None:
    other = a_survey("other", kind="csat")
    answers(survey, [BAD, GOOD, ""], score=2)
    answers(other, ["Very happy"], score=5)
    long_ago = timezone.now() - timedelta(days=40)
    answers(survey, ["Great price"], score=9, at=long_ago)
    drain()  # type: ignore[operator]
    assert slugs(matching(Filters(survey="other"))) == {"Very happy"}
    assert slugs(matching(Filters(band="promoter"))) == {"Great price"}
    assert slugs(matching(Filters(band="detractor"))) == {BAD, GOOD, ""}
    assert slugs(matching(Filters(score="5"))) == {"Very happy"}
    assert slugs(matching(Filters(sentiment="negative"))) == {BAD}
    assert slugs(matching(Filters(theme="support"))) == {BAD}
    assert slugs(matching(Filters(theme="support", sentiment="positive"))) == set()
    assert slugs(matching(Filters(show="commented", survey="relation"))) == {
        BAD,
        GOOD,
        "Great price",
    }
    assert slugs(matching(Filters(until=long_ago.date().isoformat()))) == {"Great price"}
    assert slugs(matching(Filters(q="LOVE the"))) == {GOOD}
    assert "Great price" not in slugs(matching(Filters(since=timezone.now().date().isoformat())))
    assert BAD in slugs(matching(Filters(language="en")))


def test_search_finds_people_and_customers(survey: Survey) -> None:
    found = answer(survey, "hello")
    customer = Customer.objects.create(external_id="1", name="Alder & Finch")
    alice = Contact.objects.create(email="alice@alder.example", name="Alice Winter")
    Response.objects.filter(pk=found.pk).update(contact=alice, customer=customer)
    answer(survey, "somebody else")
    for words in ("winter", "alice@", "finch"):
        assert slugs(matching(Filters(q=words))) == {"hello"}


def test_a_segment_is_about_the_properties_at_the_time_of_answering(survey: Survey) -> None:
    segment = Segment.objects.create(slug="growth", name="Growth")
    SegmentCondition.objects.create(segment=segment, property="plan", value="Growth")
    inside = answer(survey, "inside")
    Response.objects.filter(pk=inside.pk).update(properties={"plan": "Growth"})
    answer(survey, "outside")
    assert slugs(matching(Filters(segment="growth"))) == {"inside"}
    assert slugs(matching(Filters(segment="gone"))) == set()


def test_held_answers_stand_apart_from_what_a_number_counts(survey: Survey) -> None:
    held = answer(survey, "", score=10)
    Response.objects.filter(pk=held.pk).update(standing=Response.Standing.QUARANTINED)
    counted = answer(survey, "", score=10)
    assert {r.pk for r in matching(Filters(show="held"))} == {held.pk}
    assert {r.pk for r in matching(Filters(score="10"))} == {counted.pk}
    assert {r.pk for r in matching(Filters())} == {held.pk, counted.pk}


def test_waiting_are_unhappy_recent_counted_and_unseen(survey: Survey, drain: object) -> None:
    seen, fresh = answers(survey, [BAD, BAD + " at all"], score=1)
    answers(survey, [GOOD], score=10)
    answers(survey, [BAD], score=1, at=timezone.now() - timedelta(days=30))
    drain()  # type: ignore[operator]
    Seen.objects.create(response=seen, by="alice")
    assert [r.pk for r in waiting()] == [fresh.pk]


# ---- Pages ------------------------------------------------------------


@pytest.mark.parametrize("same_moment", [True, False])
def test_pages_hold_every_answer_once_in_both_directions(survey: Survey, same_moment: bool) -> None:
    now = timezone.now()
    if same_moment:
        answers(survey, [f"c{i}" for i in range(60)], at=now)
    else:
        for i in range(60):
            answers(survey, [f"c{i}"], at=now - timedelta(seconds=i))
    every = matching(Filters())
    first = page_of(every)
    second = page_of(every, before=first.older)
    third = page_of(every, before=second.older)
    listed = [r.pk for page in (first, second, third) for r in page.responses]
    assert listed == list(every.order_by("-submitted_at", "-id").values_list("pk", flat=True))
    assert (first.newer, third.older) == ("", "")
    back = page_of(every, after=third.newer)
    assert [r.pk for r in back.responses] == [r.pk for r in second.responses]
    assert len(first.responses) == PAGE


@given(st.text(max_size=40))
def test_a_broken_key_is_the_first_page(key: str) -> None:
    found = read_moment_key(key)
    assert found is None or isinstance(found[1], int)


def test_a_page_needs_no_offset_and_few_queries(survey: Survey, drain: object) -> None:
    answers(survey, [BAD, GOOD] * 30, score=2)
    drain()  # type: ignore[operator]
    with CaptureQueriesContext(connection) as queries:
        page = page_of(matching(Filters()))
        for response in page.responses:
            assert response.survey.name and response.reading
            assert all(mention.theme.name for mention in response.mentions.all())
    assert len(queries) == 3
    assert not any("OFFSET" in query["sql"] for query in queries)


# ---- Passages ------------------------------------------------------------


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.integers(0, 220), st.integers(0, 220), st.sampled_from(["positive"]))),
)
def test_passages_add_up_to_the_comment(comment: str, clauses: list) -> None:
    assert "".join(passage.text for passage in passages(comment, clauses)) == comment


def test_passages_name_the_themes_inside_them() -> None:
    text = "App is great. Support is bad."
    found = passages(
        text, [[0, 13, "positive"], [14, 29, "negative"]], [(0, 3, "App"), (14, 21, "Support")]
    )
    assert [(p.tone, p.themes) for p in found if p.tone] == [
        ("positive", ("App",)),
        ("negative", ("Support",)),
    ]


@given(st.text(max_size=400), st.integers(10, 80))
def test_a_shortened_comment_is_short(comment: str, most: int) -> None:
    found = "".join(p.text for p in passages(comment, [[0, len(comment), "neutral"]], most=most))
    assert len(found) <= most + 1


# ---- The story of one answer ------------------------------------------------------------


def test_the_story_tells_who_what_and_what_before(survey: Survey, drain: object) -> None:
    alice = Contact.objects.create(email="alice@example.com", name="Alice Winter")
    earlier = answer(survey, GOOD, score=9, at=timezone.now() - timedelta(days=100))
    now = answer(survey, BAD, score=4)
    Response.objects.filter(pk__in=[earlier.pk, now.pk]).update(contact=alice)
    Revision.objects.create(response=now, version=1, score=8, comment="Fine", answers=[])
    drain()  # type: ignore[operator]
    story = story_of(now.pk)
    assert story and story.band.slug == "detractor" and story.drop == 5
    assert [other.pk for other in story.earlier] == [earlier.pk]
    assert [(r.score, r.comment) for r in story.revisions] == [("8", "Fine")]
    assert [named.slug for named in story.named] == ["support"]
    assert story_of(0) is None


def test_an_answer_that_was_changed_is_not_underlined_by_its_old_reading(
    survey: Survey, drain: object
) -> None:
    response = answer(survey, BAD)
    drain()  # type: ignore[operator]
    Response.objects.filter(pk=response.pk).update(comment="New", version=2)
    story = story_of(response.pk)
    assert story and story.is_waiting_to_be_read and [p.tone for p in story.passages] == [""]


# ---- Comments to read first ------------------------------------------------------------


def test_a_drop_comes_before_other_unhappy_words_and_those_before_news(
    survey: Survey, drain: object
) -> None:
    alice = Contact.objects.create(email="alice@example.com", name="Alice")
    earlier = answer(survey, GOOD, score=10, at=timezone.now() - timedelta(days=60))
    dropped = answer(survey, BAD, score=2, at=timezone.now() - timedelta(days=3))
    Response.objects.filter(pk__in=[earlier.pk, dropped.pk]).update(contact=alice)
    unhappy = answer(survey, BAD, score=1, at=timezone.now() - timedelta(days=2))
    answer(survey, GOOD, score=10)
    drain()  # type: ignore[operator]
    found = comments_to_read(most=2)
    assert [comment.id for comment in found] == [dropped.pk, unhappy.pk]
    assert found[0].why == "Dropped from 10 to 2" and found[0].is_urgent


# ---- The page ------------------------------------------------------------


def test_the_inbox_is_empty_with_a_next_step(staff_client: Client, db: None) -> None:
    body = staff_client.get("/admin/responses/").content.decode()
    assert "No answers yet" in body and "See the first steps" in body


def test_a_hostile_answer_is_text_everywhere(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    evil = '<div x-data x-init="alert(1)"></div><script>alert(1)</script>'
    contact = Contact.objects.create(email="mallory@example.com", name=evil)
    response = answer(survey, evil + " terrible support", score=0)
    Response.objects.filter(pk=response.pk).update(contact=contact, properties={evil: evil})
    Revision.objects.create(response=response, version=1, score=1, comment=evil, answers=[])
    drain()  # type: ignore[operator]
    body = staff_client.get(reverse("staff:response", args=[response.pk])).content.decode()
    assert "<div x-data" not in body and "<script>alert" not in body
    assert body.count("&lt;div x-data") >= 4


def test_five_thousand_characters_and_other_scripts_are_shown(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, ("التطبيق ممتاز 😡 " * 400)[:5000], score=3)
    drain()  # type: ignore[operator]
    page = staff_client.get(reverse("staff:response", args=[response.pk]))
    assert page.status_code == 200 and 'dir="auto"' in page.content.decode()


def test_an_unknown_answer_leads_back_to_the_list(staff_client: Client, db: None) -> None:
    page = staff_client.get(reverse("staff:response", args=[404]), follow=True)
    assert "There is no such response." in page.content.decode()


def test_ids_of_thousands_are_not_written_with_a_comma(
    staff_client: Client, survey: Survey
) -> None:
    first, second = answers(survey, ["one", "two"])
    Response.objects.filter(pk=first.pk).update(id=1_234_567)
    body = staff_client.get(reverse("staff:response", args=[second.pk])).content.decode()
    assert 'data-row="1234567"' in body and "1,234,567" not in body
    Response.objects.filter(pk=second.pk).update(id=2_345_678)
    body = staff_client.get(reverse("staff:response", args=[2_345_678])).content.decode()
    assert 'name="next" value="1234567"' in body


def test_done_goes_on_to_the_next_and_can_be_undone(staff_client: Client, survey: Survey) -> None:
    first, second = answers(survey, ["one", "two"])
    address = reverse("staff:response_seen", args=[second.pk])
    page = staff_client.post(f"{address}?q=o", {"next": str(first.pk)})
    assert page["Location"] == f"/admin/responses/{first.pk}/?q=o"
    assert second.seen.by == "alice"
    staff_client.post(address, {"undo": "1"})
    assert not Seen.objects.exists()


def test_a_correction_counts_at_once_and_can_be_undone(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, GOOD, score=9)
    drain()  # type: ignore[operator]
    address = reverse("staff:response_judge", args=[response.pk])
    staff_client.post(address, {"what": "sentiment", "said": "negative"})
    drain()  # type: ignore[operator]
    reading = Reading.objects.get(response=response)
    assert (reading.sentiment, reading.read_sentiment) == ("negative", "positive")
    assert Tally.objects.filter(facet="sentiment").values_list("key", flat=True)[0] == "negative"
    body = staff_client.get(reverse("staff:response", args=[response.pk])).content.decode()
    assert "alice decided" in body
    staff_client.post(address, {"what": "sentiment", "undo": "1"})
    assert Reading.objects.get(response=response).sentiment == "positive"


def test_a_theme_can_be_taken_away_and_given_back(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, BAD, score=1)
    drain()  # type: ignore[operator]
    address = reverse("staff:response_judge", args=[response.pk])
    staff_client.post(address, {"what": "theme", "key": "support", "said": "no"})
    assert not Mention.objects.exists()
    body = staff_client.get(reverse("staff:response", args=[response.pk])).content.decode()
    assert "support after all" in body
    staff_client.post(address, {"what": "theme", "key": "support", "undo": "1"})
    assert Mention.objects.filter(theme__slug="support").exists()


def test_how_a_theme_is_spoken_of_and_what_is_felt_are_one_press_each(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, "Thank you, great app, but terrible support")
    drain()  # type: ignore[operator]
    address = reverse("staff:response_judge", args=[response.pk])

    def pane() -> str:
        return staff_client.get(reverse("staff:response", args=[response.pk])).content.decode()

    assert ": negative</span>" in pane() and "There is no gratitude in it" in pane()
    staff_client.post(address, {"what": "mention", "key": "support", "said": "neutral"})
    staff_client.post(address, {"what": "emotion", "key": "gratitude", "said": "no"})
    staff_client.post(address, {"what": "emotion", "key": "anger", "said": "yes"})
    assert "alice decided" in pane() and "gratitude after all" in pane()
    assert "There is no anger in it" in pane()
    tones = dict(Mention.objects.values_list("theme__slug", "sentiment"))
    assert tones["support"] == "neutral" and tones["mobile-app"] == "positive"


def test_a_correction_of_words_that_changed_meanwhile_is_not_taken(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, GOOD)
    drain()  # type: ignore[operator]
    Response.objects.filter(pk=response.pk).update(comment=BAD, version=2)
    address = reverse("staff:response_judge", args=[response.pk])
    said = {"what": "sentiment", "said": "positive", "version": "1"}
    page = staff_client.post(address, said, follow=True)
    assert "changed while you were reading" in page.content.decode()
    assert not Verdict.objects.exists()


def test_nonsense_is_refused_with_a_word(staff_client: Client, survey: Survey) -> None:
    response = answer(survey, GOOD)
    address = reverse("staff:response_judge", args=[response.pk])
    page = staff_client.post(address, {"what": "sentiment", "said": "angry"}, follow=True)
    assert page.status_code == 200 and "angry" in page.content.decode()


def test_holding_an_answer_takes_it_out_of_the_score(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    response = answer(survey, "", score=10)
    drain()  # type: ignore[operator]
    address = reverse("staff:response_standing", args=[response.pk])
    staff_client.post(address, {"standing": "quarantined"})
    drain()  # type: ignore[operator]
    assert set(Tally.objects.values_list("facet", flat=True)) == {"quarantined"}
    staff_client.post(address, {"standing": "counted"})
    drain()  # type: ignore[operator]
    assert "all" in set(Tally.objects.values_list("facet", flat=True))


def test_nothing_is_changed_by_looking(staff_client: Client, survey: Survey) -> None:
    response = answer(survey, GOOD)
    for name in ("seen", "judge", "standing"):
        address = reverse(f"staff:response_{name}", args=[response.pk])
        assert staff_client.get(address).status_code == 405
    staff_client.get(reverse("staff:response", args=[response.pk]))
    assert not Seen.objects.exists()


def test_the_page_asks_as_few_queries_of_much_as_of_little(
    staff_client: Client, survey: Survey, drain: object
) -> None:
    answers(survey, [BAD, GOOD], score=2)
    drain()  # type: ignore[operator]
    few = _queries(staff_client)
    answers(survey, [BAD, GOOD] * 40, score=9)
    drain()  # type: ignore[operator]
    assert _queries(staff_client) == few <= 34


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/admin/responses/?survey=relation").status_code == 200
    return len(queries)


def test_days_at_the_ends_of_the_calendar_are_days(staff_client: Client, survey: Survey) -> None:
    answers(survey, ["The app is great"], score=9)
    page = staff_client.get("/admin/responses/?since=0001-01-01&until=9999-12-31")
    assert page.status_code == 200 and "The app is great" in page.content.decode()
