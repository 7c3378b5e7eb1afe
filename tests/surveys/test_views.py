"""Stopping mail, the brand's colours and logo, the preview and the embedded mailbox."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from surveys.brand import stylesheet_name
from surveys.mail import send_test
from surveys.models import Brand, Suppression
from surveys.services import close, is_suppressed, suppress, token_of
from surveys.views import masked
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.django_db
EMAIL = "amira@example.com"


@pytest.fixture
def stop_url():
    return f"/s/{token_of(invitation(survey(), contact('amira')))}/unsubscribe"


# ---- Unsubscribe -------------------------------------------------------------------------


def test_looking_at_the_page_changes_nothing(client, stop_url):
    for method in (client.get, client.head) * 20:
        assert method(stop_url).status_code == 200
    assert not is_suppressed(EMAIL)


def test_the_page_has_one_button_and_shows_no_whole_address(client, stop_url):
    page = client.get(stop_url).content.decode()
    assert page.count('class="go"') == 1
    assert EMAIL not in page
    assert "am•••@example.com" in page


def test_the_button_acts_at_once_and_offers_a_way_back(client, stop_url):
    answer = client.post(stop_url, {"do": "stop"})
    assert answer.status_code == 200
    assert is_suppressed(EMAIL)
    assert "That was a mistake" in answer.content.decode()
    back = client.post(stop_url, {"do": "keep"})
    assert not is_suppressed(EMAIL)
    assert "You stay on the list" in back.content.decode()


def test_one_click_from_a_mail_program_needs_nothing_but_the_post(client, stop_url):
    answer = client.post(
        stop_url,
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert not answer.cookies
    suppression = Suppression.objects.get(email=EMAIL)
    assert (suppression.reason, suppression.source) == ("unsubscribed", "one-click")


def test_one_click_as_multipart_works_too(client, stop_url):
    assert client.post(stop_url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert is_suppressed(EMAIL)


def test_stopping_twice_is_one_suppression(client, stop_url):
    client.post(stop_url)
    client.post(stop_url)
    assert Suppression.objects.count() == 1


def test_coming_back_later_shows_that_it_is_stopped(client, stop_url):
    client.post(stop_url)
    assert "no more survey emails" in client.get(stop_url).content.decode()


@pytest.mark.parametrize("reason", ["bounced", "complained", "by_staff"])
def test_nobody_takes_back_what_was_not_their_own_doing(client, stop_url, reason):
    suppress(EMAIL, reason=reason, source="test")
    client.post(stop_url, {"do": "keep"})
    assert is_suppressed(EMAIL)


def test_it_works_when_the_link_has_run_out_and_the_survey_is_closed(client):
    asks = survey()
    row = invitation(asks, contact("amira"))
    row.expires_at = timezone.now()
    row.save()
    close(asks)
    assert client.post(f"/s/{token_of(row)}/unsubscribe").status_code == 200
    assert is_suppressed(EMAIL)


def test_an_erased_person_gets_an_answer_too(client):
    row = invitation(survey(), None)
    assert client.get(f"/s/{token_of(row)}/unsubscribe").status_code == 200
    assert client.post(f"/s/{token_of(row)}/unsubscribe").status_code == 200
    assert not Suppression.objects.exists()


def test_an_unknown_link_stops_nobody(client):
    assert client.post("/s/aaaaaaaaaaaaaaaaaaaaaaa/unsubscribe").status_code == 404


def test_a_foreign_site_cannot_stop_mail(client, stop_url):
    answer = client.post(stop_url, {"do": "stop"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not is_suppressed(EMAIL)


@pytest.mark.parametrize(
    ("email", "shown"),
    [("amira@k.example", "am•••@k.example"), ("al@k.example", "a•••@k.example")],
)
def test_a_masked_address_is_known_to_its_owner_only(email, shown):
    assert masked(email) == shown


# ---- Colours and logo ----------------------------------------------------------------------


def test_a_brands_colours_are_served_for_ever(client):
    answer = client.get(f"/b/{stylesheet_name('#c01010')}.css")
    assert answer["Content-Type"] == "text/css"
    assert "immutable" in answer["Cache-Control"]
    assert "--fill:#c01010" in answer.content.decode()


def test_an_outdated_stylesheet_address_still_gets_colours_but_is_not_kept(client):
    answer = client.get("/b/c01010-0000000000.css")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"


def test_the_tab_icon_is_the_brands_colour(client):
    answer = client.get(f"/b/{stylesheet_name('#c01010')}.svg")
    assert b'fill="#c01010"' in answer.content


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_a_logo_is_served_as_the_picture_it_is(client):
    brand = Brand.objects.create(name="Kestrel", logo=PNG, logo_type="image/png")
    answer = client.get(f"/b/{brand.pk}.png")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/b/{brand.pk}.png", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_logo_of_another_kind_or_of_nobody_is_not_found(client):
    brand = Brand.objects.create(name="Kestrel", logo=b"<svg/>", logo_type="image/svg+xml")
    for address in (f"/b/{brand.pk}.png", "/b/99999.png", f"/b/{brand.pk}.svg", "/b/x"):
        assert client.get(address).status_code == 404


# ---- Preview -------------------------------------------------------------------------------


def test_the_preview_is_for_staff(client):
    survey()
    assert client.get("/admin/preview/relationship").status_code == 302


def test_the_preview_shows_a_draft_as_it_would_look(staff_client):
    survey(live=False, question="How is {company} doing?")
    page = staff_client.get("/admin/preview/relationship?score=9")
    text = page.content.decode()
    assert page.status_code == 200
    assert "How is Kestrel Ledger doing?" in text
    assert "Nothing is saved" in text
    assert 'method="post"' not in text
    assert 'value="9" checked' in text


def test_the_preview_goes_on_to_the_thanks(staff_client):
    survey(live=False)
    text = staff_client.get(
        "/admin/preview/relationship?step=thanks&score=2&comment=Slow"
    ).content.decode()
    assert "Thank you for being honest." in text
    assert "Slow" in text


@pytest.mark.parametrize("score", ["", "11", "x", "9999999", "-1"])
def test_a_preview_with_a_wrong_score_is_the_question(staff_client, score):
    survey(live=False)
    page = staff_client.get(f"/admin/preview/relationship?step=thanks&score={score}")
    assert page.status_code == 200
    assert "Send my answer" in page.content.decode()


# ---- The embedded mailbox --------------------------------------------------------------------


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "surveys.mailbox.MailboxBackend"
    settings.MAIL_DIR = tmp_path
    return tmp_path


def test_an_empty_mailbox_says_what_to_do(staff_client, mailbox):
    assert "Nothing has been sent" in staff_client.get("/admin/mailbox/").content.decode()


def test_sent_mail_can_be_read(staff_client, mailbox):
    send_test(survey(), "alice@example.com")
    text = staff_client.get("/admin/mailbox/").content.decode()
    assert "alice@example.com" in text and "[Test]" in text
    name = next(mailbox.glob("*.eml")).stem
    page = staff_client.get(f"/admin/mailbox/{name}").content.decode()
    assert 'sandbox="allow-popups' in page
    assert "How likely are you" in page
    assert "Auto-Submitted" in page


def test_the_html_part_may_do_nothing(staff_client, mailbox):
    send_test(survey(), "alice@example.com")
    name = next(mailbox.glob("*.eml")).stem
    answer = staff_client.get(f"/admin/mailbox/{name}/html")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["x", "..%2f..%2fsecrets.env", "00000000000000000000-00000000"])
def test_there_is_no_way_out_of_the_mailbox(staff_client, mailbox, name):
    assert staff_client.get(f"/admin/mailbox/{name}").status_code == 404
    assert staff_client.get(f"/admin/mailbox/{name}/html").status_code == 404


def test_many_mails_come_in_pages(staff_client, mailbox):
    asks = survey()
    for _ in range(27):
        send_test(asks, "alice@example.com")
    assert "Older" in staff_client.get("/admin/mailbox/").content.decode()
    second = staff_client.get("/admin/mailbox/?page=2").content.decode()
    assert "Newer" in second and "Older" not in second
    assert staff_client.get("/admin/mailbox/?page=x").status_code == 200


def test_with_real_mail_there_is_no_mailbox(staff_client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert staff_client.get("/admin/mailbox/").status_code == 404


def test_the_mailbox_is_not_for_everybody(client, mailbox):
    assert client.get("/admin/mailbox/").status_code == 302
    bob = get_user_model().objects.create_user("bob", is_staff=True)
    client.force_login(bob, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.get("/admin/mailbox/").status_code == 403
