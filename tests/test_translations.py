"""Everything a customer may read is there in every language, and the compiled files are current."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from tests.translating import (
    CUSTOMER_SOURCES,
    CUSTOMERS,
    LANGUAGES,
    extracted,
    sources,
    untranslated,
)

_GAPS = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def wanted():
    return extracted(sources(CUSTOMER_SOURCES))


def catalogue(language):
    path = CUSTOMERS / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def test_every_language_of_ours_but_english_has_a_catalogue():
    assert {code for code, _name in settings.LANGUAGES} - {"en"} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_customers_read_nothing_untranslated(language, wanted):
    """Run `make messages`, translate what it names in config/locale, run it again."""
    there = catalogue(language)
    assert len(wanted) > 150  # the extraction itself works
    lacking = [str(m.id) for m in wanted if m.id and there.get(m.id, m.context) is None]
    assert lacking + untranslated(there) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogues_say_what_the_sources_say(language):
    there = catalogue(language)
    with (CUSTOMERS / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = read_mo(file)
    assert {_key(m) for m in compiled if m.id} == {_key(m) for m in there if m.id}


def _key(message):
    forms = [message.id, message.string]
    return (message.context, *(part if isinstance(part, str) else tuple(part) for part in forms))


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_gaps_of_their_originals(language):
    for message in catalogue(language):
        if not message.id:
            continue
        forms = [message.string] if isinstance(message.id, str) else list(message.string)
        original = message.id if isinstance(message.id, str) else message.id[1]
        for form in forms:
            assert set(_GAPS.findall(form)) <= set(_GAPS.findall(original)), message.id
            assert _fields(form) == _fields(original), message.id
        assert set(_GAPS.findall(forms[-1])) == set(_GAPS.findall(original)), message.id


def _fields(text):
    """Return the {gaps}: {company} in the questions of every kind."""
    if "%(" in text:
        return set()
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}


def test_django_finds_the_catalogues_and_arabic_counts_in_arabic():
    with override("de"):
        assert _("Send my answer") == "Antwort senden"
    once, often = (
        "This survey asks you at most once a day.",
        "This survey asks you at most once in %(days)s days.",
    )
    with override("ar"):
        said = {ngettext(once, often, n) for n in (1, 2, 5, 30, 100)}
    assert len(said) == 5
    assert once not in said and often not in said
