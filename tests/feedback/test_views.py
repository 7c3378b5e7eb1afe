"""The customer's way: open, answer, add, change; and everything that can go wrong on it."""

from __future__ import annotations

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from feedback import views
from feedback.models import Answer, LinkOpen, Response, Revision
from feedback.opens import MOST
from feedback.public import PublicPagesMiddleware
from outbox.models import Job
from surveys.models import BandText, Brand, Choice, Invitation, Question
from surveys.scales import SCALES
from surveys.services import close, go_live, token_of
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db


def link(asks=None, **fields) -> str:
    whom = fields.pop("whom", None) or contact("amira", name="Amira Haddad")
    return f"/s/{token_of(invitation(asks or survey(), whom, **fields))}"


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


# ---- Opening the link ----------------------------------------------------------------


def test_the_page_asks_the_question_with_nothing_chosen(client):
    answer = client.get(link())
    page = words(answer)
    assert answer.status_code == 200
    assert "How likely are you to recommend Kestrel Ledger" in page
    assert page.count('type="radio"') == 11
    assert " checked" not in page
    assert "Hello Amira," in page


def test_a_score_from_the_mail_is_chosen_and_can_be_changed(client):
    page = words(client.get(link() + "?score=9"))
    assert 'value="9" checked' in page and page.count(" checked") == 1
    assert "You picked 9 in our email" in page


@pytest.mark.parametrize("score", ["11", "-1", "x", "9.5", "９", "", "99999999999", "9%00"])
def test_a_wrong_score_in_the_address_chooses_nothing(client, score):
    answer = client.get(f"{link()}?score={score}")
    assert answer.status_code == 200
    assert " checked" not in words(answer)


@pytest.mark.parametrize("kind", SCALES)
def test_every_kind_of_survey_draws_its_scale(client, kind):
    scale = SCALES[kind]
    page = words(client.get(f"{link(survey(kind=kind))}?score={scale.high}"))
    assert page.count('name="score" id=') == len(scale.scores)
    assert re.search(rf'value="{scale.high}"[^>]* checked', page)
    for label in scale.labels:
        assert str(label) in page


def test_opening_writes_evidence_and_no_answer(client):
    address = link()
    client.get(f"{address}?score=9", headers={"User-Agent": "Scanner/1.0\x01"})
    client.head(address, headers={"User-Agent": ""})
    opens = LinkOpen.objects.values_list("method", "score", "agent")
    assert list(opens) == [("GET", 9, "Scanner/1.0"), ("HEAD", None, "")]
    assert Response.objects.count() == Job.objects.count() == 0
    assert Invitation.objects.get().opened_at


def test_only_looking_at_the_headers_is_no_opening(client):
    client.head(link())
    assert Invitation.objects.get().opened_at is None


def test_evidence_is_capped(client):
    address = link()
    row = Invitation.objects.get()
    LinkOpen.objects.bulk_create(
        LinkOpen(invitation=row, method="GET", at=timezone.now()) for _ in range(MOST)
    )
    assert client.get(address).status_code == 200
    assert LinkOpen.objects.count() == MOST


def test_a_scanner_that_opens_every_score_link_votes_for_nothing(client):
    address = link()
    for score in range(11):
        client.get(f"{address}?score={score}")
        client.head(f"{address}?score={score}")
    assert Response.objects.count() == 0


def test_the_page_takes_no_cookie_and_sets_none(client):
    client.cookies["sessionid"] = "stolen"
    answer = client.get(link())
    assert not answer.cookies
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["", "/thanks", "/unsubscribe"])
def test_every_customer_page_is_protected_by_its_headers(client, path):
    answer = client.get(link() + path)
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert answer["X-Frame-Options"] == "DENY"
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_other_methods_are_refused_with_what_is_allowed(client):
    answer = client.put(link(), b"x")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


# ---- Answering -----------------------------------------------------------------------


def test_an_answer_is_stored_and_leads_to_the_thanks(client):
    address = link()
    answer = client.post(address, {"score": "9", "comment": " Fast!\r\n"})
    assert (answer.status_code, answer["Location"]) == (303, f"{address}/thanks")
    response = Response.objects.get()
    assert (response.score, response.comment, response.language) == (9, "Fast!", "en")
    assert Job.objects.filter(kind="read").count() == 1
    page = words(client.get(f"{address}/thanks"))
    assert "Thank you. That made our day." in page
    assert "Fast!" in page and ">9<" in page


def test_double_click_reload_and_back_are_one_answer(client):
    address = link()
    for _ in range(3):
        client.post(address, {"score": "9", "comment": "Fast"})
        client.get(f"{address}/thanks")
    assert Response.objects.count() == 1
    assert Revision.objects.count() == 0


def test_before_an_answer_there_is_no_thanks_page(client):
    address = link()
    answer = client.get(f"{address}/thanks")
    assert (answer.status_code, answer["Location"]) == (303, address)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_plain", [True, False])
def test_sixty_posts_at_once_make_one_response(is_plain):
    address = link()
    start = threading.Barrier(12)

    def post(number: int) -> int:
        if number < 12:
            start.wait(timeout=20)
        body = {"score": str(number % 11), "comment": "" if is_plain else f"number {number}"}
        try:
            return Client().post(address + ("" if is_plain else "?lang=en"), body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(post, range(60)))
    assert set(statuses) == {303}
    response = Response.objects.get()
    assert response.version == 1 + Revision.objects.count()


# ---- Errors --------------------------------------------------------------------------


def test_without_a_score_the_form_comes_back_with_the_words(client):
    answer = client.post(link(), {"comment": "It is <b>slow</b>"})
    page = words(answer)
    assert answer.status_code == 422
    assert 'role="alert"' in page and 'href="#score-0"' in page
    assert "Choose a number from 0 to 10" in page
    assert "Your comment is still here." in page
    assert "It is &lt;b&gt;slow&lt;/b&gt;" in page
    assert "<title>Error:" in page
    assert Response.objects.count() == 0


@pytest.mark.parametrize("score", ["11", "-1", "100", "9999"])
def test_a_score_off_the_scale_is_said_to_be(client, score):
    answer = client.post(link(), {"score": score})
    assert answer.status_code == 422
    assert f"{score} is not on this scale." in words(answer)


@pytest.mark.parametrize("score", ["nine", "９", "9.0", " 9", "1e1", "9\0", "٩"])
def test_what_is_no_number_is_no_score(client, score):
    assert client.post(link(), {"score": score}).status_code == 422
    assert Response.objects.count() == 0


def test_a_score_of_another_scale_is_refused(client):
    answer = client.post(link(survey(kind="csat")), {"score": "9"})
    assert answer.status_code == 422
    assert 'href="#score-1"' in words(answer)


def test_a_comment_that_is_too_long_is_kept_and_measured(client):
    answer = client.post(link(), {"score": "3", "comment": "a" * 10_000})
    page = words(answer)
    assert answer.status_code == 422
    assert "10,000 characters and 5,000 fit. Please take out 5,000." in page
    assert "a" * 10_000 in page
    assert 'value="3" checked' in page
    assert Response.objects.count() == 0


def test_the_longest_comment_of_the_widest_characters_fits(client):
    assert client.post(link(), {"score": "3", "comment": "🙂" * 5000}).status_code == 303
    assert len(Response.objects.get().comment) == 5000


def test_a_body_beyond_the_limit_is_answered_by_a_page(client, settings):
    answer = client.post(link(), {"score": "9", "comment": "🙂" * 40_000})
    assert answer.status_code == 413
    assert "Nothing is lost" in words(answer) and "5,000 characters" in words(answer)


def test_a_filled_trap_asks_to_send_once_more_and_keeps_everything(client):
    answer = client.post(link(), {"score": "9", "comment": "Fine", "website": "spam"})
    page = words(answer)
    assert answer.status_code == 422
    assert "Please send it once more" in page and "Fine" in page and 'value="9" checked' in page
    assert "spam" not in page
    assert Response.objects.count() == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9", "x"])
def test_a_post_from_another_site_is_refused(client, origin):
    answer = client.post(link(), {"score": "0"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert Response.objects.count() == 0


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://testserver", "null"])
def test_our_own_origin_or_a_hidden_one_is_fine(client, origin):
    assert client.post(link(), {"score": "9"}, headers={"Origin": origin}).status_code == 303


@pytest.mark.parametrize(
    "body",
    [
        b"score=9&comment=\xff\xfe\xfa broken",
        b"score=9&comment=%FF%00%ED%A0%80",
        b"score=9&comment=" + quote("نعم да 好 🙂‍🧑 e\u0301\u202e").encode(),
        b"score=9&comment=a%0Bb%1B[31mred%7F",
        b"score=9&score=3",
        b"score=9&" + b"x=1&" * 50,
    ],
)
def test_odd_bytes_are_no_trouble(client, body):
    answer = client.post(link(), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    comment = Response.objects.get().comment
    assert "\0" not in comment and "\x1b" not in comment


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/x-www-form-urlencoded", 422),
        (b'{"score": 9}', "application/json", 422),
        (b"score=9", "application/x-www-form-urlencoded; charset=utf-7", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"x", "multipart/form-data", 422),
        (b"a&" * 3000, "application/x-www-form-urlencoded", 400),
    ],
)
def test_unreadable_bodies_get_a_page(client, body, content_type, status):
    answer = client.post(link(), body, content_type=content_type)
    assert answer.status_code == status
    assert "<h1" in words(answer)


class NothingBreaksThePage(TestCase):
    @given(st.dictionaries(st.sampled_from(["score", "comment", "version", "website", "q1"]),
                           st.text(max_size=40)))  # fmt: skip
    @hypothesis_settings(max_examples=75, deadline=None)
    def test_any_form_gets_an_answer(self, form):
        answer = Client().post(link(), form)
        assert answer.status_code in (303, 422)
        assert (answer.status_code == 303) == Response.objects.exists()

    @given(st.binary(max_size=200))
    @hypothesis_settings(max_examples=50, deadline=None)
    def test_any_bytes_get_an_answer(self, body):
        answer = Client().post(link(), body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (303, 400, 422)


def test_a_database_in_trouble_is_said_in_words(client, monkeypatch):
    address = link()

    def broken(*_: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(views, "store_plain_answer", broken)
    monkeypatch.setattr(views, "submit", broken)
    answer = client.post(address, {"score": "9"})
    assert answer.status_code == 503
    assert "your words are still there" in words(answer)


# ---- Links that take no answer -------------------------------------------------------


def test_wrong_and_unknown_links_get_the_same_answer(client):
    real = link()
    pages = [
        client.get(f"/s/{token}")
        for token in ("x", real[3:-1] + ("A" if real[-1] != "A" else "B"), "a" * 500, "%00", "ä")
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert "We can’t find this survey" in words(pages[0])
    assert "Kestrel" not in words(pages[0])


@pytest.mark.parametrize("path", ["/s/", "/s/x/y/z", "/s", "/b/"])
def test_addresses_beside_the_pages_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_closed_survey_is_gone_with_a_way_to_write(client):
    Brand.objects.create(name="Kestrel Ledger", reply_to="care@kestrel.example")
    asks = survey()
    address = link(asks)
    close(asks)
    for answer in (client.get(address), client.post(address, {"score": "9"})):
        assert answer.status_code == 410
        assert "This survey has closed" in words(answer)
        assert "mailto:care@kestrel.example" in words(answer)
    assert Response.objects.count() == 0


def test_a_survey_past_its_closing_time_says_when_it_closed(client):
    address = link(survey(closes_at=timezone.now() - timedelta(days=1)))
    assert "We stopped collecting answers on" in words(client.get(address))
    assert client.post(address, {"score": "9"}).status_code == 410


def test_a_draft_is_not_open(client):
    address = link(survey(live=False))
    for answer in (client.get(address), client.post(address, {"score": "9"})):
        assert (answer.status_code, "This survey is not open" in words(answer)) == (410, True)


def test_an_expired_link_is_gone(client):
    row = invitation(survey(), contact("amira"))
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    address = f"/s/{token_of(row)}"
    for answer in (client.get(address), client.post(address, {"score": "9"})):
        assert (answer.status_code, "This link has run out" in words(answer)) == (410, True)
    assert Response.objects.count() == 0


def test_a_survey_that_closes_between_page_and_post_keeps_nothing(client, monkeypatch):
    asks = survey()
    address = link(asks)
    monkeypatch.setattr(views, "check_open", lambda *_, **__: close(asks))
    assert client.post(address, {"score": "9", "version": "1"}).status_code == 410


# ---- Answered already: look, change, add ---------------------------------------------


def test_a_used_link_shows_the_answer_and_offers_a_change(client):
    address = link()
    client.post(address, {"score": "9", "comment": "Fast"})
    page = words(client.get(address))
    assert "You have already answered" in page
    assert f'href="{address}?change=1"' in page


def test_another_score_clicked_in_the_mail_travels_to_the_change(client):
    address = link()
    client.post(address, {"score": "9"})
    assert f'href="{address}?change=1&amp;score=3"' in words(client.get(f"{address}?score=3"))
    page = words(client.get(f"{address}?change=1&score=3"))
    assert 'value="3" checked' in page
    assert Response.objects.get().score == 9


def test_a_change_is_a_revision_and_the_former_is_kept(client):
    address = link()
    client.post(address, {"score": "9", "comment": "Fast"})
    page = words(client.get(f"{address}?change=1"))
    assert 'value="9" checked' in page and "Fast" in page and 'name="version" value="1"' in page
    client.post(address, {"score": "4", "comment": "Slow now", "version": "1"})
    response, revision = Response.objects.get(), Revision.objects.get()
    assert (response.score, response.comment, response.version) == (4, "Slow now", 2)
    assert (revision.score, revision.comment) == (9, "Fast")
    assert Job.objects.filter(kind="read").count() == 2


def test_words_are_erased_only_by_a_page_that_showed_them(client):
    address = link()
    client.post(address, {"score": "9", "comment": "Fast"})
    client.post(address, {"score": "3"})  # an old tab, opened before the comment was there
    assert Response.objects.get().comment == "Fast"
    client.post(address, {"score": "3", "comment": "", "version": "2"})
    assert Response.objects.get().comment == ""
    assert Revision.objects.filter(comment="Fast").exists()


def test_after_closing_the_answer_can_be_looked_at_but_not_changed(client):
    asks = survey()
    address = link(asks)
    client.post(address, {"score": "9", "comment": "Fast"})
    close(asks)
    answer = client.get(f"{address}/thanks")
    assert answer.status_code == 200
    assert "Fast" in words(answer) and "Change my answer" not in words(answer)
    assert "<textarea" not in words(answer)
    assert client.post(f"{address}/thanks", {"comment": "x"}).status_code == 410
    assert client.post(address, {"score": "1"}).status_code == 410


def test_an_expired_link_shows_nobody_the_answer(client):
    address = link()
    client.post(address, {"score": "9", "comment": "Private"})
    Invitation.objects.update(expires_at=timezone.now())
    answer = client.get(f"{address}/thanks")
    assert (answer.status_code, "Private" in words(answer)) == (410, False)


# ---- The thanks page asks the rest ---------------------------------------------------


@pytest.fixture
def rich():
    """A survey with one question of each kind; the free text is for promoters."""
    asks = survey(live=False)
    about = Question.objects.create(survey=asks, position=1, kind="many_choices", text="About?")
    for text in ("Price", "Speed", "People"):
        Choice.objects.create(question=about, text=text)
    ease = Question.objects.create(survey=asks, position=2, kind="scale", text="How easy?")
    long = Question.objects.create(survey=asks, position=3, kind="one_choice", text="How long?")
    for text in ("A year", "Longer"):
        Choice.objects.create(question=long, text=text)
    miss = Question.objects.create(
        survey=asks, position=4, kind="free_text", text="What would you miss?", bands=["promoter"]
    )
    BandText.objects.create(
        survey=asks, band="promoter", thanks="You rock.", comment_prompt="What is best?",
        link_text="Review us", link_url="https://guide.example/",
    )  # fmt: skip
    go_live(asks)
    asks.refresh_from_db()
    return asks, {"about": about, "ease": ease, "long": long, "miss": miss}


def first_choice(question: Question) -> int:
    return question.choices.order_by("id").first().pk


def test_the_bands_words_and_questions_follow_the_score(client, rich):
    asks, _ = rich
    promoter = link(asks)
    client.post(promoter, {"score": "10"})
    page = words(client.get(f"{promoter}/thanks"))
    for said in ("You rock.", "What is best?", "What would you miss?", "About?", "Review us"):
        assert said in page
    detractor = link(asks, whom=contact("ben"))
    client.post(detractor, {"score": "2"})
    page = words(client.get(f"{detractor}/thanks"))
    assert "What would you miss?" not in page and "Review us" not in page
    assert "Thank you for being honest." in page


def test_who_wrote_a_comment_is_not_asked_for_one_again(client):
    address = link()
    client.post(address, {"score": "9", "comment": "Fast"})
    assert "<textarea" not in words(client.get(f"{address}/thanks"))


def test_the_rest_is_stored_beside_the_score(client, rich):
    asks, q = rich
    address = link(asks)
    client.post(address, {"score": "10"})
    price = first_choice(q["about"])
    answer = client.post(
        f"{address}/thanks",
        {
            "comment": "The people",
            "asked": [f"q{question.pk}" for question in q.values()],
            f"q{q['about'].pk}": [price, price + 1],
            f"q{q['ease'].pk}": "5",
            f"q{q['long'].pk}": first_choice(q["long"]),
            f"q{q['miss'].pk}": "The reports",
        },
    )
    assert (answer.status_code, answer["Location"]) == (303, f"{address}/thanks?done=1")
    response = Response.objects.get()
    assert (response.score, response.comment) == (10, "The people")
    assert Answer.objects.count() == 5
    page = words(client.get(f"{address}/thanks?done=1"))
    for said in ("The people", "Price", "5 / 5", "A year", "The reports"):
        assert said in page
    assert "<form class" not in page


def test_a_changed_score_keeps_the_other_answers(client, rich):
    asks, q = rich
    address = link(asks)
    client.post(address, {"score": "10"})
    client.post(f"{address}/thanks", {"asked": f"q{q['miss'].pk}", f"q{q['miss'].pk}": "Reports"})
    client.post(address, {"score": "2", "comment": "Hm", "version": "2"})
    assert Answer.objects.get().text == "Reports"


def test_questions_a_page_did_not_show_keep_their_answers(client, rich):
    asks, q = rich
    address = link(asks)
    client.post(address, {"score": "10"})
    ease = f"q{q['ease'].pk}"
    client.post(f"{address}/thanks", {"asked": ease, ease: "4"})
    client.post(f"{address}/thanks", {"comment": "More"})
    assert Answer.objects.get().number == 4
    client.post(f"{address}/thanks", {"asked": ease})  # shown, and now left empty
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("which", "value", "says"),
    [
        ("ease", "6", "Choose a number from 1 to 5"),
        ("ease", "x", "Choose a number from 1 to 5"),
        ("long", "999999", "Choose among the answers shown."),
        ("about", "x", "Choose among the answers shown."),
        ("miss", "a" * 5001, "5,001 characters and 5,000 fit"),
    ],
)
def test_wrong_answers_come_back_with_the_rest_kept(client, rich, which, value, says):
    asks, q = rich
    address = link(asks)
    client.post(address, {"score": "10"})
    answer = client.post(f"{address}/thanks", {"comment": "Kept words", f"q{q[which].pk}": value})
    page = words(answer)
    assert answer.status_code == 422
    assert says in page and "Kept words" in page and 'role="alert"' in page
    assert not Answer.objects.exists()


def test_sending_nothing_more_is_fine(client, rich):
    address = link(rich[0])
    client.post(address, {"score": "10"})
    assert client.post(f"{address}/thanks", {}).status_code == 303
    assert Response.objects.get().version == 1


# ---- Language ------------------------------------------------------------------------


def test_language_is_asked_then_the_contacts_then_the_surveys(client):
    asks = survey(language="de")
    assert '<html lang="de"' in words(client.get(link(asks)))
    french = link(asks, whom=contact("fleur", language="fr"))
    assert '<html lang="fr"' in words(client.get(french))
    assert '<html lang="es"' in words(client.get(f"{french}?lang=es"))
    assert '<html lang="fr"' in words(client.get(f"{french}?lang=xx"))
    polish = link(asks, whom=contact("pawel", language="pl"))
    assert '<html lang="de"' in words(client.get(polish))


def test_an_unknown_link_speaks_the_browsers_language(client):
    page = client.get("/s/x", headers={"Accept-Language": "pl, ar;q=0.8, en;q=0.5"})
    assert '<html lang="ar" dir="rtl">' in words(page)


def test_an_arabic_page_runs_from_right_to_left(client):
    assert '<html lang="ar" dir="rtl">' in words(client.get(f"{link()}?lang=ar"))


def test_words_of_another_language_are_marked(client):
    page = words(client.get(f"{link()}?lang=ar"))
    assert '<h1 lang="en" dir="ltr">' in page


def test_the_chosen_language_stays_and_is_stored_with_the_answer(client):
    address = link()
    page = words(client.get(f"{address}?lang=fr&score=9"))
    assert f'action="{address}?lang=fr"' in page
    assert '<input type="hidden" name="score" value="9">' in page
    answer = client.post(f"{address}?lang=fr", {"score": "9"})
    assert answer["Location"] == f"{address}/thanks?lang=fr"
    assert Response.objects.get().language == "fr"


@pytest.mark.parametrize("accept", ["", "*", ";;;", "en-", "a" * 2000, "\x01", "de;q=x"])
def test_any_accept_language_header_is_survived(client, accept):
    assert client.get("/s/x", headers={"Accept-Language": accept}).status_code == 404


def test_a_scanner_that_asks_for_the_head_alone_gets_no_body():
    request = RequestFactory(SERVER_NAME="localhost").head(link())
    answer = PublicPagesMiddleware(lambda request: None)(request)  # the test client hides bodies
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer["Content-Length"]) > 1000


# ---- Cost ----------------------------------------------------------------------------


def test_an_answer_costs_few_queries(client, django_assert_max_num_queries):
    address = link()
    client.get(address)
    with django_assert_max_num_queries(int(os.environ.get("SUBMIT_QUERIES", "6"))):
        client.post(address, {"score": "9", "comment": "Fast"})


def test_drawing_the_page_costs_few_queries(client, rich, django_assert_max_num_queries):
    address = link(rich[0])
    client.get(address)
    with django_assert_max_num_queries(5):
        client.get(address)
