"""How many people will answer, from this survey's own past, with how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from surveys.models import Invitation, Survey

ENOUGH_MAILS = 30  # earlier mails before a share of answers is worth telling
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Expectation:
    """Answers to expect, from this survey's mails of the last year that had a week's time.

    19 times in 20 between `low` and `high`, if people answer as they did.
    """

    answers: int
    low: int
    high: int
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
    if counted["sent"] < ENOUGH_MAILS:
        return None
    return expected(counted["answered"], counted["sent"], people)


def expected(answered: int, mails: int, people: int) -> Expectation:
    """Foretell the answers of `people` from `answered` of `mails`.

    The beta-binomial predictive distribution under Jeffreys' prior, by its
    normal approximation: its variance holds both the chance of the next
    people and our doubt about the share.
    """
    a, b = answered + 0.5, mails - answered + 0.5
    mean = people * a / (a + b)
    variance = people * a * b * (a + b + people) / ((a + b) ** 2 * (a + b + 1))
    reach = _Z * math.sqrt(variance)
    share = answered / mails
    return Expectation(
        answers=round(people * share),
        low=max(math.floor(mean - reach), 0),
        high=min(math.ceil(mean + reach), people),
        share=share,
        mails=mails,
    )
