"""Predicted satisfaction: learnt from ratings, guarded, explained, told once, never mixed."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from analytics.success.conversations import mark_handled, open_alerts, read_conversations, read_due
from analytics.success.learning import is_time_to_train, switch_off_if_lost, train_now
from analytics.success.metrics.conversations import FEATURES
from analytics.success.metrics.evaluation import sigmoid
from analytics.success.models import (
    Conversation,
    ConversationMessage,
    SatisfactionModel,
    Ticket,
)
from analytics.success.satisfaction import predicted_share, satisfaction
from feedback import saved_answers
from feedback.saved_answers import Draft
from outbox.models import Job
from outbox.registry import Work

BAD = "This is terrible, I am angry and it still does not work."
GOOD = "Wonderful, that works great. Thank you so much!"
OKAY = "I use the second screen on the left."


def ago(**back: float) -> str:
    return (timezone.now() - timedelta(**back)).isoformat()


@pytest.fixture
def say(customers, tell):
    """Return a function that stores a ticket of Acme with messages of the customer, an hour apart.

    An agent answers each but the last at once.
    """
    customers("acme")

    def make(ticket: str, *texts: str, days: float = 0, **columns: object) -> None:
        opened = timezone.now() - timedelta(days=days, hours=len(texts))
        row = {"external_id": ticket, "customer": "acme", "opened_at": opened.isoformat()}
        tell("tickets", row | columns)
        rows = []
        for number, text in enumerate(texts):
            at = opened + timedelta(hours=number)
            message = {"ticket": ticket, "customer": "acme", "who": "customer"}
            rows.append(
                message | {"external_id": f"{ticket}-{number}", "at": at.isoformat(), "text": text}
            )
            if number < len(texts) - 1:
                rows.append(
                    {
                        "external_id": f"{ticket}-{number}-a", "ticket": ticket, "who": "agent",
                        "at": (at + timedelta(minutes=1)).isoformat(), "text": "We are on it.",
                    }
                )  # fmt: skip
        tell("messages", *rows)
        read_due()

    return make


def a_model(**columns: object) -> SatisfactionModel:
    """A model that listens to the tone alone: p = 0.88 at +0.5, 0.12 at -0.5."""
    weights = dict.fromkeys(FEATURES, 0.0) | {"sentiment": 4.0}
    usual = {
        "rated": 400, "rarer": 100, "coefficients": weights, "means": dict.fromkeys(FEATURES, 0.0),
        "evaluation": {"n": 120, "brier": 0.12, "offered": 400},
    }  # fmt: skip
    return SatisfactionModel.objects.create(**usual | columns)


def the() -> Conversation:
    return Conversation.objects.get()


# ---- Facts ---------------------------------------------------------------------------


def test_messages_come_in_once_and_refused_ones_are_named(api, customers):
    customers("acme")
    row = {"external_id": "m1", "ticket": "t1", "at": ago(hours=1), "who": "customer"}
    rows = [
        row | {"text": "Two\r\nlines\x07"},
        row | {"external_id": "m2"},
        row | {"external_id": "m3", "text": "x", "who": "robot"},
        row | {"external_id": "m4", "event": "solved", "who": "agent"},
        row | {"external_id": "m5", "event": "solved", "text": "Done."},
        row | {"external_id": "m6", "text": "x" * 20_001},
    ]
    for created in (2, 0):
        said = api.post("/api/v1/facts/messages", {"rows": rows}).json()
        assert (said["counts"]["created"], said["counts"]["refused"]) == (created, 4)
    places = [(e["index"], e["field"]) for e in said["errors"]]
    assert places == [(1, "text"), (2, "who"), (4, "event"), (5, "text")]
    assert ConversationMessage.objects.get(external_id="m1").text == "Two\nlines"
    assert Conversation.objects.count() == 1
    assert Job.objects.filter(kind="conversations").count() == 1


def test_a_rating_has_its_time_and_a_time_its_rating(api, customers):
    row = {"external_id": "t1", "opened_at": ago(days=2)}
    rows = [
        row | {"rating": "good"},
        row | {"external_id": "t2", "rated_at": ago(days=1)},
        row | {"external_id": "t3", "rating": "bad", "rated_at": ago(days=3)},
        row | {"external_id": "t4", "rating": "bad", "rated_at": ago(days=1)},
    ]
    said = api.post("/api/v1/facts/tickets", {"rows": rows}).json()
    places = [(e["index"], e["field"]) for e in said["errors"]]
    assert places == [(0, "rated_at"), (1, "rating"), (2, "rated_at")]
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(external_id="t9", opened_at=timezone.now(), rating="good")


# ---- Prediction ----------------------------------------------------------------------


def test_without_a_model_there_is_no_number_but_a_reason(say):
    say("t1", BAD)
    assert (the().probability, the().reason, the().messages) == (None, "no_model", 1)
    assert satisfaction().predicted.reason == "insufficient_history"


def test_a_model_predicts_and_says_why_and_a_rating_stays_apart(say, tell):
    a_model()
    say("t1", OKAY, BAD)
    row = the()
    assert row.decision == "dissatisfied"
    assert row.contributions["sentiment"] < 0
    before = row.probability
    tell(
        "tickets",
        {"external_id": "t1", "customer": "acme", "opened_at": ago(days=1), "rating": "good",
         "rated_at": ago(minutes=1)},
    )  # fmt: skip
    read_due()
    assert (the().is_satisfied, the().probability) == (True, before)
    found = satisfaction()
    assert (found.measured.value, found.measured.n) == (1, 1)
    assert (found.predicted.value, found.dissatisfied) == (None, 0)


def test_what_is_written_after_the_rating_does_not_tell_about_it(say, tell):
    a_model()
    say("t1", GOOD, BAD, rating="good", rated_at=ago(hours=1, minutes=30))
    assert the().decision == "satisfied"
    assert len(the().course) == 2


def test_what_cannot_be_read_gets_no_number(say):
    a_model()
    say("t1", "Je ne comprends pas pourquoi la facture est toujours fausse chez vous.")
    assert the().probability is None
    assert the().reason.startswith("language")


def test_the_middle_is_too_close_to_call(say):
    a_model(coefficients=dict.fromkeys(FEATURES, 0.0))
    say("t1", BAD)
    assert (the().probability, the().decision) == (0.5, "abstain")
    assert satisfaction().abstained == 1


def test_messages_sent_again_or_in_another_order_change_nothing(say, tell):
    a_model()
    say("t1", OKAY, BAD, GOOD)
    names = ["features", "probability", "course", "messages"]
    before = Conversation.objects.values(*names).get()
    rows = list(ConversationMessage.objects.values("external_id", "ticket", "who", "text", "at"))
    random.Random(3).shuffle(rows)
    tell("messages", *(row | {"customer": "acme"} for row in rows))
    Conversation.objects.update(seen=0)
    read_due()
    assert Conversation.objects.values(*names).get() == before


def test_the_predicted_share_carries_chance_and_the_error_of_its_model():
    model = SatisfactionModel(evaluation={"n": 100, "brier": 0.16})
    few, many = (predicted_share([0.5] * n, model) for n in (10, 10_000))
    assert many.interval.half_width == pytest.approx(1.96 * (0.16 / 100) ** 0.5, abs=0.002)
    assert few.interval.half_width > 0.3
    assert predicted_share([], model).reason == "no_population"


# ---- The supervisor ------------------------------------------------------------------


def test_two_bad_messages_in_a_row_tell_a_supervisor_once(say, tell):
    a_model()
    say("t1", BAD)
    assert not open_alerts()
    say("t1", BAD, BAD)
    told = the().alerted_at
    assert (the().alerted_by, list(open_alerts())) == ("model", [the()])
    assert mark_handled(the().pk, by="alice")
    assert not mark_handled(the().pk, by="bob")
    say("t1", BAD, BAD, BAD, BAD)
    assert (the().alerted_at, the().handled_by) == (told, "alice")
    assert not open_alerts()


def test_it_is_noted_when_the_talk_becomes_better(say):
    a_model()
    say("t1", BAD, BAD)
    say("t1", BAD, BAD, GOOD, GOOD, GOOD)
    assert the().cleared_at is not None


@pytest.mark.parametrize("columns", [{"days": 5}, {"solved_at": ago(minutes=1)}])
def test_history_and_solved_tickets_tell_nobody(say, columns):
    a_model()
    say("t1", BAD, BAD, **columns)
    assert (the().decision, the().alerted_at) == ("dissatisfied", None)


def test_plain_rules_stand_in_and_say_so(say):
    say("t1", "Please cancel our subscription today.")
    assert (the().alerted_by, the().rules) == ("rules", ["cancel_intent"])


def test_who_waits_too_long_is_found_when_the_time_is_over(say):
    say("t1", OKAY)
    [job] = Job.objects.filter(kind="conversations", subject_id=the().pk)
    assert timedelta(hours=6) < job.due_at - timezone.now() < timedelta(hours=8)
    ConversationMessage.objects.update(at=timezone.now() - timedelta(hours=9))
    read_conversations([Work(1, the().pk, "", 1)], "me")
    assert the().rules == ["waiting_too_long"]
    assert the().alerted_at is not None


# ---- Learning ------------------------------------------------------------------------


def history(count: int) -> None:
    """Rated conversations of as many customers; those who sound glad rate good, mostly."""
    dice, now = random.Random(6), timezone.now()
    rows = []
    for number in range(count):
        tone = dice.uniform(-1, 1)
        features = dict.fromkeys(FEATURES, 0.0) | {"sentiment": tone, "contacts": 1.0}
        rows.append(
            Conversation(
                ticket=f"h{number}", seen=1, features=features, last_at=now,
                is_satisfied=dice.random() < sigmoid(1 + 4 * tone),
                rated_at=now - timedelta(hours=count - number),
            )
        )  # fmt: skip
    Conversation.objects.bulk_create(rows)


def test_enough_ratings_make_a_model_that_is_proved_on_newer_ones(db):
    history(900)
    row = train_now()
    assert row.is_usable, row.doubts
    assert row.evaluation["auc"] > 0.8
    assert row.evaluation["skill_low"] > 0
    assert 0.8 <= row.evaluation["slope"] <= 1.25
    assert sum(fifth["n"] for fifth in row.evaluation["bins"]) == row.evaluation["n"]
    # conversations are read again with it
    assert Conversation.objects.filter(due=2).count() == 900


def test_too_few_ratings_are_kept_on_record_and_not_used(db, staff_client):
    history(60)
    row = train_now()
    assert "too_few_rated" in row.doubts
    page = staff_client.get(reverse("staff:satisfaction-model")).content.decode()
    assert "Not enough rated conversations (60 of 200)" in page
    assert "plain rules tell supervisors instead" in page


def test_it_learns_monthly_or_when_there_is_more_to_learn_from(db):
    today = timezone.localdate()
    assert not is_time_to_train(today)
    history(60)
    assert is_time_to_train(today)
    train_now()
    assert not is_time_to_train(today)
    assert is_time_to_train(today + timedelta(days=40))
    SatisfactionModel.objects.update(evaluation={"offered": 50})
    assert is_time_to_train(today)


def test_a_model_that_is_no_better_than_chance_switches_itself_off(db, staff_client):
    model = a_model()
    SatisfactionModel.objects.update(trained_at=timezone.now() - timedelta(days=30))
    history(120)
    Conversation.objects.update(model=model, probability=0.5)
    Conversation.objects.filter(is_satisfied=True).update(probability=0.1)
    assert switch_off_if_lost()
    assert not switch_off_if_lost()
    page = staff_client.get(reverse("staff:satisfaction-model")).content.decode()
    assert "no better than by chance" in page


# ---- Pages and API -------------------------------------------------------------------


def test_the_list_keeps_measured_and_predicted_apart(say, staff_client):
    a_model()
    say("t1", BAD, BAD)
    say("t2", GOOD, rating="good", rated_at=ago(minutes=1))
    page = staff_client.get(reverse("staff:conversations")).content.decode()
    assert "One conversation wants a supervisor." in page
    assert "Predicted, for those nobody rated" in page
    assert "1 of 1 conversations of 90 days that were rated" in page
    assert ">t1</a>" in page
    assert ">t2</a>" not in page
    assert (
        ">t2</a>" in staff_client.get(reverse("staff:conversations") + "?show=all").content.decode()
    )
    home = staff_client.get(reverse("admin:index")).content.decode()
    assert "One conversation wants a supervisor" in home


def test_one_conversation_shows_its_words_its_reasons_and_takes_the_look(say, staff_client):
    a_model()
    say("t1", f"<b>{BAD}</b> Cancel my account.", BAD)
    address = reverse("staff:conversation", args=[the().pk])
    page = staff_client.get(address).content.decode()
    assert "<b>This" not in page
    assert "This is terrible" in page
    assert "wants to cancel" in page
    assert "tone of the last messages" in page
    assert "style=" not in page.split("<main")[1]
    said = staff_client.post(reverse("staff:conversation-handled", args=[the().pk]), follow=True)
    assert "alice looked at it" in said.content.decode()


def test_an_empty_installation_says_what_to_send(db, staff_client):
    page = staff_client.get(reverse("staff:conversations")).content.decode()
    assert "POST /api/v1/facts/messages" in page
    page = staff_client.get(reverse("staff:satisfaction-model")).content.decode()
    assert "Nothing has been learnt yet" in page


def test_the_api_tells_the_same(say, api):
    a_model()
    say("t1", BAD, BAD)
    [row] = api.get("/api/v1/conversations").json()["results"]
    assert (row["measured"], row["predicted"]["decision"]) == (None, "dissatisfied")
    assert row["alert"]["by"] == "model"
    told = api.get("/api/v1/conversations/satisfaction").json()
    assert told["measured"]["reason"] == "no_responses"
    assert told["predicted"]["n"] == told["dissatisfied"] == 1
    assert told["model"]["is_usable"]
    done = api.patch("/api/v1/conversations/t1", {"is_handled": True}).json()
    assert done["alert"]["handled_by"] == "API key facts"
    assert api.get("/api/v1/conversations?show=alerts").json()["count"] == 0
    assert api.get("/api/v1/conversations?show=some").status_code == 400
    assert api.get("/api/v1/conversations/none").status_code == 404


# ---- Suggested replies -----------------------------------------------------------------


def test_a_conversation_is_offered_own_saved_answers_that_fit(say, staff_client):
    """The last words count, a rating stands for the score, and nobody is written to from here."""
    answer = saved_answers.save(
        Draft("Sorry", "Dear {name}, {customer}: {agent}", "en", [], "negative"), by="maya"
    )
    thanks = Draft("Thanks", "Glad", "en", [], "", "positive")
    saved_answers.save(thanks, by="maya")
    say("T1", GOOD, BAD)
    say("T2", BAD, GOOD, rating="good", rated_at=ago())
    read_due()
    rows = Conversation.objects.order_by("ticket").values_list("pk", flat=True)
    bad, good = (staff_client.get(reverse("staff:conversation", args=[pk])) for pk in rows)
    (draft,) = bad.context["replies"].drafts
    assert (draft.pk, draft.reasons) == (answer.pk, ("the words are negative",))
    assert draft.text == "Dear [name?], Acme: Alice Winter" and draft.link == ""
    assert [draft.title for draft in good.context["replies"].drafts] == ["Thanks"]
    assert "a ticket holds no address" in bad.content.decode()
