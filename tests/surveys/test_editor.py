"""Editing a survey never corrupts what people have answered."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from feedback.services import GivenAnswer, Submission, submit
from surveys import editor
from surveys.editor import BandWording
from surveys.models import Choice, Question, Survey
from surveys.services import close
from surveys.wording import content_of, draw_up
from tests.surveys import worlds

pytestmark = pytest.mark.django_db
Kind = Question.Kind


def question(survey, text="Why?", kind=Kind.ONE_CHOICE, choices=("Price", "Speed"), **fields):
    return editor.save_question(Question(survey=survey, kind=kind, text=text, **fields), choices)


def answer(survey, *given: GivenAnswer, score=9):
    invitation = worlds.invitation(survey, worlds.contact(f"p{survey.invitations.count()}"))
    survey.refresh_from_db()
    return survey.responses.model.objects.get(
        pk=submit(invitation, Submission(score=score, answers=given))
    )


# ---- Words -----------------------------------------------------------------------------------


def test_a_changed_text_is_a_new_wording_and_old_answers_keep_theirs():
    survey = worlds.survey(question="Do you like it?")
    old = answer(survey)
    survey.question = "Would you buy it again?"
    editor.save(survey, {})
    new = answer(survey)
    old.refresh_from_db()
    assert content_of(old.wording.content).question == "Do you like it?"
    assert content_of(new.wording.content).question == "Would you buy it again?"
    assert [w.number for w in survey.wordings.order_by("number")] == [1, 2]


def test_saving_without_a_change_of_words_makes_no_new_wording():
    survey = worlds.survey()
    survey.name, survey.rest_days = "Another name", 30
    editor.save(survey, {})
    assert survey.wordings.count() == 1


def test_a_draft_has_no_wording_until_it_is_live():
    survey = worlds.survey(live=False)
    editor.save(survey, {"promoter": BandWording(thanks="Hooray")})
    assert survey.wordings.count() == 0
    editor.open_for_answers(survey)
    assert content_of(survey.wording.content).thanks_for("promoter") == "Hooray"


def test_words_of_a_band_are_stored_and_taken_back():
    survey = worlds.survey()
    said = BandWording(
        comment_prompt="Why so good?", link_text="Review", link_url="https://x.example"
    )
    editor.save(survey, {"promoter": said, "passive": BandWording()})
    assert survey.band_texts.get().band == "promoter"
    assert draw_up(survey).prompt_for("promoter") == "Why so good?"
    editor.save(survey, {"promoter": BandWording()})
    assert not survey.band_texts.exists()


def test_the_kind_is_fixed_once_people_have_been_asked():
    survey = worlds.survey()
    worlds.invitation(survey, worlds.contact("ada"))
    survey.kind = "csat"
    with pytest.raises(editor.KindIsFixed):
        editor.save(survey, {})
    assert Survey.objects.get().kind == "nps"


def test_another_kind_forgets_the_bands_of_the_former():
    survey = worlds.survey(live=False)
    asked = question(survey, bands=["promoter"])
    editor.save(survey, {"promoter": BandWording(thanks="Hooray")})
    survey.kind = "csat"
    editor.save(survey, {"promoter": BandWording(thanks="Hooray")})
    asked.refresh_from_db()
    assert asked.bands == []
    assert not survey.band_texts.exists()


def test_two_people_editing_at_once_do_not_overwrite_each_other():
    survey = worlds.survey()
    opened_at = survey.updated_at
    survey.question = "Alice's question?"
    editor.save(survey, {}, seen=opened_at)
    bobs = Survey.objects.get()
    bobs.question = "Bob's question?"
    with pytest.raises(editor.ChangedMeanwhile):
        editor.save(bobs, {}, seen=opened_at)
    assert Survey.objects.get().question == "Alice's question?"


# ---- Questions -------------------------------------------------------------------------------


def test_a_question_nobody_saw_is_deleted_and_one_people_saw_is_retired():
    survey = worlds.survey(live=False)
    unseen = question(survey)
    assert editor.remove_question(unseen) is False
    assert not Question.objects.exists()
    seen = question(survey)
    editor.open_for_answers(survey)
    assert editor.remove_question(seen) is True
    seen.refresh_from_db()
    assert seen.is_retired
    assert draw_up(survey).questions == ()


def test_answers_to_a_retired_question_stay_and_it_can_come_back():
    survey = worlds.survey(live=False)
    asked = question(survey)
    editor.open_for_answers(survey)
    price = asked.choices.get(text="Price")
    response = answer(survey, GivenAnswer(asked.pk, choice_id=price.pk))
    editor.remove_question(asked)
    assert response.answers.get().choice.text == "Price"
    editor.bring_back(asked)
    assert [q.id for q in draw_up(survey).questions] == [asked.pk]


def test_a_changed_choice_is_a_new_choice_and_the_old_one_keeps_its_answers():
    survey = worlds.survey(live=False)
    asked = question(survey, choices=["Price", "Speed"])
    editor.open_for_answers(survey)
    price = asked.choices.get(text="Price")
    response = answer(survey, GivenAnswer(asked.pk, choice_id=price.pk))
    editor.save_question(asked, ["Speed", "Cost", "Other"])
    assert response.answers.get().choice.text == "Price"
    assert [c.text for c in draw_up(survey).questions[0].choices] == ["Speed", "Cost", "Other"]
    editor.save_question(asked, ["Price", "Speed"])
    assert asked.choices.get(text="Price").pk == price.pk


def test_a_choice_nobody_saw_leaves_nothing_behind():
    survey = worlds.survey(live=False)
    asked = question(survey, choices=["Price", "Sped"])
    editor.save_question(asked, ["Price", "Speed"])
    assert sorted(Choice.objects.values_list("text", flat=True)) == ["Price", "Speed"]


def test_questions_move_up_and_down_and_stop_at_the_ends():
    survey = worlds.survey()
    one, two, three = (question(survey, text=text) for text in "abc")

    def order():
        return "".join(q.text for q in draw_up(survey).questions)

    editor.move_question(three, by=-1)
    assert order() == "acb"
    editor.move_question(one, by=-1)
    assert order() == "acb"
    editor.move_question(one, by=1)
    assert order() == "cab"
    editor.move_question(two, by=1)
    assert order() == "cab"
    assert content_of(Survey.objects.get().wording.content).questions[0].text == "c"


def test_there_are_at_most_ten_questions_and_retired_ones_do_not_count():
    survey = worlds.survey()
    first, *_others = [question(survey, text=f"q{n}") for n in range(10)]
    with pytest.raises(editor.TooManyQuestions):
        question(survey, text="one too many")
    editor.remove_question(first)
    question(survey, text="fits again")
    with pytest.raises(editor.TooManyQuestions):
        editor.bring_back(first)


# ---- Ready, live, closed ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"closes_at": timezone.now() - timedelta(days=1)}, "rules"),
        ({"reader_note": ""}, "rules"),
        ({"question": "Are you happy?"}, "question"),
    ],
)
def test_what_is_missing_is_named_with_its_place(fields, part):
    survey = worlds.survey(live=False, **fields)
    assert part in [check.part for check in editor.checks(survey) if not check.is_met]


def test_a_survey_that_lacks_a_must_does_not_go_live():
    survey = worlds.survey(live=False)
    question(survey, choices=["Only one"])
    with pytest.raises(editor.NotReady):
        editor.open_for_answers(survey)
    assert Survey.objects.get().status == Survey.Status.DRAFT


def test_a_closed_survey_opens_again_with_the_same_wording():
    survey = worlds.survey()
    close(survey)
    editor.open_for_answers(survey)
    assert survey.wordings.count() == 1
    assert Survey.objects.get().status == Survey.Status.LIVE


def test_closing_is_told_in_numbers():
    survey = worlds.survey()
    for state in ("waiting", "handed", "sent", "failed"):
        worlds.invitation(survey, worlds.contact(state), state=state)
    answered = worlds.invitation(survey, worlds.contact("ada"))
    survey.invitations.filter(pk=answered.pk).update(answered_at=timezone.now())
    assert editor.closing(survey) == editor.Closing(waiting=2, open_links=1)


def test_a_copy_has_the_words_and_nobody_asked():
    survey = worlds.survey(question="Do you like it?")
    question(survey, choices=["Price", "Speed"], bands=["promoter"])
    editor.remove_question(question(survey, text="gone"))
    editor.save(survey, {"promoter": BandWording(thanks="Hooray")})
    worlds.invitation(survey, worlds.contact("ada"))
    twin = editor.copy(survey, name="Copy", slug="copy")
    assert (twin.status, twin.wording, twin.kind) == ("draft", None, "nps")
    before, after = draw_up(survey), draw_up(twin)
    assert (after.question, after.bands) == (before.question, before.bands)
    assert [q.text for q in after.questions] == ["Why?"]
    assert [c.text for c in after.questions[0].choices] == ["Price", "Speed"]
    assert not set(Question.objects.filter(survey=twin)) & set(survey.questions.all())


@pytest.mark.django_db(transaction=True)
def test_saving_at_once_gives_every_wording_its_own_number():
    survey = worlds.survey()
    errors = []

    def edit(number):
        mine = Survey.objects.get(pk=survey.pk)
        mine.question = f"Question {number}?"
        try:
            editor.save(mine, {})
        except BaseException as error:  # noqa: BLE001  looked at below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    numbers = list(survey.wordings.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 8))
    survey.refresh_from_db()
    assert content_of(survey.wording.content).question == survey.question
