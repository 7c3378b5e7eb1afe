"""Share links and widgets: anybody answers once a visit, within limits, and is an invitation."""

from __future__ import annotations

import re
import threading
import time
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from feedback.models import Response, Revision
from surveys import sharing, tokens
from surveys.models import Invitation, ShareLink, Survey
from surveys.networks import network_of
from surveys.services import close
from surveys.staff.sharing_forms import origin_of
from tests.surveys.worlds import survey

KEYS = {"b": "x" * 40, "a": "y" * 40}


@pytest.fixture
def link(db) -> ShareLink:
    made = sharing.new_share_link(survey(), name="Counter", properties={"place": "Bristol"})
    made.save()
    return made


def visitor(address: str = "192.0.2.1") -> Client:
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=address)


def page_of(link: ShareLink) -> str:
    return f"/{'w' if link.is_widget else 'a'}/{link.code}"


def opened(link: ShareLink, client: Client | None = None) -> str:
    """Open the page; return the start it carries."""
    body = (client or visitor()).get(page_of(link)).content.decode()
    found = re.search(r'name="start" value="([^"]+)"', body)
    assert found, body[:2000]
    return found[1]


def answer(link: ShareLink, score: str = "9", *, client: Client | None = None, **more: str):
    client = client or visitor()
    start = more.pop("start", None) or opened(link, client)
    return client.post(page_of(link), {"score": score, "start": start, **more})


# ---- Answers -----------------------------------------------------------------------------------


def test_an_answer_gets_an_invitation_of_its_channel_with_the_facts_of_the_place(link):
    Survey.objects.update(touchpoint="after a visit")
    posted = answer(link, "9", comment="Quick and kind.")
    assert posted.status_code == 303
    row = Response.objects.select_related("invitation").get()
    assert (row.score, row.comment, row.channel) == (9, "Quick and kind.", "link")
    assert row.contact is None and row.properties == {"place": "Bristol"}
    assert row.touchpoint == "after a visit"  # the survey's; the place names none
    assert row.invitation.share_link == link and row.invitation.state == "open"
    assert row.invitation.opened_at and row.invitation.answered_at
    thanks = visitor().get(posted["Location"])
    assert "Change my answer" in thanks.content.decode()
    link.refresh_from_db()
    assert link.answers == 1 and link.last_answer_at


def test_a_shared_tablet_remembers_nobody_and_goes_on_with_the_next_person(link):
    assert "answered-as" in visitor().get(page_of(link)).content.decode()
    ShareLink.objects.update(is_once=False)
    thanks = visitor().get(answer(link)["Location"]).content.decode()
    assert f'href="{page_of(link)}">Next person' in thanks
    assert "answered-as" not in thanks


def test_a_link_without_a_rate_cannot_be_stored(link):
    with pytest.raises(IntegrityError):
        ShareLink.objects.update(per_hour=0)


def test_opening_writes_nothing_at_all(link, django_assert_num_queries):
    for method in ("get", "head"):
        with django_assert_num_queries(1):
            assert getattr(visitor(), method)(page_of(link)).status_code == 200
    assert not Invitation.objects.exists()


def test_sending_twice_changes_one_answer(link):
    client = visitor()
    start = opened(link, client)
    answer(link, "9", client=client, start=start)
    answer(link, "3", client=client, start=start, comment="On second thoughts")
    row = Response.objects.get()
    assert (row.score, row.version) == (3, 2)
    assert Revision.objects.get().score == 9
    link.refresh_from_db()
    assert link.answers == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_sent_sixteen_times_at_once_is_one_answer(link):
    start, answers = opened(link), []

    def post() -> None:
        answers.append(answer(link, "8", start=start).status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 16
    link.refresh_from_db()
    assert Response.objects.count() == Invitation.objects.count() == link.answers == 1


@pytest.mark.parametrize("start", ["", "x", "forged"])
def test_an_answer_without_its_page_is_asked_to_send_again_and_loses_nothing(link, start):
    if start == "forged":
        start = opened(link)[:-2] + "xx"
    posted = visitor().post(page_of(link), {"score": "9", "comment": "Kept", "start": start})
    assert posted.status_code == 422
    body = posted.content.decode()
    assert "Kept" in body and "Please send it once more" in body
    fresh = re.search(r'name="start" value="([^"]+)"', body)[1]
    assert answer(link, start=fresh).status_code == 303


def test_a_start_is_good_for_its_link_only_and_for_a_day(link, monkeypatch):
    other = sharing.new_share_link(link.survey, name="Other")
    other.save()
    assert answer(other, start=opened(link)).status_code == 422
    start = opened(link)
    later = time.time() + 25 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert answer(link, start=start).status_code == 422


def test_a_score_off_the_scale_and_a_filled_trap_are_not_stored(link):
    assert answer(link, "11").status_code == 422
    assert answer(link, "9", website="https://spam.example").status_code == 422
    assert not Invitation.objects.exists()


def test_the_browser_s_language_is_spoken_and_kept(link):
    client = visitor()
    from surveys import translating

    translating.add(link.survey, "de")
    translating.set_open(link.survey, "de", is_open=True)
    german = {"accept-language": "de-AT"}
    body = client.get(page_of(link), headers=german).content.decode()
    assert "Antwort senden" in body and "Wie wahrscheinlich" in body
    start = re.search(r'name="start" value="([^"]+)"', body)[1]
    client.post(page_of(link), {"score": "9", "start": start}, headers=german)
    assert Response.objects.get().language == "de"


# ---- Limits ------------------------------------------------------------------------------------


def test_the_cap_is_kept_exactly(link):
    ShareLink.objects.update(most_answers=2)
    start = opened(link)  # a page opened before it is full
    assert [answer(link).status_code for _ in range(2)] == [303, 303]
    assert answer(link, start=start).status_code == 410
    full = visitor().get(page_of(link))
    assert full.status_code == 410 and "enough people" in full.content.decode()
    assert Response.objects.count() == Invitation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_cap_is_kept_in_a_rush(link):
    ShareLink.objects.update(most_answers=3)
    starts = [opened(link) for _ in range(10)]

    def post(start: str) -> None:
        answer(link, start=start)
        connection.close()

    threads = [threading.Thread(target=post, args=[start]) for start in starts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    link.refresh_from_db()
    assert Response.objects.count() == Invitation.objects.count() == link.answers == 3


def test_no_write_passes_the_cap(link):
    ShareLink.objects.update(most_answers=1, answers=1)
    with pytest.raises(IntegrityError):
        ShareLink.objects.update(answers=2)


def test_one_network_is_paced_and_others_are_not(link):
    ShareLink.objects.update(per_hour=2)
    assert [answer(link).status_code for _ in range(2)] == [303, 303]
    refused = answer(link, "1", comment="Never again")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 1800
    assert "send yours again in 30 minutes" in refused.content.decode()
    assert answer(link, client=visitor("198.51.100.7")).status_code == 303
    assert Response.objects.count() == 3


def test_changing_an_answer_is_never_paced(link):
    ShareLink.objects.update(per_hour=1)
    start = opened(link)
    assert [answer(link, s, start=start).status_code for s in "9876"] == [303] * 4


def test_a_link_that_is_off_or_whose_survey_closed_takes_nothing(link):
    start = opened(link)
    ShareLink.objects.update(is_open=False)
    assert answer(link, start=start).status_code == 410
    assert visitor().get(page_of(link)).status_code == 410
    ShareLink.objects.update(is_open=True)
    close(link.survey)
    assert answer(link, start=start).status_code == 410
    assert not Invitation.objects.exists()


def test_unknown_codes_and_the_wrong_door_look_alike(link):
    assert visitor().get("/a/nothing").status_code == 404
    assert visitor().get(f"/w/{link.code}").status_code == 404
    assert visitor().get(f"/w/{link.code}.js").status_code == 404


def test_no_address_is_kept(link):
    from surveys.models import Rate

    answer(link, client=visitor("203.0.113.77"))
    assert "203.0.113" not in str(list(Rate.objects.values())) + str(
        list(Invitation.objects.values())
    )


def test_networks(settings):
    def name(address: str, forwarded: str = "") -> str:
        headers = {"x-forwarded-for": forwarded} if forwarded else {}
        return network_of(RequestFactory(REMOTE_ADDR=address).get("/", headers=headers))

    assert name("192.0.2.1") != name("192.0.2.2")
    assert name("2001:db8::1") == name("2001:db8::ffff") != name("2001:db8:0:1::1")
    assert name("::ffff:192.0.2.1") == name("192.0.2.1")
    assert name("192.0.2.1", "9.9.9.9") == name("192.0.2.1")  # no proxy: the header is a claim
    settings.TRUSTED_PROXIES = 1
    assert name("10.0.0.1", "9.9.9.9, 192.0.2.1") == name("10.0.0.2", "8.8.8.8, 192.0.2.1")


@examples(deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_a_start(text):
    assert tokens.read_start(KEYS, text, purpose="code") is None


@examples(deadline=None)
@given(st.floats(0, 4e9), st.text(max_size=20), st.integers(0, 60), st.characters())
def test_a_start_is_read_back_and_no_change_of_it_is(now, purpose, at, letter):
    text = tokens.new_start(KEYS, purpose=purpose, now=now)
    found = tokens.read_start(KEYS, text, purpose=purpose)
    assert found and found.at == int(now) and len(found.nonce) == 16
    assert tokens.read_start(KEYS, text, purpose=purpose + "x") is None
    changed = text[:at] + letter + text[at + 1 :]
    if changed != text:
        read = tokens.read_start(KEYS, changed, purpose=purpose)
        assert read is None


# ---- Widgets -----------------------------------------------------------------------------------


@pytest.fixture
def widget(db) -> ShareLink:
    made = sharing.new_share_link(
        survey("in-shop"), channel="widget", name="Shop", origins=["https://shop.example.com"]
    )
    made.save()
    return made


def test_the_script_is_small_and_the_frame_stands_on_named_websites_only(widget):
    script = visitor().get(f"/w/{widget.code}.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert len(script.content) < 5000
    assert not script.cookies
    assert b"eval(" not in script.content and b'setAttribute("style"' not in script.content
    for page in (visitor().get(page_of(widget)), visitor().get(answer(widget)["Location"])):
        assert "frame-ancestors https://shop.example.com" in page["Content-Security-Policy"]
        assert "X-Frame-Options" not in page
    assert Response.objects.get().channel == "widget"


def test_other_pages_stay_out_of_frames(link, widget):
    for page in (visitor().get(page_of(link)), visitor().get(answer(link)["Location"])):
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"


def test_the_script_speaks_the_reader_s_language_and_hides_what_is_off(widget):
    german = visitor().get(f"/w/{widget.code}.js", headers={"accept-language": "de"})
    assert "Feedback geben" in german.content.decode() and german["Vary"] == "Accept-Language"
    assert "Donner votre avis" in visitor().get(f"/w/{widget.code}.js?lang=fr").content.decode()
    ShareLink.objects.update(is_open=False)
    assert visitor().get(f"/w/{widget.code}.js").content == b""


def test_an_owner_s_words_cannot_leave_the_script_s_string(widget):
    ShareLink.objects.update(label="</script><script>alert(1)")
    script = visitor().get(f"/w/{widget.code}.js").content.decode()
    assert "</script>" not in script


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example.com/", "https://shop.example.com"),
        ("shop.example.com", "https://shop.example.com"),
        ("https://Shop.Example.com:443/a?b", "https://shop.example.com"),
        ("https://shop.example.com:8443", "https://shop.example.com:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_origins(text, origin):
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    "text",
    ["http://shop.example.com", "*", "https://*", "https://*.example.com", "ftp://a.example", "x",
     "https://a.example; script-src *", "https://", "https://a b.example", "javascript:alert(1)",
     "https://me:pw@a.example", "https://a.example:99999", "'self'"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ValidationError):
        origin_of(text)


# ---- The staff pages ---------------------------------------------------------------------------


def test_staff_make_a_share_link_take_its_code_and_switch_it_off(staff_client):
    asks = survey()
    new = reverse("staff:share-link-new", args=[asks.slug, "link"])
    assert "New share link" in staff_client.get(new).content.decode()
    said = {"name": "Counter", "per_hour": "30", "is_once": "on", "facts": "Place = Bristol"}
    body = staff_client.post(new, said, follow=True).content.decode()
    made = ShareLink.objects.get()
    assert f"/a/{made.code}" in body and made.properties == {"place": "Bristol"}
    code = staff_client.get(reverse("staff:share-code", args=[asks.slug, made.pk]))
    assert code["Content-Type"] == "image/svg+xml" and b"<path" in code.content
    poster = staff_client.get(reverse("staff:share-poster", args=[asks.slug, made.pk]))
    assert "How likely are you" in poster.content.decode()
    staff_client.post(reverse("staff:share-switch", args=[asks.slug, made.pk]), {"do": "close"})
    made.refresh_from_db()
    assert not made.is_open
    assert (
        "off" in staff_client.get(reverse("staff:share-links", args=[asks.slug])).content.decode()
    )


def test_staff_make_a_widget_for_their_websites(staff_client):
    asks = survey()
    new = reverse("staff:share-link-new", args=[asks.slug, "widget"])
    refused = staff_client.post(new, {"name": "Shop", "per_hour": "30", "websites": "*"})
    assert refused.status_code == 422 and "no website address" in refused.content.decode()
    said = {"name": "Shop", "per_hour": "30", "websites": "https://shop.example.com/cart"}
    body = unescape(staff_client.post(new, said, follow=True).content.decode())
    made = ShareLink.objects.get()
    assert made.origins == ["https://shop.example.com"]
    assert f'/w/{made.code}.js" defer></script>' in body
    assert "frame-src http" in body
    edit = reverse("staff:share-link", args=[asks.slug, made.pk])
    staff_client.post(edit, {**said, "opens_after": "20", "label": "Tell us"})
    made.refresh_from_db()
    assert (made.opens_after, made.label) == (20, "Tell us")


def test_a_link_that_was_answered_cannot_be_taken_away(link, staff_client):
    answer(link)
    switch = reverse("staff:share-switch", args=[link.survey.slug, link.pk])
    staff_client.post(switch, {"do": "remove"})
    assert ShareLink.objects.exists()
