"""Whom a campaign means, who of them may be asked now, and why the others may not.

The verdict is one annotated query, the same for the preview and for the
sending; it is spoken again when the mail leaves (surveys.delivery).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.db.models import Value as V
from django.db.models.functions import Coalesce
from django.utils import timezone

from outbox.days import local_date
from surveys import reasons
from surveys.addresses import address_of, flaw_of
from surveys.mailbox import is_embedded
from surveys.models import Contact, Invitation, Segment, Suppression, Survey
from surveys.roster import Person
from surveys.segments import NOBODY, segment_q

MOST_TYPED = 2000
_ENOUGH_MAILS = 30  # earlier mails before a share of answers is worth telling


class Source(StrEnum):
    EVERYONE = "everyone"
    SEGMENT = "segment"
    UPLOAD = "upload"
    ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who was chosen. `id`: of the segment or upload; `people`, `unusable`: as typed."""

    source: Source
    id: int | None = None
    people: tuple[Person, ...] = ()
    unusable: tuple[str, ...] = ()


def typed(text: str) -> Audience:
    """Read pasted addresses, one a line or divided by commas or semicolons, at most 2,000.

    `Ada Byron <ada@example.com>` brings a name along; the same address counts once.
    """
    people: dict[str, Person] = {}
    unusable: dict[str, None] = {}
    for piece in _pieces(text)[:MOST_TYPED]:
        email, name = address_of(piece)
        if flaw_of(email):
            unusable[piece[:80]] = None
        else:
            people.setdefault(email, Person(row=0, email=email, name=name[:200]))
    return Audience(Source.ADDRESSES, people=tuple(people.values()), unusable=tuple(unusable))


def _pieces(text: str) -> list[str]:
    found: list[str] = []
    for line in re.split(r"[\n;]", text):
        before: list[str] = []
        for part in line.split(","):
            if "@" not in part:
                before.append(part)  # perhaps the "Byron" of "Byron, Ada <ada@example.com>"
                continue
            found += [",".join([*before, part])] if "<" in part else [*before, part]
            before = []
        found += before
    return [piece.strip() for piece in found if piece.strip()]


def contacts_of(audience: Audience) -> QuerySet[Contact]:
    """Return the contacts that are meant; people typed in may be none yet."""
    everyone = Contact.objects.order_by("pk")
    match audience.source:
        case Source.SEGMENT:
            chosen = Segment.objects.prefetch_related("conditions").filter(pk=audience.id or 0)
            segment = chosen.first()
            test = segment_q(segment.conditions.all()) if segment else NOBODY
            return everyone.filter(test)
        case Source.UPLOAD:
            return everyone.filter(uploads=audience.id or 0)
        case Source.ADDRESSES:
            return everyone.filter(email__in=[person.email for person in audience.people])
    return everyone


def judged(survey: Survey, contacts: QuerySet[Contact]) -> QuerySet[Any]:
    """Annotate `skip` ("" or a code of surveys.reasons) and `asked_at` (when, if in the rest)."""
    asked_after = timezone.now() - timedelta(days=survey.rest_days)
    asks = Invitation.objects.filter(survey=survey, contact=OuterRef("pk")).order_by()
    arrived = asks.filter(state__in=[Invitation.State.SENT, Invitation.State.DOUBTFUL])
    asked = arrived.annotate(asked=Coalesce("sent_at", "created_at"))
    in_rest = asked.filter(asked__gt=asked_after)
    underway = asks.filter(state__in=[Invitation.State.WAITING, Invitation.State.HANDED])
    suppressions = Suppression.objects.against(survey).filter(email=OuterRef("email"))
    return contacts.annotate(
        suppression=Subquery(suppressions.order_by().values("reason")[:1]),
        asked_at=Subquery(in_rest.order_by("-asked").values("asked")[:1]),
        skip=Case(
            When(email="", then=V(reasons.NO_ADDRESS)),
            When(suppression__isnull=False, then=F("suppression")),
            When(customer__is_internal=True, then=V(reasons.INTERNAL)),
            *_demo_rule(survey),
            When(Exists(underway), then=V(reasons.WAITING)),
            When(asked_at__isnull=False, then=V(reasons.REST)),
            default=V(""),
            output_field=CharField(),
        ),
    )


def _demo_rule(survey: Survey) -> list[When]:
    """Made-up people of the demo must never reach a real mail server."""
    if is_embedded() or survey.is_demo:
        return []
    return [When(is_demo=True, then=V(reasons.DEMO))]


def reason_of(contact: Any) -> str:
    """Return the reason to store for a judged contact, with its detail."""
    if contact.skip == reasons.REST:
        return f"{reasons.REST}:{local_date(contact.asked_at).isoformat()}"
    return str(contact.skip)


# ---- What would happen -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Skipped:
    """People left out for one reason, and the first of them."""

    code: str
    label: str
    advice: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who gets it, who does not and why. `size` = `will` + all `skipped`."""

    size: int
    will: int
    newcomers: int  # of `will`: typed addresses that are not yet contacts
    examples: tuple[str, ...]
    skipped: tuple[Skipped, ...] = field(default=())


SHOWN = 5  # names of those who will be asked
SHOWN_SKIPPED = 50  # addresses under each reason


def plan(survey: Survey, audience: Audience) -> Plan:
    """Say what sending now would do; nothing is written. A query for each reason that occurs."""
    rows = judged(survey, contacts_of(audience)).order_by()
    counts = dict(rows.values_list("skip").annotate(n=Count("pk")).values_list("skip", "n"))
    will = counts.pop("", 0)
    examples = [str(contact) for contact in rows.filter(skip="")[:SHOWN]]
    groups = {code: (n, _examples(rows, code)) for code, n in counts.items()}
    newcomers = _newcomers(audience)
    blocked = _suppressed(survey, newcomers)
    for person in newcomers:
        if code := blocked.get(person.email):
            n, names = groups.get(code, (0, []))
            groups[code] = (n + 1, [*names, person.email])
    if audience.unusable:
        groups[reasons.UNUSABLE] = (len(audience.unusable), list(audience.unusable))
    new = [person.email for person in newcomers if person.email not in blocked]
    return Plan(
        size=will + len(new) + sum(n for n, _ in groups.values()),
        will=will + len(new),
        newcomers=len(new),
        examples=tuple([*examples, *new][:SHOWN]),
        skipped=_in_order(groups),
    )


def _examples(rows: QuerySet[Any], code: str) -> list[str]:
    return [contact.email for contact in rows.filter(skip=code)[:SHOWN_SKIPPED]]


def _newcomers(audience: Audience) -> list[Person]:
    emails = [person.email for person in audience.people]
    known = set(Contact.objects.filter(email__in=emails).values_list("email", flat=True))
    return [person for person in audience.people if person.email not in known]


def _suppressed(survey: Survey, people: list[Person]) -> dict[str, str]:
    emails = [person.email for person in people]
    rows = Suppression.objects.against(survey).filter(email__in=emails)
    return dict(rows.values_list("email", "reason"))


def _in_order(groups: Mapping[str, tuple[int, list[str]]]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(
            code,
            str(reasons.LABELS[code]),
            str(reasons.ADVICE[code]),
            groups[code][0],
            tuple(groups[code][1][:SHOWN_SKIPPED]),
        )
        for code in sorted(groups, key=lambda code: -groups[code][0])
    )


# ---- How many will answer ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expectation:
    """Answers to expect, from this survey's mails of the last year that had a week's time."""

    answers: int
    share: float  # 0..1
    mails: int

    @property
    def percent(self) -> float:
        return 100 * self.share


def expectation(survey: Survey, people: int) -> Expectation | None:
    """Return how many answers to expect; None while there is too little to go by."""
    now = timezone.now()
    mails = Invitation.objects.filter(
        survey=survey,
        channel=Invitation.Channel.EMAIL,
        state=Invitation.State.SENT,
        sent_at__range=(now - timedelta(days=365), now - timedelta(days=7)),
    )
    counted = mails.aggregate(sent=Count("pk"), answered=Count("answered_at"))
    if counted["sent"] < _ENOUGH_MAILS:
        return None
    share = counted["answered"] / counted["sent"]
    return Expectation(round(people * share), share, counted["sent"])


def may_be_asked_from(survey: Survey, asked_at: datetime) -> datetime:
    return asked_at + timedelta(days=survey.rest_days)
