"""The lexicon our reading scores with: VADER's, re-valued for customers, phrases, own words.

`data/customer_lexicon.txt` is the part written for this project; its first lines tell the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import Any

from vaderSentiment.vaderSentiment import B_INCR, SentimentIntensityAnalyzer

from feedback.text.forms import base_form
from feedback.text.tokens import (
    FIXED,
    HIT,
    OPENS_PHRASE,
    Token,
    marks_of,
    parts_of,
    plain_word,
)
from feedback.text.vader import NEGATIONS, note_modifier, note_rules

WEIGHT_LIMIT = 4.0  # valences run from -4 to 4
_MORE_BOOSTERS = frozenset(["super", "insanely", "crazy", "way", "freaking", "damn", "darn"])
_ALTERNATIVES = re.compile(r"\{([^}]*)\}")


@cache
def vader_analyzer() -> SentimentIntensityAnalyzer:
    """Return the package's analyser, read from its files once per process."""
    return SentimentIntensityAnalyzer()


def read_data(name: str) -> str:
    """Return the text of a file of `feedback/text/data`."""
    return files("feedback.text").joinpath("data", name).read_text(encoding="utf-8")


def expanded(entry: str) -> Iterator[str]:
    """Yield what an entry stands for: `crash+` its forms, `{a|b} c` each combination."""
    if entry.endswith("+"):
        yield from inflections(entry[:-1])
        return
    pieces = _ALTERNATIVES.split(entry)
    choices = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    yield from ("".join(chosen) for chosen in product(*choices))


def inflections(verb: str) -> tuple[str, ...]:
    """Return a regular verb or noun with its endings.

    >>> inflections("crash")
    ('crash', 'crashes', 'crashed', 'crashing')
    """
    plural = "es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s"
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb[:-1] + "ing"
    return verb, verb + plural, verb + "ed", verb + "ing"


def phrase_words(phrase: str) -> tuple[str, ...]:
    """Split a phrase as comments are split: at spaces, hyphens and slashes."""
    return tuple(
        word
        for raw in phrase.split()
        for part in (parts_of(raw) or (raw,))
        if (word := plain_word(part))
    )


def parsed(lines: Iterable[str]) -> dict[tuple[str, ...], float]:
    """Return the valence of each entry, as the words it consists of.

    Raises ValueError with the line's number where a line has no weight within -4..4.
    """
    valences: dict[tuple[str, ...], float] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        weight, tab, entries = line.partition("\t")
        if not tab or not -WEIGHT_LIMIT <= float(weight) <= WEIGHT_LIMIT:
            raise ValueError(f"line {number}: expected a weight from -4 to 4, a tab and words")
        for entry in entries.split(","):
            for form in expanded(entry.strip()):
                if words := phrase_words(form):
                    valences[words] = float(weight)
    return valences


@cache
def customer_valences() -> Mapping[tuple[str, ...], float]:
    """Return the entries of the customer lexicon."""
    return MappingProxyType(parsed(read_data("customer_lexicon.txt").splitlines()))


Trie = dict[str, Any]  # word -> Trie of the words that may follow; END -> the phrase as a token
END = ""


@lru_cache(maxsize=2)
def lexicon_with(words: tuple[tuple[str, float], ...]) -> Lexicon:
    """Return the lexicon with these own words; readers of other themes share it."""
    return Lexicon(dict(words))


class Lexicon:
    """Valences of single words, and a trie of phrases."""

    def __init__(self, words: Mapping[str, float] = MappingProxyType({})) -> None:
        own = {phrase_words(word): _weight(word, weight) for word, weight in words.items()}
        own.pop((), None)
        self._own = frozenset(entry[0] for entry in own if len(entry) == 1)
        entries = {**_package_phrases(), **customer_valences(), **own}
        self.words: dict[str, float] = {
            **vader_analyzer().lexicon,
            **{entry[0]: weight for entry, weight in entries.items() if len(entry) == 1},
        }
        self.phrases: dict[str, Trie] = {}
        for entry, weight in entries.items():
            if len(entry) > 1:
                node: Trie = self.phrases
                for word in entry:
                    node = node.setdefault(word, {})
                node[END] = self._phrase(entry, weight)
        self._seconds = {
            word: marks_of(map(base_form, seconds)) for word, seconds in self.phrases.items()
        }

    def _phrase(self, entry: tuple[str, ...], weight: float) -> Token:
        """Return a phrase as one token; FIXED where its words say the opposite of the whole."""
        token = Token(" ".join(entry))
        token.valence, token.in_lexicon = weight, True
        negates = any(word in NEGATIONS or "n't" in word for word in entry)
        praises = any(self.words.get(word, 0.0) > 1 for word in entry)
        is_fixed = negates if weight > 0 else praises and not negates
        token.flags = (HIT if weight else 0) | (FIXED if is_fixed else 0)
        return token

    def note(self, token: Token) -> None:
        """Write on `token` its valence and the phrases it may begin."""
        note_rules(token, self.words)
        if token.word in _MORE_BOOSTERS:
            token.booster, token.in_lexicon, token.valence = B_INCR, False, 0.0
            token.flags &= ~HIT
        elif token.in_lexicon and token.booster and abs(token.valence) >= 1:
            token.booster = 0.0  # "the food was exceptional" says something by itself
            token.flags |= HIT
        note_modifier(token)
        if token.word in self._own:
            token.weight = 0.0  # an own word means what its owner says
        if not token.text.isascii() and (sign := _emoji_valence(token.text)):
            token.valence, token.in_lexicon = sign, True
            token.flags |= HIT
        if phrases := self.phrases.get(token.word):
            token.phrases = phrases
            token.flags |= OPENS_PHRASE
            token.seconds = self._seconds[token.word]


def _weight(word: str, weight: float) -> float:
    if not -WEIGHT_LIMIT <= weight <= WEIGHT_LIMIT:
        raise ValueError(f"weight of {word!r}: expected -4 to 4, got {weight}")
    return float(weight)


def _emoji_valence(text: str) -> float:
    """Return the sum of the valences of the words that name the emoji in `text`, within -3..3."""
    analyzer = vader_analyzer()
    names = " ".join(analyzer.emojis.get(character, "") for character in text)
    total = sum(analyzer.lexicon.get(word, 0.0) for word in names.split())
    return max(-3.0, min(3.0, total))


@cache
def _package_phrases() -> Mapping[tuple[str, ...], float]:
    """Return the package's hyphenated words as phrases, as we split at hyphens."""
    return {
        words: valence
        for word, valence in vader_analyzer().lexicon.items()
        if "-" in word and len(words := phrase_words(word)) > 1
    }
