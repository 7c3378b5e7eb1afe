"""Random schedules of asking people, played through in simulated time, and what must hold of each.

Only the clock and the mail server are made up. Asking, campaigns, waves,
reminders and delivery are the product's own; a witness at the mail server
writes down who got what and when, and the rules are checked on that alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone

from outbox.claims import finish
from outbox.models import Job
from outbox.registry import Later, Work, handler_of
from outbox.transactions import write
from surveys import asking, campaigns, delivery, reminding
from surveys.audience import Audience, Source
from surveys.campaigns import CAMPAIGN, CLOCK
from surveys.carrier import Delivery, Outcome
from surveys.envelope import mail_id
from surveys.models import (
    AskingRules,
    Campaign,
    Contact,
    Customer,
    Invitation,
    Reminder,
    SendingStop,
    Suppression,
    Survey,
)
from surveys.services import DELIVER, REMIND, suppress
from surveys.slots import is_morning, zone_of
from surveys.standing import standing
from surveys.timing import Timing

KINDS = (CLOCK, CAMPAIGN, DELIVER, REMIND)
DAYS = 70
PEOPLE = 25  # a world; each of them has a schedule of their own under the world's rules
HOME = timezone.get_default_timezone()


@dataclass(slots=True)
class Mail:
    at: datetime
    row: Invitation
    step: int  # 0 the invitation, 1, 2 … its reminders


@dataclass(slots=True)
class Tally:
    """What all schedules together came to; every count of `faults` must stay 0."""

    schedules: int = 0
    mails: int = 0
    reminders: int = 0
    waited: int = 0
    faults: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ["resting", "early", "twice", "over the cap", "unsubscribed", "not in the morning",
             "reminded in vain", "does not add up"], 0
        )
    )  # fmt: skip


class Simulation:
    def __init__(self, seed: int, tally: Tally, surveys: list[Survey]) -> None:
        self.chance, self.tally, self.surveys = random.Random(seed), tally, surveys
        self.now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
            days=self.chance.randrange(700), seconds=self.chance.randrange(86_400)
        )
        self.mails: list[Mail] = []
        self.stopped: dict[int, datetime] = {}  # contact -> unsubscribed at
        self.wanted: dict[int, datetime] = {}  # invitation -> not before
        self.answered: dict[int, datetime] = {}

    # ---- The world ---------------------------------------------------------------------------

    def prepare(self) -> None:
        for model in (Job, Reminder, Invitation, SendingStop, Campaign, Suppression):
            model.objects.all().delete()
        Contact.objects.all().delete()
        choose = self.chance.choice
        self.rules = AskingRules(
            pk=1,
            rest_days=choose([0, 0, 3, 7, 20]),
            customer_most=choose([0, 0, 1, 2]),
            customer_days=choose([5, 15, 30]),
            patience_days=choose([0, 5, 14, 40]),
        )
        self.rules.save()
        for survey in self.surveys:
            survey.rest_days = choose([0, 1, 7, 30])
            survey.save()
        customers = [Customer.objects.get_or_create(external_id=f"c{n}")[0] for n in range(7)]
        zones = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "", "nonsense"]
        self.people = [
            Contact.objects.create(
                email=f"p{n}@example.com",
                customer=choose([*customers, None]),
                properties={"time_zone": choose(zones)},
            )
            for n in range(PEOPLE)
        ]

    def play(self) -> None:
        self.prepare()
        end = self.now + timedelta(days=DAYS)
        while self.now < end:
            getattr(self, self.chance.choice(self.ACTS))()
            self.now += timedelta(hours=self.chance.choice([1, 5, 26, 60, 200]))
            self.work()
        self.check()

    ACTS = (
        "ask", "ask", "campaign", "campaign", "campaign", "series", "unsubscribe", "answer",
        "link", "pause", "resume", "resume", "cancel", "rest", "rest",
    )  # fmt: skip

    # ---- What happens ------------------------------------------------------------------------

    def ask(self) -> None:
        delay = timedelta(hours=self.chance.choice([0, 0, 3, 70, 400]))
        send_at = self.now + delay if delay else None
        for person in self.chance.sample(self.people, 6):
            with write():
                row = asking.ask(self.survey, person, send_at=send_at)
            self.wanted[row.pk] = self.now + delay

    def link(self) -> None:
        with write():
            asking.ask(self.survey, self.chance.choice(self.people), is_mailed=False)

    def campaign(self) -> None:
        self._launch(0)

    def series(self) -> None:
        self._launch(max(self.chance.choice([7, 10, 30]), self.survey.rest_days))

    def _launch(self, every: int) -> None:
        choose = self.chance.choice
        start = choose([None, self.now + timedelta(days=choose([1, 4]))])
        timing = Timing(
            starts_at=start or (self.now if every else None),
            spread_days=min(choose([0, 2, 9]), every or 9),
            is_morning=choose([True, False]),
            every_days=every,
            reminder_days=choose([(), (2,), (3, 7), (1, 2, 3)]),
        )
        survey = self.survey
        options: dict[str, Any] = {"name": "x", "token": uuid4(), "by": None, "size": PEOPLE}
        campaigns.launch(survey, Audience(Source.EVERYONE), timing=timing, **options)

    def unsubscribe(self) -> None:
        for person in self.chance.sample(self.people, 2):
            suppress(person.email, reason="unsubscribed", source="page")
            self.stopped.setdefault(person.pk, self.now)

    def answer(self) -> None:
        sent = Invitation.objects.filter(state="sent", answered_at=None)
        for pk in sent.order_by("?").values_list("pk", flat=True)[:5]:
            Invitation.objects.filter(pk=pk).update(answered_at=self.now)
            self.answered[pk] = self.now

    def pause(self) -> None:
        for campaign in Campaign.objects.filter(wave_of=None)[:1]:
            campaigns.pause(campaign, by="Alice")

    def resume(self) -> None:
        for campaign in Campaign.objects.filter(wave_of=None):
            campaigns.resume(campaign, by="Alice")

    def cancel(self) -> None:
        if self.chance.random() < 0.2:
            for campaign in Campaign.objects.filter(wave_of=None)[:1]:
                campaigns.cancel(campaign)

    def rest(self) -> None:
        """Nothing happens."""

    @property
    def survey(self) -> Survey:
        return self.chance.choice(self.surveys)

    # ---- Work, by the simulated clock -----------------------------------------------------------

    def work(self) -> None:
        for _round in range(6):
            if sum(self._work(kind) for kind in KINDS) == 0:
                return

    def _work(self, kind: str) -> bool:
        due = Job.objects.filter(kind=kind, state="pending", due_at__lte=self.now)
        jobs = list(due.order_by("due_at", "pk")[:50])
        if not jobs:
            return False
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
            state="claimed",
            attempts=1,
            claimed_by="sim",
            lease_until=self.now + timedelta(days=999),
        )
        work = [Work(job.pk, job.subject_id, job.detail, 1) for job in jobs]
        handler = handler_of(kind)
        setbacks = handler.handle(work, "sim")
        finish(work, setbacks, handler=handler, by="sim")
        for setback in setbacks:
            if isinstance(setback, Later):  # the outbox knows only the database's clock
                until = self.now + timedelta(seconds=setback.seconds)
                Job.objects.filter(pk=setback.job_id).update(due_at=until, attempts=0)
        return True

    def carried(self, message: EmailMessage) -> Delivery:
        """Stand for the mail server: mostly it takes a mail."""
        outcome = self.chance.choices(
            [Outcome.SENT, Outcome.LATER, Outcome.UNCLEAR, Outcome.REFUSED], [90, 4, 3, 3]
        )[0]
        if outcome in (Outcome.SENT, Outcome.UNCLEAR):
            self._witness(message)
        return Delivery(outcome, "made up")

    def _witness(self, message: EmailMessage) -> None:
        handed = Invitation.objects.select_related("campaign__wave_of", "contact", "survey")
        email = message.to[0]
        name, _at, _host = message.extra_headers["Message-ID"].strip("<>").partition("@")
        for row in handed.filter(contact__email=email):
            if name.startswith(str(mail_id(row))):
                step = name.removeprefix(str(mail_id(row))).strip("-")
                self.mails.append(Mail(self.now, row, int(step or 0)))
                return
        raise AssertionError(f"a mail nobody asked for: {name}")

    # ---- What must hold ------------------------------------------------------------------------

    def check(self) -> None:
        faults, tally = self.tally.faults, self.tally
        seen: set[tuple[int, int]] = set()
        for mail in self.mails:
            faults["twice"] += (mail.row.pk, mail.step) in seen
            seen.add((mail.row.pk, mail.step))
            faults["unsubscribed"] += self._is_unsubscribed(mail)
            campaign = mail.row.campaign
            if campaign and campaign.is_morning:
                zone = zone_of(mail.row.contact.properties, HOME)
                faults["not in the morning"] += not is_morning(mail.at, zone)
        asks = [mail for mail in self.mails if not mail.step]
        for index, mail in enumerate(asks):
            faults["early"] += self._is_early(mail)
            faults["resting"] += self._is_resting(mail, asks[:index])
            faults["over the cap"] += self._is_over_cap(mail, asks[:index])
        reminders = [mail for mail in self.mails if mail.step]
        for mail in reminders:
            faults["reminded in vain"] += self._is_vain(mail)
        for campaign in Campaign.objects.all():
            found = standing(campaign)
            for counts in (found.states, found.places):
                faults["does not add up"] += (
                    sum(counts.values()) + found.unprepared != found.audience
                )
        tally.schedules += PEOPLE
        tally.mails += len(asks)
        tally.reminders += len(reminders)
        tally.waited += Invitation.objects.filter(send_at__gt=F("created_at")).count()

    def _is_unsubscribed(self, mail: Mail) -> bool:
        at = self.stopped.get(mail.row.contact_id)
        return at is not None and mail.at > at

    def _is_early(self, mail: Mail) -> bool:
        campaign = mail.row.campaign
        wanted = [self.wanted.get(mail.row.pk), mail.row.send_at]
        wanted.append(campaign.starts_at if campaign else None)
        return any(at is not None and mail.at < at for at in wanted)

    def _is_resting(self, mail: Mail, before: list[Mail]) -> bool:
        row = mail.row
        own = next(s for s in self.surveys if s.pk == row.survey_id).rest_days
        series = row.campaign.wave_of if row.campaign else None
        every = series.every_days if series else 0
        for other in before:
            if other.row.contact_id != row.contact_id:
                continue
            gap = mail.at - other.at
            same = other.row.survey_id == row.survey_id
            days = max(own if same else 0, self.rules.rest_days)
            if series and other.row.campaign and other.row.campaign.wave_of_id == series.pk:
                days = max(days, every)
            if gap < timedelta(days=days):
                return True
        return False

    def _is_over_cap(self, mail: Mail, before: list[Mail]) -> bool:
        customer = mail.row.contact.customer_id
        if not self.rules.customer_most or customer is None:
            return False
        since = mail.at - timedelta(days=self.rules.customer_days)
        others = {
            other.row.contact_id
            for other in before
            if other.at > since and other.row.contact.customer_id == customer
        } - {mail.row.contact_id}
        return len(others) >= self.rules.customer_most

    def _is_vain(self, mail: Mail) -> bool:
        """Tell whether somebody was reminded who had answered, or too soon after the mail."""
        answered = self.answered.get(mail.row.pk)
        first = next(m.at for m in self.mails if m.row.pk == mail.row.pk and not m.step)
        days = mail.row.campaign.reminder_days[mail.step - 1]
        return (answered is not None and answered < mail.at) or (
            mail.at - first < timedelta(days=days)
        )


class _Carrier:
    """A mail server without a network."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.is_open = True

    def __enter__(self) -> _Carrier:
        return self

    def __exit__(self, *args: object) -> None:
        pass

    def open(self) -> None:
        return None

    def carry(self, message: EmailMessage) -> Delivery:
        return self.simulation.carried(message)


@contextmanager
def _in_simulated_time(simulation: Simulation) -> Iterator[None]:
    with (
        mock.patch.object(timezone, "now", lambda: simulation.now),
        mock.patch.object(delivery, "Carrier", lambda: _Carrier(simulation)),
        mock.patch.object(reminding, "Carrier", lambda: _Carrier(simulation)),
    ):
        yield


def play(seeds: range, surveys: list[Survey]) -> Tally:
    """Play these worlds one after the other; return what came of them."""
    tally = Tally()
    per_seed: dict[str, list[int]] = defaultdict(list)
    for seed in seeds:
        before = dict(tally.faults)
        simulation = Simulation(seed, tally, surveys)
        with _in_simulated_time(simulation):
            simulation.play()
        for fault, count in tally.faults.items():
            if count > before[fault]:
                per_seed[fault].append(seed)
    for fault, bad in per_seed.items():
        print(f"{fault}: seeds {bad[:10]}")  # to play one of them alone
    return tally
