"""When an account shows a warning sign, when that is over, and when it may come again.

Pure: a day's facts of one account and the signs it had go in, what to do comes
out. One rule a kind; each raises by one bound and is over by another, so that
a sign does not flicker, and rests after its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from analytics.success.metrics.health import BANDS, Band, has_fallen

Kind = Literal["health_fall", "renewal", "conversation", "detractor"]
KINDS: tuple[Kind, ...] = ("health_fall", "renewal", "conversation", "detractor")
FALL = 15.0
"""Points of health lost in 30 days that raise a sign, as the list of accounts at risk has it."""
RECOVERED = 10.0
"""Less lost than this, and the band regained: the fall is over."""
SOON = timedelta(days=60)
"""A term that ends within this time with poor health raises a sign."""
ANSWER_DAYS = 14
"""A detractor's answer this young raises a sign; older ones are history."""
DAYS_TO_ACT: Mapping[Kind, int] = {
    "health_fall": 7, "renewal": 7, "conversation": 1, "detractor": 3,
}  # fmt: skip
COOL_DOWN: Mapping[Kind, int] = {
    "health_fall": 30, "renewal": 30, "conversation": 7, "detractor": 7,
}  # fmt: skip
"""Days after the end of a sign without another of its kind on the same account."""
_TOLD = 5.0  # points a component must have lost to be told
_MOST_ROWS = 20  # rows of evidence one sign holds


@dataclass(frozen=True, slots=True)
class Standing:
    """One account's health of a day: score and components 0..100, None where missing."""

    day: date
    score: float | None
    band: Band | None
    version: int
    parts: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of one account on a day.

    `month` is its health about 30 days before; `shown` the band people go by,
    `by` who set that by hand ("" when nobody did). `due` is the last day of its
    term. `talks` are conversations whose alert nobody has looked at, `answers` its
    detractors' NPS answers of the last days, newest first.
    """

    now: Standing | None = None
    month: Standing | None = None
    shown: Band | None = None
    by: str = ""
    due: date | None = None
    talks: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A sign an account shows: `about` tells two of a kind apart, `evidence` is what raised it."""

    kind: Kind
    evidence: Mapping[str, Any]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A sign the account had or still has (`ended_date` None); `state` as in the model."""

    pk: int
    kind: Kind
    about: str
    state: str
    evidence: Mapping[str, Any]
    ended_date: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about an account: raise signs, add evidence to open ones, end what is over."""

    to_raise: tuple[Found, ...] = ()
    to_renew: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    over: tuple[int, ...] = ()


def decide(account: Account, past: Sequence[Past], today: date) -> Decision:
    """Compare what an account shows with the signs it had. Deciding twice changes nothing."""
    open_ = {sign.kind: sign for sign in past if sign.ended_date is None}
    over = tuple(sign.pk for sign in open_.values() if is_over(sign, account, today))
    raised, renewed = [], {}
    for found in shows(account, _known(past), today):
        sign = open_.get(found.kind)
        if sign is None:
            if _may_come(found, past, today):
                raised.append(found)
        elif sign.pk not in over and (more := _more(sign, found)):
            renewed[sign.pk] = more
    return Decision(tuple(raised), renewed, over)


def _more(sign: Past, found: Found) -> Mapping[str, Any] | None:
    """Return evidence with the rows that came since; what raised a sign stays in it."""
    before = rows_of(sign.evidence)
    new = [row for row in rows_of(found.evidence) if row not in before]
    return {**sign.evidence, "rows": [*new, *before][:_MOST_ROWS]} if new else None


def _known(past: Iterable[Past]) -> Mapping[Kind, set[int]]:
    """Return the rows that signs which ended were about: they raise nothing again."""
    known: dict[Kind, set[int]] = {kind: set() for kind in KINDS}
    for sign in past:
        if sign.ended_date is not None:
            known[sign.kind] |= set(rows_of(sign.evidence))
    return known


def rows_of(evidence: Mapping[str, Any]) -> list[int]:
    """Return the conversations or answers a sign is about."""
    return list(evidence.get("rows", ()))


# ---- What raises a sign --------------------------------------------------------------


def shows(account: Account, known: Mapping[Kind, set[int]], today: date) -> list[Found]:
    """Return every sign the account shows today, whether it may be raised or not."""
    found = [
        _health_fall(account),
        _renewal(account, today),
        _rows("conversation", account.talks, known),
        _rows("detractor", account.answers, known),
    ]
    return [sign for sign in found if sign is not None]


def _health_fall(account: Account) -> Found | None:
    """Its band fell, or FALL points were lost, since a month ago by the same definition.

    Where somebody has set the health by hand, a person has judged this account already.
    """
    now, month = account.now, account.month
    if account.by or now is None or month is None or now.version != month.version:
        return None
    if now.score is None or month.score is None:
        return None
    if not (_is_lower(now.band, month.band) or has_fallen(now.score, month.score, points=FALL)):
        return None
    return Found(
        "health_fall",
        {
            "score": round(now.score, 2),
            "band": now.band or "",
            "before": round(month.score, 2),
            "before_band": month.band or "",
            "before_date": month.day.isoformat(),
            "version": now.version,
            "parts": _lost(month.parts, now.parts),
        },
    )


def _lost(before: Mapping[str, float | None], now: Mapping[str, float | None]) -> list[list[Any]]:
    """Return [component, score then, score now] of the three that lost most."""
    fell: list[tuple[float, str, float, float]] = []
    for name, was in before.items():
        score = now.get(name)
        if was is not None and score is not None and was - score >= _TOLD:
            fell.append((score - was, name, was, score))
    return [[name, round(was, 1), round(score, 1)] for _by, name, was, score in sorted(fell)[:3]]


def _renewal(account: Account, today: date) -> Found | None:
    if account.shown != "red" or account.due is None or not today <= account.due <= today + SOON:
        return None
    evidence: dict[str, Any] = {"due": account.due.isoformat(), "band": "red", "by": account.by}
    if account.now and account.now.score is not None:
        evidence["score"] = round(account.now.score, 2)
    return Found("renewal", evidence, account.due.isoformat())


def _rows(kind: Kind, rows: Iterable[int], known: Mapping[Kind, set[int]]) -> Found | None:
    new = [row for row in rows if row not in known[kind]][:_MOST_ROWS]
    return Found(kind, {"rows": new}) if new else None


def _is_lower(now: Band | None, before: Band | None) -> bool:
    return now is not None and before is not None and BANDS.index(now) < BANDS.index(before)


# ---- Whether it may come, and when it is over ------------------------------------------


def _may_come(found: Found, past: Iterable[Past], today: date) -> bool:
    """Say whether a sign may be raised: none of its kind ended within the cool-down.

    What was dismissed for a term is not raised for that term again.
    """
    rest = timedelta(days=COOL_DOWN[found.kind])
    for sign in past:
        if sign.kind != found.kind or sign.ended_date is None:
            continue
        if today - sign.ended_date < rest:
            return False
        if found.about and sign.about == found.about and sign.state == "dismissed":
            return False
    return True


def is_over(sign: Past, account: Account, today: date) -> bool:
    """Say whether the reason of an open sign is gone; what is not known ends nothing."""
    match sign.kind:
        case "health_fall":
            return _has_recovered(sign.evidence, account.now)
        case "renewal":
            if account.due is None or account.due.isoformat() != sign.about:
                return True  # renewed, cancelled, or past
            return account.shown in ("yellow", "green")
        case "conversation":
            return not account.talks
        case "detractor":
            return False  # somebody has to hear them
    raise ValueError(f"no warning sign is called {sign.kind!r}")


def _has_recovered(evidence: Mapping[str, Any], now: Standing | None) -> bool:
    """Compare with the health it fell from, not with a month ago: low for long is no recovery."""
    if now is None or now.score is None or now.version != evidence["version"]:
        return False
    lost = float(evidence["before"]) - now.score
    return lost < RECOVERED and not _is_lower(now.band, evidence["before_band"] or None)
