"""What a reading depends on, as a short hash stored with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from feedback.text.rules import ThemeRule

RULES_VERSION = 1  # raise when code changes what is read from the same text
_FILES = (
    "data/customer_lexicon.txt",
    "data/common_english.txt",
    "data/english_words.txt",
    "data/foreign_words.txt",
    "models/sentiment.json",
    "models/emotions.json",
)


@cache
def _shipped() -> bytes:
    digest = hashlib.sha256(f"{RULES_VERSION} {version('vaderSentiment')}".encode())
    root = files("feedback.text")
    for name in _FILES:
        digest.update(root.joinpath(name).read_bytes())
    return digest.digest()


def fingerprint(themes: Sequence[ThemeRule], words: Mapping[str, float]) -> str:
    """Return 12 hex digits that change with models, lexicon, rules, themes or own words."""
    digest = hashlib.sha256(_shipped())
    digest.update(repr((tuple(themes), sorted(words.items()))).encode())
    return digest.hexdigest()[:12]
