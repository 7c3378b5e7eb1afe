"""The words of a text, and the form that the inflections of a word share."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case, with straight apostrophes."""
    return [match.group().lower().replace("’", "'") for match in WORD.finditer(text)]


_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"),
    ("zes", "z"), ("'s", ""), ("s'", "s"), ("ing", ""), ("ed", ""), ("s", ""),
)  # fmt: skip
_KEPT = frozenset(
    (
        "this", "always", "perhaps", "sometimes", "during", "need", "thing", "nothing",
        "something", "anything", "everything", "news", "indeed", "speed", "feed", "seed", "bring",
        "string", "evening", "morning", "ceiling", "building", "wedding", "series", "species",
        "yes", "does",
    )
)  # fmt: skip
_IRREGULAR = {
    "broke": "break", "broken": "break", "froze": "freeze", "frozen": "freeze", "paid": "pay",
    "sent": "send", "lost": "lose", "bought": "buy", "sold": "sell", "came": "come", "went": "go",
    "gone": "go", "got": "get", "gotten": "get", "told": "tell", "said": "say", "spoke": "speak",
    "spoken": "speak", "took": "take", "taken": "take", "gave": "give", "given": "give",
    "held": "hold", "hung": "hang", "kept": "keep", "left": "leave", "made": "make", "ran": "run",
    "shut": "shut", "slept": "sleep", "stole": "steal", "stolen": "steal", "ate": "eat",
    "eaten": "eat", "drove": "drive", "driven": "drive", "flew": "fly", "flown": "fly",
    "wrote": "write", "written": "write", "people": "person", "children": "child",
    "women": "woman", "men": "man", "staffs": "staff", "apps": "app", "died": "die",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def base_form(word: str) -> str:
    """Return a form shared by the inflections of an English word (not always a word itself).

    >>> {base_form(word) for word in ("crash", "crashes", "crashed", "crashing")}
    {'crash'}
    """
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or word in _KEPT or word.endswith(("ss", "us", "is")):
        return word
    stem = word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2 + (ending in ("ing", "ed")):
            stem = word[: len(word) - len(ending)] + replacement
            break
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in "bdglmnprt":
        stem = stem[:-1]
    return stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem
