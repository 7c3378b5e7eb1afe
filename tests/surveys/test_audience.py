"""Who gets it, who does not, and why."""

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import audience, expecting, reasons
from surveys.audience import Audience, Source, typed
from surveys.models import Contact, Customer, Invitation, Segment, Upload, UploadedContact
from surveys.services import suppress
from tests.surveys import worlds
from tests.surveys.worlds import contact

pytestmark = pytest.mark.django_db
EVERYONE = Audience(Source.EVERYONE)
State = Invitation.State


def skips(survey, whom=EVERYONE):
    rows = audience.judged(survey, audience.contacts_of(whom))
    return {row.email.split("@")[0]: row.skip for row in rows}


def test_who_was_never_asked_may_be_asked():
    contact("ada")
    assert skips(worlds.survey()) == {"ada": ""}


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained", "by_staff"])
def test_a_suppressed_address_is_left_out_with_its_reason(reason):
    contact("ada")
    suppress("ada@example.com", reason=reason, source="test")
    assert skips(worlds.survey()) == {"ada": reason}


def test_a_lifted_suppression_holds_nobody_back():
    contact("ada")
    suppress("ada@example.com", reason="unsubscribed", source="test")
    from surveys.models import Suppression
    from surveys.services import lift_suppression

    lift_suppression(Suppression.objects.get(), by="alice")
    assert skips(worlds.survey()) == {"ada": ""}


def test_people_of_internal_customers_are_left_out():
    own = Customer.objects.create(external_id="own", name="We", is_internal=True)
    contact("ada", customer=own)
    contact("bob", customer=Customer.objects.create(external_id="c1", name="They"))
    assert skips(worlds.survey()) == {"ada": "internal", "bob": ""}


def test_the_rest_of_this_survey_holds_and_ends_on_its_day():
    survey = worlds.survey(rest_days=30)
    worlds.invitation(survey, contact("ada"), days_ago=29)
    worlds.invitation(survey, contact("bob"), days_ago=31)
    assert skips(survey) == {"ada": "rest", "bob": ""}


def test_another_survey_s_mail_counts_for_nothing_here():
    worlds.invitation(worlds.survey("other"), contact("ada"), days_ago=1)
    assert skips(worlds.survey()) == {"ada": ""}


def test_without_a_rest_people_may_be_asked_every_time():
    survey = worlds.survey(rest_days=0)
    worlds.invitation(survey, contact("ada"), days_ago=0)
    assert skips(survey) == {"ada": ""}


def test_a_doubtful_mail_counts_as_asked():
    survey = worlds.survey()
    worlds.invitation(survey, contact("ada"), state=State.DOUBTFUL, days_ago=3)
    assert skips(survey) == {"ada": "rest"}


@pytest.mark.parametrize("state", [State.WAITING, State.HANDED])
def test_a_mail_underway_is_not_doubled(state):
    survey = worlds.survey()
    worlds.invitation(survey, contact("ada"), state=state)
    assert skips(survey) == {"ada": "waiting"}


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.SKIPPED, State.BOUNCED])
def test_what_never_arrived_holds_nobody_back(state):
    survey = worlds.survey()
    worlds.invitation(survey, contact("ada"), state=state, reason="x")
    assert skips(survey) == {"ada": ""}


def test_demo_people_get_no_real_mail(settings):
    contact("ada", is_demo=True)
    contact("bob")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert skips(worlds.survey()) == {"ada": "demo", "bob": ""}
    settings.EMAIL_BACKEND = "surveys.mailbox.MailboxBackend"
    assert skips(worlds.survey("other")) == {"ada": "", "bob": ""}


def test_a_reason_carries_the_day_of_the_last_ask():
    survey = worlds.survey()
    worlds.invitation(survey, contact("ada"), days_ago=12)
    (row,) = audience.judged(survey, audience.contacts_of(EVERYONE))
    stored = audience.reason_of(row)
    assert stored.startswith("rest:20")
    assert "asked by this survey on" in reasons.words(stored)


def test_every_reason_has_words_and_advice():
    assert set(reasons.ADVICE) < set(reasons.LABELS)
    assert reasons.words("550 mailbox full") == "550 mailbox full"


# ---- Sources ---------------------------------------------------------------------------------


def test_a_segment_is_an_audience():
    contact("ada", properties={"plan": "Growth"})
    contact("bob", properties={"plan": "Start"})
    segment = Segment.objects.create(slug="growth", name="Growth")
    segment.conditions.create(property="plan", operator="is", value="Growth")
    assert list(skips(worlds.survey(), Audience(Source.SEGMENT, segment.pk))) == ["ada"]
    assert skips(worlds.survey("b"), Audience(Source.SEGMENT, 999)) == {}


def test_a_file_is_an_audience():
    upload = Upload.objects.create(name="x.csv")
    UploadedContact.objects.create(upload=upload, contact=contact("ada"))
    contact("bob")
    assert list(skips(worlds.survey(), Audience(Source.UPLOAD, upload.pk))) == ["ada"]


@pytest.mark.parametrize(
    ("text", "emails", "unusable"),
    [
        ("ada@example.com\nbob@example.com", ["ada", "bob"], []),
        ("ada@example.com, bob@example.com; ada@EXAMPLE.com", ["ada", "bob"], []),
        ("Byron, Ada <ada@example.com>, bob@example.com", ["ada", "bob"], []),
        ("bob@example.com, Ada Byron <ada@example.com>", ["bob", "ada"], []),
        ("ada@, bob@example.com, nobody", ["bob"], ["ada@", "nobody"]),
        ("nobody, bob@example.com", ["bob"], ["nobody"]),
        (" \n;,\n", [], []),
    ],
)
def test_pasted_addresses_are_read(text, emails, unusable):
    found = typed(text)
    assert [person.email.split("@")[0] for person in found.people] == emails
    assert list(found.unusable) == unusable


def test_a_name_beside_an_address_comes_along():
    (person,) = typed('"Byron, Ada" <ada@example.com>').people
    assert person.name == "Byron, Ada"


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["ada", "bob", "cara"]), max_size=8), st.text(max_size=30))
def test_no_good_address_is_lost_whatever_is_pasted_around_it(names, noise):
    noise = noise.replace("@", "").replace("<", "")
    text = "\n".join([noise, *(f"{name}@example.com" for name in names), noise])
    assert {p.email.split("@")[0] for p in typed(text).people} == set(names)


# ---- The plan --------------------------------------------------------------------------------


def test_a_plan_adds_up_and_names_people():
    survey = worlds.survey()
    for name in ("ada", "bob"):
        contact(name)
    worlds.invitation(survey, contact("cara"), days_ago=3)
    suppress("cara@example.com", reason="unsubscribed", source="test")
    worlds.invitation(survey, contact("dan"), days_ago=3)
    plan = audience.plan(survey, EVERYONE)
    assert (plan.size, plan.will, plan.examples) == (4, 2, ("Ada", "Bob"))
    assert {s.code: (s.count, s.examples) for s in plan.skipped} == {
        "unsubscribed": (1, ("cara@example.com",)),
        "rest": (1, ("dan@example.com",)),
    }


def test_typed_strangers_are_planned_without_being_stored():
    suppress("gone@example.com", reason="bounced", source="test")
    contact("ada")
    text = "ada@example.com\nnew@example.com\ngone@example.com\nnonsense"
    plan = audience.plan(worlds.survey(), typed(text))
    assert (plan.size, plan.will, plan.newcomers) == (4, 2, 1)
    assert {s.code: s.count for s in plan.skipped} == {"bounced": 1, "unusable": 1}
    assert Contact.objects.count() == 1


def test_planning_asks_a_fixed_number_of_questions(django_assert_max_num_queries):
    survey = worlds.survey()
    Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(300))
    with django_assert_max_num_queries(6):
        assert audience.plan(survey, EVERYONE).will == 300


@pytest.mark.only_on("sqlite")  # PostgreSQL plans by its statistics
def test_each_contact_is_looked_up_by_itself_not_through_all_mails_of_the_survey():
    survey = worlds.survey()
    plan = audience.judged(survey, audience.contacts_of(EVERYONE)).explain()
    lookups = [line for line in plan.splitlines() if "invitation" in line]
    assert lookups
    assert all("(contact_id=? AND survey_id=?" in line for line in lookups), plan


def test_expected_answers_come_from_this_survey_s_mails_that_had_their_time():
    survey = worlds.survey()
    assert expecting.expectation(survey, 100) is None
    now = timezone.now()
    for n in range(40):
        answered = now if n % 4 == 0 else None
        worlds.invitation(survey, contact(f"p{n}"), days_ago=30)
        Invitation.objects.filter(contact__email=f"p{n}@example.com").update(answered_at=answered)
    worlds.invitation(survey, contact("late"), days_ago=1)
    found = expecting.expectation(survey, 200)
    assert (found.answers, found.share, found.mails) == (50, 0.25, 40)
