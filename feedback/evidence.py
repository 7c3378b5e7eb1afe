"""Is this post a person's? Pure rules with reason codes, published in docs/evidence.md.

A GET or HEAD is never judged because it never answers. A post is a person's
(`human`), may be a machine's (`suspect`) or says itself that it is one
(`machine`); the last two are held: stored, shown, restorable, in no score.
Rules that hold look for contradictions, never for the absence of a script:
one tap in a browser without JavaScript is an answer. What happened around a
post (`Around`) speaks only where nothing vouches for a tap or a key, save that
nobody can answer on a page that nobody fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = 2  # of the rules; raised with every change of what they decide
SOON = 10.0
"""Seconds after a mail left in which nobody has got, read and answered it."""
TOGETHER = 60.0
"""Seconds before and after a post whose other posts to its link are looked at."""
MANY = 3
"""Different scores within that time that no person posts; two are a slip put right."""

HUMAN, SUSPECT, MACHINE = "human", "suspect", "machine"
GESTURES = frozenset({"pointer", "key", "none"})  # "": the page's script did not run


@dataclass(frozen=True, slots=True)
class Trace:
    """What a post shows of who sent it. No address, no name, no score.

    `agent` is a class of `agent_class`, `marks` what such a browser sends
    (`marks_due`). `gesture`: "pointer" or "key" when the
    page's script saw a trusted one, "none" when it ran and saw none, "" when
    it did not run. `site`, `mode`, `user` are the Sec-Fetch headers;
    `is_metadata_due` when a browser that says what this one says sends them
    to this address (they are sent to https and to this machine only).
    """

    agent: str = "browser"
    marks: str = ""
    gesture: str = ""
    site: str = ""
    mode: str = ""
    user: str = ""
    has_language: bool = True
    has_origin: bool = True
    is_metadata_due: bool = False

    @property
    def has_gesture(self) -> bool:
        return self.gesture in ("pointer", "key")

    @property
    def is_vouched_for(self) -> bool:
        """Tell whether our script or the browser saw a tap or a key."""
        return self.has_gesture or self.user == "?1"


@dataclass(frozen=True, slots=True)
class Around:
    """What the records say happened around a post.

    `since_mail`: seconds since the latest mail with its link left, None without
    one. `scores`: different scores posted to its link within TOGETHER that
    nothing vouches for, its own included. `is_opened`: the page had been
    fetched. `is_against_person`: a person answered before with another score,
    and something vouches for that.
    """

    since_mail: float | None = None
    scores: int = 1
    is_opened: bool = True
    is_against_person: bool = False


NOTHING_ODD = Around()


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: str
    reasons: tuple[str, ...]
    version: int = VERSION

    @property
    def is_held(self) -> bool:
        return self.verdict != HUMAN


def judge(trace: Trace, around: Around = NOTHING_ODD) -> Judgement:
    """Decide by the gravest reason; every reason found is named."""
    if machine := _machine(trace):
        return Judgement(MACHINE, machine)
    if suspect := (*_suspect(trace), *_out_of_place(trace, around)):
        return Judgement(SUSPECT, suspect)
    return Judgement(HUMAN, (_human(trace),))


def _machine(trace: Trace) -> tuple[str, ...]:
    found = {
        "scanner_agent": trace.agent == "scanner",
        "library_agent": trace.agent == "library",
        # Our script ran and nobody touched the page: a script pressed the button. What drives a
        # browser from outside can make it vouch for a tap (Sec-Fetch-User), so that does not help.
        "no_gesture": trace.gesture == "none",
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _suspect(trace: Trace) -> tuple[str, ...]:
    found = {"no_agent": trace.agent == "none", "headless_agent": trace.agent == "headless"}
    if not trace.has_gesture:
        found |= {
            "no_language": not trace.has_language,
            "no_origin": bool(trace.marks) and not trace.has_origin,
            "no_metadata": bool(trace.marks) and trace.is_metadata_due and not trace.site,
            "not_navigated": bool(trace.mode) and trace.mode != "navigate",
            "not_activated": trace.marks == "user" and bool(trace.site) and trace.user != "?1",
        }
    return tuple(reason for reason, holds in found.items() if holds)


def _out_of_place(trace: Trace, around: Around) -> tuple[str, ...]:
    found = {"not_opened": not around.is_opened}
    if not trace.is_vouched_for:
        found |= {
            "too_soon": around.since_mail is not None and around.since_mail < SOON,
            "many_scores": around.scores >= MANY,
            "against_person": around.is_against_person,
        }
    return tuple(reason for reason, holds in found.items() if holds)


def _human(trace: Trace) -> str:
    if trace.has_gesture:
        return "gesture"
    return "activated" if trace.user == "?1" else "plausible"


_SCANNER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|scanner|barracuda|mimecast|proofpoint|safelinks|urldefense|trendmicro|"
    r"symantec|forcepoint|fireeye|trellix|cloudmark|preview|link.?check|googleimageproxy|"
    r"microsoft office|bingpreview|zscaler|ironport|virustotal|urlscan",
    re.IGNORECASE,
)
_LIBRARY = re.compile(
    r"^(curl|wget|python|go-http|java/|okhttp|axios|node|libwww|apache-httpclient|ruby|php|guzzle|"
    r"aiohttp|httpx|winhttp|postman|insomnia)|python-requests|libcurl",
    re.IGNORECASE,
)
_HEADLESS = re.compile(r"headless|phantomjs|puppeteer|playwright|selenium", re.IGNORECASE)
_BROWSER = re.compile(r"^(mozilla|opera|lynx|links|w3m|elinks)", re.IGNORECASE)
_CHROME = re.compile(r"(?:Chrome|Edg)/(\d+)")
_FIREFOX = re.compile(r"Firefox/(\d+)")
_SAFARI = re.compile(r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/")
_CHROME_SINCE, _FIREFOX_SINCE, _SAFARI_SINCE = 80, 90, 17


def agent_class(agent: str) -> str:
    """Return none, scanner, library, headless, browser or other."""
    if not agent.strip():
        return "none"
    for name, pattern in (
        ("headless", _HEADLESS), ("scanner", _SCANNER), ("library", _LIBRARY),
        ("browser", _BROWSER),
    ):  # fmt: skip
        if pattern.search(agent):
            return name
    return "other"


def marks_due(agent: str) -> str:
    """Return what a browser that calls itself so sends with a post of a form.

    "user": Origin, Sec-Fetch headers, and Sec-Fetch-User when a person caused
    it (Chromium, Firefox). "site": the same without the last (Safari). "":
    nothing can be expected (old browsers, windows inside other apps on iOS).
    """
    for pattern, since, marks in (
        (_CHROME, _CHROME_SINCE, "user"),
        (_FIREFOX, _FIREFOX_SINCE, "user"),
        (_SAFARI, _SAFARI_SINCE, "site"),
    ):
        if found := pattern.search(agent):
            return marks if int(found[1]) >= since else ""
    return ""
