"""A survey's own texts in other languages: which there are, what is missing, what may be outdated.

Only what staff wrote needs translating: an empty field says its kind's own
words, which come in every language of ours. A language is spoken to people
while it is open and complete; otherwise they read the survey's own language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from surveys.languages import name_of
from surveys.models import BandText, Question, Survey, SurveyLanguage

_BAND_FIELDS = ("comment_prompt", "thanks", "link_text")
_QUESTION_FIELDS = ("text", "low_label", "high_label")


@dataclass(frozen=True, slots=True)
class Text:
    """One text staff wrote. `where` says to a person where it stands; `most` characters fit."""

    place: str
    group: str
    where: str
    source: str
    most: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One text with its translation so far."""

    text: Text
    said: str
    translated_from: str

    @property
    def is_missing(self) -> bool:
        return not self.said

    @property
    def is_outdated(self) -> bool:
        return bool(self.said) and self.translated_from != self.text.source


@dataclass(frozen=True, slots=True)
class LanguageState:
    """How far one more language is, and what people who want it read meanwhile."""

    code: str
    name: str
    is_open: bool
    entries: tuple[Entry, ...]
    fallback: str  # the name of the survey's own language

    @property
    def missing(self) -> int:
        return sum(entry.is_missing for entry in self.entries)

    @property
    def outdated(self) -> int:
        return sum(entry.is_outdated for entry in self.entries)

    @property
    def is_spoken(self) -> bool:
        return self.is_open and not self.missing

    @property
    def is_waiting(self) -> bool:
        """Tell whether people should read it but a text is missing."""
        return self.is_open and bool(self.missing)


def texts_of(survey: Survey) -> list[Text]:
    """Return what staff wrote, in the order in which people meet it."""
    return [text for text in _all_texts(survey) if text.source]


def _all_texts(survey: Survey) -> Iterator[Text]:
    for name in ("question", "low_label", "high_label", "comment_prompt", "thanks"):
        yield _field(survey, name, _("The page"))
    bands = {band.slug: str(band.name) for band in survey.scale.bands}
    for text in survey.band_texts.all():
        for name in _BAND_FIELDS if text.band in bands else ():
            yield _of_band(text, name, bands[text.band])
    for question in _questions(survey):
        yield from _of_question(question)
    yield _field(survey, "reader_note", _("The page"))
    for name in ("mail_subject", "mail_intro"):
        yield _field(survey, name, _("The mail"))


def _field(survey: Survey, name: str, group: str) -> Text:
    field = _char_field(Survey, name)
    return Text(
        name, group, _upper(field.verbose_name), getattr(survey, name), field.max_length or 0
    )


def _of_band(text: BandText, name: str, band: str) -> Text:
    field = _char_field(BandText, name)
    place = f"band.{text.band}.{name}"
    return Text(place, band, _upper(field.verbose_name), getattr(text, name), field.max_length or 0)


def _of_question(question: Question) -> Iterator[Text]:
    group = _("Question “%(text)s”") % {"text": question.text}
    for name in _QUESTION_FIELDS:
        field = _char_field(Question, name)
        source = getattr(question, name)
        if name == "text" or question.kind == Question.Kind.SCALE:
            place = f"question.{question.pk}.{name}"
            yield Text(place, group, _upper(field.verbose_name), source, field.max_length or 0)
    for choice in question.choices.all():
        if not choice.is_retired:
            yield Text(f"choice.{choice.pk}", group, _("Choice"), choice.text, 200)


def _questions(survey: Survey) -> Iterable[Question]:
    asked = survey.questions.filter(is_retired=False).prefetch_related("choices")
    return asked[: Question.MOST]


def _char_field(model: type[Model], name: str) -> CharField[str, str]:
    return cast("CharField[str, str]", model._meta.get_field(name))


def _upper(words: object) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


# ---- How far it is ---------------------------------------------------------------------------


def states_of(survey: Survey) -> list[LanguageState]:
    """Return how far every further language of the survey is."""
    rows = list(survey.languages.exclude(language=survey.language).prefetch_related("texts"))
    texts = texts_of(survey) if rows else []
    return [_state(survey, row, texts) for row in rows]


def state_of(survey: Survey, code: str) -> LanguageState | None:
    return next((state for state in states_of(survey) if state.code == code), None)


def _state(survey: Survey, row: SurveyLanguage, texts: Iterable[Text]) -> LanguageState:
    said = {text.place: text for text in row.texts.all()}
    entries = tuple(
        Entry(text, said[text.place].text, said[text.place].source)
        if text.place in said
        else Entry(text, "", "")
        for text in texts
    )
    return LanguageState(
        row.language, name_of(row.language), row.is_open, entries, name_of(survey.language)
    )


def words_of(state: LanguageState) -> dict[str, str]:
    """Return place -> text, as `surveys.wording.draw_up` takes it."""
    return {entry.text.place: entry.said for entry in state.entries if entry.said}
