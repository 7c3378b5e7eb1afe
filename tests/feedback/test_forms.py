"""Reading a customer's form: what counts, what is kept, what is said about the rest."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms import read_follow_up, read_score, read_score_form
from feedback.services import GivenAnswer, clean_comment
from surveys.scales import SCALES
from surveys.wording import BandWords, ChoiceText, Content, QuestionText


def content(kind: str = "nps", *questions: QuestionText) -> Content:
    scale = SCALES[kind]
    words = BandWords("Why?", "Thanks.", "", "")
    return Content(
        language="en", kind=kind, question="How?", low_label="Bad", high_label="Good",
        score_labels=tuple(str(label) for label in scale.labels), comment_prompt="Why?",
        thanks="Thanks.", reader_note="", bands={band.slug: words for band in scale.bands},
        questions=questions,
    )  # fmt: skip


def question(id_: int, kind: str, *choices: int) -> QuestionText:
    return QuestionText(
        id=id_, kind=kind, text="Q", low=1, high=5, low_label="", high_label="", bands=(),
        choices=tuple(ChoiceText(choice, str(choice)) for choice in choices),
    )  # fmt: skip


def form(text: str) -> QueryDict:
    return QueryDict(text)


@pytest.mark.parametrize("kind", SCALES)
def test_exactly_the_scores_of_the_scale_are_read(kind):
    scale = SCALES[kind]
    read = [n for n in range(-5, 20) if read_score(str(n), content(kind)) is not None]
    assert read == list(scale.scores)


@given(st.text(max_size=8))
def test_only_plain_digits_are_a_score(text):
    score = read_score(text, content())
    assert score is None or (text.isascii() and int(text) == score)


def test_a_fine_form_has_no_problems():
    read = read_score_form(form("score=9&comment=+Fast+&version=3"), content())
    assert (read.score, read.comment, read.version, read.problems) == (9, "Fast", 3, {})


def test_several_problems_are_told_together():
    read = read_score_form(form("comment=" + "a" * 5001), content())
    assert list(read.problems) == ["score", "comment"]
    assert read.problems["score"].target == "score-0"
    assert len(read.comment) == 5001


def test_words_ask_for_an_answer_and_numbers_for_a_number():
    numbers = read_score_form(form(""), content("nps")).problems["score"]
    words = read_score_form(form(""), content("csat")).problems["score"]
    assert (numbers.summary, numbers.message) == (
        "Choose a number from 0 to 10",
        "Please choose a number.",
    )
    assert (words.summary, words.message) == (
        "Choose one of the 5 answers",
        "Please choose an answer.",
    )


@pytest.mark.parametrize("version", ["x", "-1", "", "9" * 30])
def test_a_made_up_version_is_none(version):
    assert read_score_form(form(f"score=9&version={version}"), content()).version == 0


def test_all_kinds_of_answers_are_read():
    questions = [
        question(1, "free_text"),
        question(2, "scale"),
        question(3, "one_choice", 30, 31),
        question(4, "many_choices", 40, 41, 42),
    ]
    read = read_follow_up(form("comment=c&q1=+text+&q2=5&q3=31&q4=40&q4=42"), questions)
    assert read.answers == (
        GivenAnswer(1, text="text"),
        GivenAnswer(2, number=5),
        GivenAnswer(3, choice_id=31),
        GivenAnswer(4, choice_id=40),
        GivenAnswer(4, choice_id=42),
    )
    assert (read.comment, read.problems, read.asked) == ("c", {}, frozenset({1, 2, 3, 4}))


def test_a_question_that_was_not_on_the_page_was_not_asked():
    read = read_follow_up(form("asked=q1"), [question(1, "scale"), question(2, "scale")])
    assert (read.asked, read.comment, read.answers) == (frozenset({1}), None, ())


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (question(1, "scale"), "q1=0"),
        (question(1, "scale"), "q1=five"),
        (question(1, "one_choice", 7), "q1=8"),
        (question(1, "one_choice"), "q1=8"),
        (question(1, "many_choices", 7, 8), "q1=7&q1=9"),
        (question(1, "free_text"), "q1=" + "a" * 5001),
    ],
)
def test_what_was_not_offered_is_a_problem_beside_its_question(one, text):
    read = read_follow_up(form(text), [one])
    assert list(read.problems) == ["q1"]
    assert read.given[1].problem
    assert read.answers == ()


@given(st.text())
def test_a_clean_comment_has_no_control_characters_and_cleaning_again_changes_nothing(text):
    clean = clean_comment(text)
    assert not [c for c in clean if ord(c) < 32 and c not in "\n\t"]
    assert "\x7f" not in clean and "\0" not in clean
    assert clean_comment(clean) == clean


def test_line_ends_become_one_kind():
    assert clean_comment("a\r\nb\rc\n\td") == "a\nb\nc\n\td"
