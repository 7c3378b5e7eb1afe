"""Whom a campaign means, who of them may be asked now, and why the others may not.

The verdict is one annotated query, the same for the preview and for the
sending; it is spoken again when the mail leaves (surveys.delivery).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models import Value as V
from django.utils import timezone

from surveys import reasons
from surveys.addresses import address_of, flaw_of
from surveys.ledger import asked_moment, asked_q
from surveys.mailbox import is_embedded
from surveys.models import (
    AskingRules,
    Campaign,
    Contact,
    Customer,
    Invitation,
    Segment,
    Suppression,
    Survey,
)
from surveys.roster import Person
from surveys.segments import NOBODY, segment_q

MOST_TYPED = 2000


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


def judged(
    survey: Survey,
    contacts: QuerySet[Contact],
    *,
    give_up_at: datetime | None = None,
    series: Campaign | None = None,
) -> QuerySet[Any]:
    """Annotate who may be asked, now or when a rest is over, and who not.

    `skip`: "" or a code of surveys.reasons. `later`: "" or the rest a person
    is waited for, which ends by `give_up_at` (None: nobody is waited for).
    `asked_at`, `asked_any_at`: when this survey and any survey asked, if
    they rest since. Waves of one `series` do not stand in each other's way.
    """
    now, rules = timezone.now(), AskingRules.current()
    patience = max(give_up_at - now, timedelta(0)) if give_up_at else timedelta(0)
    own = timedelta(days=max(survey.rest_days, series.every_days if series else 0))
    any_ = timedelta(days=rules.rest_days)
    asks = Invitation.objects.filter(contact=OuterRef("pk")).order_by()
    asked = asks.filter(asked_q()).annotate(asked=asked_moment()).order_by("-asked")
    own_rest = asked.filter(survey=survey, asked__gt=now - own).values("asked")[:1]
    any_rest = asked.filter(asked__gt=now - any_).values("asked")[:1]
    underway = asks.filter(
        survey=survey, state__in=[Invitation.State.WAITING, Invitation.State.HANDED]
    )
    if series:
        underway = underway.exclude(campaign__wave_of=series)
    suppressions = Suppression.objects.against(survey).filter(email=OuterRef("email"))
    return contacts.annotate(
        suppression=Subquery(suppressions.order_by().values("reason")[:1]),
        asked_at=Subquery(own_rest),
        asked_any_at=Subquery(any_rest) if rules.rest_days else V(None, DateTimeField()),
        skip=Case(
            When(email="", then=V(reasons.NO_ADDRESS)),
            When(suppression__isnull=False, then=F("suppression")),
            When(customer__is_internal=True, then=V(reasons.INTERNAL)),
            *_demo_rule(survey),
            When(Exists(underway), then=V(reasons.WAITING)),
            When(asked_at__gt=now - own + patience, then=V(reasons.REST)),
            When(asked_any_at__gt=now - any_ + patience, then=V(reasons.REST_ANY)),
            default=V(""),
            output_field=CharField(),
        ),
        later=Case(
            When(~Q(skip=""), then=V("")),
            When(asked_at__isnull=False, then=V(reasons.REST)),
            When(asked_any_at__isnull=False, then=V(reasons.REST_ANY)),
            default=V(""),
            output_field=CharField(),
        ),
    )


def free_at(survey: Survey, contact: Any, *, rest_any_days: int, every_days: int = 0) -> datetime:
    """Return when the rests of a judged contact are over; long ago when none is running."""
    own = timedelta(days=max(survey.rest_days, every_days))
    ends = [datetime.min.replace(tzinfo=UTC)]
    if contact.asked_at:
        ends.append(contact.asked_at + own)
    if contact.asked_any_at:
        ends.append(contact.asked_any_at + timedelta(days=rest_any_days))
    return max(ends)


def give_up_at(moment: datetime) -> datetime:
    """Return until when somebody who rests is waited for, by the rules of asking."""
    return moment + timedelta(days=AskingRules.current().patience_days)


def _demo_rule(survey: Survey) -> list[When]:
    """Made-up people of the demo must never reach a real mail server."""
    if is_embedded() or survey.is_demo:
        return []
    return [When(is_demo=True, then=V(reasons.DEMO))]


def reason_of(contact: Any) -> str:
    """Return why a judged contact is skipped or asked later, as it is stored, "" for neither."""
    code = contact.skip or contact.later
    moments = {reasons.REST: contact.asked_at, reasons.REST_ANY: contact.asked_any_at}
    return reasons.with_day(code, moments.get(code))


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
    """Who gets it, who does not and why. `size` = `will` + all `skipped`.

    `waits`: those of `will` who rest and get it when that is over.
    """

    size: int
    will: int
    newcomers: int  # of `will`: typed addresses that are not yet contacts
    examples: tuple[str, ...]
    skipped: tuple[Skipped, ...] = field(default=())
    waits: tuple[Skipped, ...] = field(default=())

    @property
    def later(self) -> int:
        return sum(group.count for group in self.waits)


SHOWN = 5  # names of those who will be asked
SHOWN_SKIPPED = 50  # addresses under each reason


def plan(survey: Survey, audience: Audience) -> Plan:
    """Say what sending now would do; nothing is written. A query for each reason that occurs."""
    rows = judged_now(survey, audience).order_by()
    counted = rows.values_list("skip", "later").annotate(n=Count("pk"))
    counts: Counter[str] = Counter()
    waits: dict[str, tuple[int, list[str]]] = {}
    for skip, later, n in counted.values_list("skip", "later", "n"):
        counts[skip] += n
        if later:
            waits[later] = (n, [c.email for c in rows.filter(later=later)[:SHOWN_SKIPPED]])
    will = counts.pop("", 0)
    waits |= _over_cap(rows)
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
        waits=_in_order(waits),
    )


def judged_now(survey: Survey, audience: Audience) -> QuerySet[Any]:
    """Judge an audience as it would be if its mails left now."""
    return judged(survey, contacts_of(audience), give_up_at=give_up_at(timezone.now()))


def _over_cap(rows: QuerySet[Any]) -> dict[str, tuple[int, list[str]]]:
    """Count how many more people of a customer are meant than its cap lets be asked at a time."""
    rules = AskingRules.current()
    if not rules.customer_most:
        return {}
    meant = rows.filter(skip="", later="", customer__isnull=False)
    per_customer = dict(meant.values_list("customer_id").annotate(n=Count("pk")))
    since = timezone.now() - timedelta(days=rules.customer_days)
    asks = Invitation.objects.filter(asked_q(), contact__customer_id__in=list(per_customer))
    recent = asks.annotate(asked=asked_moment()).filter(asked__gt=since).order_by()
    asked = dict(
        recent.values_list("contact__customer_id").annotate(n=Count("contact", distinct=True))
    )
    over = {
        id_: n - max(rules.customer_most - asked.get(id_, 0), 0) for id_, n in per_customer.items()
    }
    names = Customer.objects.filter(pk__in=[id_ for id_, n in over.items() if n > 0])
    count = sum(n for n in over.values() if n > 0)
    return {reasons.CUSTOMER: (count, [str(c) for c in names[:SHOWN_SKIPPED]])} if count else {}


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
