"""The rehearsal says before sending what one would learn after it; so do the rules of asking."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from surveys.expecting import ENOUGH_MAILS, expected
from surveys.models import AskingRules, Brand, Contact, Invitation, Survey
from surveys.services import refresh_wording
from tests.surveys import worlds

pytestmark = pytest.mark.django_db
RULES = "/admin/ask/rules/"


@pytest.fixture
def rehearse(staff_client, audience):
    """Draw the send page for everyone, by the survey as it is now."""

    def draw(**changes: object) -> str:
        Survey.objects.filter(pk=audience.pk).update(**changes)
        audience.refresh_from_db()
        refresh_wording(audience)
        address = reverse("staff:send", args=[audience.slug])
        return staff_client.get(address, {"source": "everyone"}).content.decode()

    return draw


def outgoing(settings, sender: str = "Kestrel <ask@kestrel.example>") -> None:
    """Let mail leave the house, so that a sender matters."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL, settings.BASE_URL = sender, "https://ask.kestrel.example"


# ---- Recipients and answers --------------------------------------------------------------------


def test_everybody_meant_is_a_recipient_or_left_out_with_a_reason(rehearse):
    page = rehearse()
    assert "2 of 3 people get a mail" in page and "people meant" in page
    assert "unsubscribed" in page and "cara@example.com" in page
    AskingRules.objects.create(rest_days=30, patience_days=14)
    worlds.invitation(worlds.survey("other"), Contact.objects.get(email="ada@example.com"))
    page = rehearse()
    assert "1 person of 3 gets a mail" in page


def test_answers_are_foretold_from_the_surveys_own_mails_with_a_range(rehearse, audience):
    assert "No guess at the number of answers yet" in rehearse()
    for n in range(ENOUGH_MAILS):
        row = worlds.invitation(audience, worlds.contact(f"old{n}"), days_ago=30)
        if n % 3 == 0:
            Invitation.objects.filter(pk=row.pk).update(answered_at=timezone.now())
    guess = expected(10, 30, 32)
    page = rehearse(rest_days=0)
    assert (
        f"Expect about {guess.answers} answers, likely {guess.low} to {guess.high}: "
        "33 % of this survey’s last 30 mails were answered." in page
    )


@given(st.integers(30, 5000), st.floats(0, 1), st.integers(0, 100_000))
def test_what_is_expected_lies_in_its_range_and_nobody_answers_twice(mails, share, people):
    found = expected(round(mails * share), mails, people)
    assert 0 <= found.low <= found.answers <= found.high <= people


# ---- The mail ----------------------------------------------------------------------------------


def test_languages_the_survey_does_not_speak_are_counted(rehearse):
    assert "Everyone gets the survey in a language they read." in rehearse()
    Contact.objects.exclude(email="cara@example.com").update(language="fr")
    page = rehearse()
    assert "2 people read Français, but the survey does not speak it." in page
    assert "They get it in English. Translate it on the page Languages." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mail_subject": "PLEASE ANSWER US TODAY"}, "The subject is written in capitals."),
        ({"mail_intro": "Win now!!!"}, "Several exclamation or question marks in a row."),
        ({"mail_intro": "A free prize waits"}, "Words filters know from advertising: free, prize."),
        ({"mail_intro": "See bit.ly/x1"}, "A shortened link."),
        ({"mail_intro": "Dear {first_name}"}, "{first_name} is not filled in."),
        ({"mail_subject": "Please " * 11}, "A phone shows about 40 of them."),
    ],
)
def test_what_filters_or_readers_dislike_is_named(rehearse, changes, said):
    assert said not in rehearse()
    assert said in rehearse(**changes)


def test_a_plain_mail_of_a_complete_brand_has_nothing_to_look_at(rehearse, settings):
    settings.EMAIL_BACKEND = "surveys.mailbox.MailboxBackend"  # nobody checks a sender here
    Brand.objects.update(postal_address="1 Mill Lane, Ely", reply_to="hello@kestrel.example")
    page = rehearse()
    assert "Nothing stands in the way of this mail" in page
    assert "Nothing in subject and text that filters are known to dislike." in page
    Brand.objects.update(postal_address="", reply_to="")
    page = rehearse()
    assert "The mail names no postal address." in page and "A reply goes nowhere." in page


# ---- The sender --------------------------------------------------------------------------------


def test_what_must_stand_in_dns_is_said_for_the_senders_domain(rehearse, settings):
    outgoing(settings)
    page = rehearse()
    assert "We cannot read the DNS of kestrel.example from here" in page
    for entry in (
        "v=spf1 include:mail.example -all", "selector._domainkey.kestrel.example",
        "_dmarc.kestrel.example", "v=DMARC1; p=none; rua=mailto:dmarc@kestrel.example",
    ):  # fmt: skip
        assert entry in page
    assert "but the links lead to" not in page


def test_a_sender_that_will_not_pass_is_told(rehearse, settings):
    outgoing(settings, "Ada <ada@gmail.com>")
    page = rehearse()
    assert "Mails come from ada@gmail.com, a free mailbox." in page
    outgoing(settings, "Ada <ada@other.example>")
    settings.BASE_URL = "http://ask.kestrel.example"
    page = rehearse()
    assert "The sender is at other.example, but the links lead to ask.kestrel.example." in page
    assert "The links do not start with https." in page


# ---- The rules of asking -----------------------------------------------------------------------


def test_the_rules_are_shown_changed_and_hold(staff_client, audience):
    Survey.objects.filter(pk=audience.pk).update(rest_days=45)
    page = staff_client.get(RULES).content.decode()
    assert "Relationship" in page and "45 days" in page
    wish = {"rest_days": 30, "customer_most": 5, "customer_days": 60, "patience_days": 7}
    assert staff_client.post(RULES, wish).status_code == 302
    assert "The rules hold from the next mail on." in staff_client.get(RULES).content.decode()
    rules = AskingRules.current()
    assert {name: getattr(rules, name) for name in wish} == wish


@pytest.mark.parametrize(
    ("name", "value"),
    [("rest_days", 367), ("rest_days", -1), ("customer_days", 0), ("patience_days", "soon")],
)
def test_a_rule_that_makes_no_sense_is_named_and_changes_nothing(staff_client, name, value):
    wish = {"rest_days": 1, "customer_most": 5, "customer_days": 60, "patience_days": 7}
    page = staff_client.post(RULES, {**wish, name: value})
    assert page.status_code == 200 and f'id="id_{name}"' in page.content.decode()
    assert "error" in page.content.decode()
    assert AskingRules.current().rest_days == 0


def test_who_may_look_may_not_change_the_rules(client):
    bob = get_user_model().objects.create_user("bob", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client.force_login(bob)
    page = client.get(RULES).content.decode()
    assert "How often may one person be asked?" in page and ">Save<" not in page
    assert client.post(RULES, {"rest_days": 9}).status_code == 403
