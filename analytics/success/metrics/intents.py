"""What a customer wants in a message: to leave, money back, to complain, to thank.

Rules of words anybody can read, English only; what is denied ("I do not want
to cancel") does not count.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Intent = Literal["cancel", "refund", "complaint", "thanks"]
INTENTS: tuple[Intent, ...] = ("cancel", "refund", "complaint", "thanks")

_NOUN = r"(?:account|subscription|contract|plan|membership|service)"
_PATTERNS: dict[Intent, str] = {
    "cancel": (
        r"cancel(?:s|led|ed|ling|ing|lation)?\b"
        rf"|(?:close|end|terminate|delete)\s+(?:my|our|the|this)\s+{_NOUN}"
        r"|(?:switch|move|chang)(?:e|ing)?\s+(?:over\s+)?to\s+(?:a|an|another|your)\s+(?:\w+\s+)?"
        r"(?:competitor|provider|supplier|product|tool)"
        r"|looking\s+(?:for|at)\s+(?:an\s+)?alternatives?|unsubscribe"
    ),
    "refund": (
        r"refund(?:s|ed|ing)?\b|(?:my|our|the)\s+money\s+back|reimburs\w*|charge\s?back"
        r"|credit\s+(?:me|us)\b|want\s+(?:it|that)\s+paid\s+back"
    ),
    "complaint": (
        r"complain(?:t|ts|ing|ed)?\b|unacceptable|speak\s+(?:to|with)\s+(?:a|your|the)\s+"
        r"(?:manager|supervisor|boss)|escalat\w*|not\s+good\s+enough|third\s+time|fed\s+up"
        r"|still\s+(?:no|not|isn['’]?t|doesn['’]?t|waiting)|again\s+and\s+again|lawyer|legal\s+action"
    ),
    "thanks": (
        r"thank(?:s|\s+you|\s+u)\b|thx\b|much\s+appreciated|very\s+helpful|cheers\b"
        r"|(?:works|working|solved|sorted|fixed)\s+(?:now|again|perfectly)|that\s+did\s+it"
    ),
}
_FOUND = {name: re.compile(rf"\b(?:{text})", re.IGNORECASE) for name, text in _PATTERNS.items()}
_DENIED = re.compile(
    r"(?:\bnot?|n['’]t|\bnever|\bwithout|\bno\s+need\s+to|\brather\s+than)"
    r"(?:\s+(?:yet|want|need|wish|going|have|intend|planning|like|really|even|a|an|any|to|us|me|the))*"
    r"\s*$",
    re.IGNORECASE,
)
_REACH = 48  # characters before a word in which a denial is looked for
MOST = 20_000


class Wish(NamedTuple):
    """An intent and the words that say it, at `start`..`end` of the text."""

    intent: Intent
    start: int
    end: int


def wishes(text: str) -> list[Wish]:
    """Return every place that says an intent and is not denied, in the order of the text."""
    text = text[:MOST]
    found = [
        Wish(intent, hit.start(), hit.end())
        for intent, pattern in _FOUND.items()
        for hit in pattern.finditer(text)
        if not _is_denied(intent, text, hit.start())
    ]
    return sorted(found, key=lambda wish: (wish.start, wish.end))


def _is_denied(intent: Intent, text: str, at: int) -> bool:
    # "thanks, not working" is handled by sentiment; "no thanks" still thanks nobody
    return bool(_DENIED.search(text[max(0, at - _REACH) : at]))
