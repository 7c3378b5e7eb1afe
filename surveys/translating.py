"""Write a survey's translations: begin a language, store texts, open it for people, copy them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from outbox.transactions import write
from surveys.models import Survey, SurveyLanguage, Translation
from surveys.services import refresh_wording
from surveys.translations import LanguageState, Text, state_of, texts_of


class Incomplete(Exception):
    """A text is missing in this language, so people cannot read the survey in it yet."""


class AlreadyThere(Exception):
    """The survey has this language already, or it is its own."""


def add(survey: Survey, code: str) -> None:
    """Begin a language; nobody reads it yet. AlreadyThere."""
    with write():
        if code == survey.language:
            raise AlreadyThere(code)
        if not SurveyLanguage.objects.get_or_create(survey=survey, language=code)[1]:
            raise AlreadyThere(code)


def problems(state: LanguageState, said: Mapping[str, str]) -> dict[str, str]:
    """Return place -> why a translation cannot be stored; empty when all can."""
    texts = {entry.text.place: entry.text for entry in state.entries}
    found = {}
    for place, text in said.items():
        if place not in texts:
            found[place] = _("There is no such text to translate.")
        elif (over := len(text) - texts[place].most) > 0:
            facts = {"most": texts[place].most, "over": over}
            found[place] = _("%(most)s characters fit. Please take out %(over)s.") % facts
        elif text and "{company}" in texts[place].source and "{company}" not in text:
            found[place] = _("The original names {company}; so must this.")
    return found


def store(survey: Survey, code: str, said: Mapping[str, str]) -> None:
    """Store translations by place; an empty one takes the former away, an unnamed one stays."""
    with write():
        row = SurveyLanguage.objects.select_for_update().get(survey=survey, language=code)
        known = {text.place: text for text in row.texts.all()}
        for text in texts_of(survey):
            if text.place in said:
                _store_one(row, text, said[text.place].strip(), known.get(text.place))
        refresh_wording(survey)


def _store_one(row: SurveyLanguage, text: Text, said: str, known: Translation | None) -> None:
    if not said:
        if known:
            known.delete()
        return
    if known is None:
        Translation.objects.create(language=row, place=text.place, text=said, source=text.source)
    elif known.text != said:
        known.text, known.source = said, text.source
        known.save(update_fields=["text", "source"])


def confirm(survey: Survey, code: str) -> None:
    """Say that the translations fit the originals as they are now."""
    with write():
        row = SurveyLanguage.objects.get(survey=survey, language=code)
        for text in texts_of(survey):
            row.texts.filter(place=text.place).update(source=text.source)


def set_open(survey: Survey, code: str, *, is_open: bool) -> None:
    """Let people read this language, or no more. Incomplete when a text is missing."""
    with write():
        state = state_of(survey, code)
        if is_open and (state is None or state.missing):
            raise Incomplete(code)
        SurveyLanguage.objects.filter(survey=survey, language=code).update(is_open=is_open)
        refresh_wording(survey)


def remove(survey: Survey, code: str) -> None:
    """Take a language and its translations away; answers given in it keep their words."""
    with write():
        SurveyLanguage.objects.filter(survey=survey, language=code).delete()
        refresh_wording(survey)


def copy_to(survey: Survey, twin: Survey, places: Mapping[str, str]) -> None:
    """Give a copied survey the same translations; `places` maps the places that moved."""
    for row in survey.languages.prefetch_related("texts"):
        fresh = SurveyLanguage.objects.create(
            survey=twin, language=row.language, is_open=row.is_open
        )
        Translation.objects.bulk_create(
            Translation(language=fresh, place=place, text=text.text, source=text.source)
            for text in row.texts.all()
            if (place := places.get(text.place, "" if _is_numbered(text.place) else text.place))
        )


def _is_numbered(place: str) -> bool:
    return place.startswith(("question.", "choice."))
