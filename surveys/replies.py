"""What a mail server's words mean: one table for SMTP answers and for delivery-status notices.

Pure. RFC 5321 gives the three-digit code, RFC 3463 the finer x.y.z; servers
that send no x.y.z are read by their words, and never harder than they said.
"""

from __future__ import annotations

import re
from enum import Enum

# 5.1.x says the address itself is wrong; older servers only say so in words.
_DEAD_CODE = re.compile(r"\b5\.1\.(1|2|3|6|10)\b")
_ANY_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_DEAD_WORDS = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient|address)|does not exist"
    r"|mailbox (not found|unavailable)|recipient not found|invalid recipient",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"\b[45]\.2\.2\b|mailbox (is )?full|over ?quota|quota exceeded|exceeded.{0,20}quota",
    re.IGNORECASE,
)
_GREY = re.compile(r"gr[ea]ylist|try again in \d+ (second|minute)", re.IGNORECASE)
_FAST = re.compile(
    r"\b4\.7\.28\b|rate.?limit|too many (messages|mails|recipients|connections)|throttl"
    r"|unusual rate|too fast|exceeded the (maximum|allowed)",
    re.IGNORECASE,
)


class Verdict(Enum):
    NO_ADDRESS = "no address"  # for ever: nobody lives there
    REFUSED = "refused"  # for ever, but only this mail: policy, content
    FULL = "full"
    GREYLISTED = "greylisted"  # "come back in some minutes" from a server that knows us not yet
    TOO_FAST = "too fast"  # said of us and the whole domain, not of this mail
    LATER = "later"


_MINUTE, _HOUR = 60, 3600
# Seconds before each further attempt; the last one repeats.
_LADDERS = {
    Verdict.GREYLISTED: (5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 4 * _HOUR),
    Verdict.TOO_FAST: (15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR),
    Verdict.FULL: (_HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR),
    Verdict.LATER: (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR),
}


def judge(code: int, text: str) -> Verdict:
    """Return what an answer of 400..599 means for the mail it was given to."""
    is_final = code >= 500
    if is_final and _is_dead(text):
        return Verdict.NO_ADDRESS
    if _FULL.search(text) or code == 452:
        return Verdict.REFUSED if is_final else Verdict.FULL
    if is_final:
        return Verdict.REFUSED
    if _FAST.search(text):
        return Verdict.TOO_FAST
    return Verdict.GREYLISTED if _GREY.search(text) else Verdict.LATER


def wait(verdict: Verdict, attempts: int) -> int:
    """Return the seconds until the next attempt after the given number of them (1..)."""
    ladder = _LADDERS.get(verdict, _LADDERS[Verdict.LATER])
    return ladder[min(attempts, len(ladder)) - 1]


def _is_dead(text: str) -> bool:
    if _DEAD_CODE.search(text):
        return True
    return not _ANY_CODE.search(text) and bool(_DEAD_WORDS.search(text))
