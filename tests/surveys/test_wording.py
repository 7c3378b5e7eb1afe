"""What a survey says is drawn up once, in its own language, and read back as it was."""

from dataclasses import asdict

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.models import BandText, Choice, Question
from surveys.scales import SCALES
from surveys.wording import (
    BandWords,
    ChoiceText,
    Content,
    QuestionText,
    content_of,
    draw_up,
    keep,
)
from tests.surveys import worlds

text = st.text(max_size=20)
numbers = st.integers(0, 10)
contents = st.builds(
    Content,
    language=st.sampled_from(["en", "ar"]),
    kind=st.sampled_from(sorted(SCALES)),
    question=text,
    low_label=text,
    high_label=text,
    score_labels=st.lists(text, max_size=3).map(tuple),
    comment_prompt=text,
    thanks=text,
    reader_note=text,
    bands=st.dictionaries(text, st.builds(BandWords, text, text, text, text), max_size=2),
    questions=st.lists(
        st.builds(
            QuestionText,
            id=numbers,
            kind=text,
            text=text,
            low=numbers,
            high=numbers,
            low_label=text,
            high_label=text,
            bands=st.lists(text, max_size=2).map(tuple),
            choices=st.lists(st.builds(ChoiceText, numbers, text), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(deadline=None)
@given(contents)
def test_a_stored_wording_reads_back_as_it_was(content):
    assert content_of(asdict(content)) == content


@pytest.mark.django_db
def test_empty_fields_say_what_the_kind_says():
    content = draw_up(worlds.survey())
    assert (
        content.question
        == "How likely are you to recommend Kestrel Ledger to a friend or colleague?"
    )
    assert (content.low_label, content.high_label) == ("Not at all likely", "Extremely likely")
    assert set(content.bands) == {"promoter", "passive", "detractor"}
    assert all(words.comment_prompt and words.thanks for words in content.bands.values())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(SCALES))
def test_every_kind_has_words_for_everything(kind):
    content = draw_up(worlds.survey(kind=kind, live=False))
    scale = SCALES[kind]
    assert content.question and content.low_label and content.high_label
    assert "{company}" not in str(asdict(content))
    assert len(content.score_labels) in (0, len(scale.scores))
    assert [content.thanks_for(band.slug) for band in scale.bands]


@pytest.mark.django_db
def test_a_wording_speaks_its_survey_s_language_whoever_edits_it():
    survey = worlds.survey()
    with override("de"):
        assert draw_up(survey) == content_of(keep(survey).content)


@pytest.mark.django_db
def test_the_company_stands_wherever_a_text_names_it():
    survey = worlds.survey(
        product_name="Ledger Pro", question="Do you like {company}?", thanks="{company} thanks you."
    )
    content = draw_up(survey)
    assert content.question == "Do you like Ledger Pro?"
    assert content.thanks == "Ledger Pro thanks you."


@pytest.mark.django_db
def test_a_band_s_own_words_come_before_those_for_everyone():
    survey = worlds.survey(comment_prompt="Why?")
    survey.band_texts.create(band="promoter", comment_prompt="Why so good?")
    content = draw_up(survey)
    assert content.prompt_for("promoter") == "Why so good?"
    assert content.prompt_for("detractor") == "Why?"


@pytest.mark.django_db
def test_a_draft_can_be_drawn_without_storing_it():
    survey = worlds.survey(live=False)
    unsaved = BandText(survey=survey, band="promoter", thanks="Hooray")
    content = draw_up(survey, band_texts=[unsaved], questions=[])
    assert content.thanks_for("promoter") == "Hooray"
    assert survey.band_texts.count() == 0


@pytest.mark.django_db
def test_retired_questions_and_choices_are_not_asked():
    survey = worlds.survey()
    Question.objects.create(survey=survey, kind="free_text", text="old", is_retired=True)
    asked = Question.objects.create(survey=survey, kind="one_choice", text="new")
    Choice.objects.create(question=asked, text="gone", is_retired=True)
    Choice.objects.create(question=asked, text="here")
    (shown,) = draw_up(survey).questions
    assert (shown.text, [choice.text for choice in shown.choices]) == ("new", ["here"])


@pytest.mark.django_db
def test_keeping_the_same_words_twice_keeps_one_row():
    survey = worlds.survey()
    assert keep(survey).pk == keep(survey).pk
    assert survey.wordings.count() == 1
