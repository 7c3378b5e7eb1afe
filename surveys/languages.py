"""Which language a customer's page or mail speaks, and in which direction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header


@dataclass(frozen=True, slots=True)
class LanguageOption:
    """One entry of the language switch, under its own name."""

    code: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Speech:
    """The language around the survey's own words, and that of the words themselves.

    They differ when a person reads in another language than the survey was
    written in; then the words carry their own `lang` and `dir`.
    """

    language: str
    direction: str
    wording_language: str
    wording_direction: str

    @property
    def is_mixed(self) -> bool:
        return self.language != self.wording_language

    @property
    def options(self) -> list[LanguageOption]:
        return [
            LanguageOption(code, name, code == self.language) for code, name in settings.LANGUAGES
        ]

    @property
    def name(self) -> str:
        return name_of(self.language)


def speech(language: str, *, wording_language: str = "") -> Speech:
    wording = wording_language or language
    return Speech(language, direction_of(language), wording, direction_of(wording))


@lru_cache(maxsize=64)
def direction_of(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


def name_of(code: str) -> str:
    """Return a language's name for itself: Deutsch."""
    return dict(settings.LANGUAGES).get(code, code)


def preferred(accept: str, among: Collection[str]) -> str:
    """Return the language of `among` an Accept-Language header likes best, or nothing."""
    wished = (supported(code) for code, _ in parse_accept_lang_header(accept.lower()[:500]))
    return next((code for code in wished if code in among), "")


def choose_language(wishes: Iterable[str], *, accept: str = "") -> str:
    """Return the first language of `wishes` that we speak, else the browser's, else ours.

    A wish is a code like "de" or "de-AT", or empty. `accept` is an
    Accept-Language header.
    """
    for wish in wishes:
        if spoken := supported(wish):
            return spoken
    for code, _ in parse_accept_lang_header(accept.lower()[:500]):
        if spoken := supported(code):
            return spoken
    return settings.LANGUAGE_CODE


def supported(code: str) -> str:
    """Return the language of ours that serves this code, or nothing."""
    whole = code.strip().lower().replace("_", "-")
    known = {known for known, _ in settings.LANGUAGES}
    return next((name for name in (whole, whole.split("-")[0]) if name in known), "")
