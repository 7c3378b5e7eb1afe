"""How often this installation's people agree with what was read, with the interval.

Only comments drawn at random measure it without bias: people correct what
catches their eye, and that is mostly what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.statistics.result import Result
from analytics.statistics.shares import share
from feedback.judging import SENTIMENTS, agreed_of, as_judged
from feedback.models import Sentiment, Verdict
from feedback.verdicts import UNCLEAR
from outbox.replica import reads_replica

FEW = 10
"""Judged readings from which a share is shown at all."""


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """One sentiment: of those read so, how many people agreed with; where the others went.

    `said` counts what people said, in the order of `SENTIMENTS`; `found` is
    the share of comments that people call so which were read so.
    """

    label: str
    name: str
    right: Result
    found: Result
    said: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """Agreement as fractions with Wilson intervals.

    `drawn`: sentiment of comments drawn at random. `corrected`: sentiment of
    those somebody picked. `others`: themes, their sentiments, emotions and languages, by kind.
    `unclear`: drawn comments that a person could not tell either.
    """

    drawn: Result
    corrected: Result
    others: Sequence[tuple[str, Result]]
    labels: Sequence[LabelAccuracy]
    unclear: int


@reads_replica
def accuracy_report() -> AccuracyReport:
    """Count all verdicts; five queries, whatever their number."""
    drawn = as_judged(Verdict.What.SENTIMENT, is_sampled=True)
    picked = as_judged(Verdict.What.SENTIMENT, is_sampled=False)
    kinds = (Verdict.What.THEME, Verdict.What.MENTION, Verdict.What.EMOTION, Verdict.What.LANGUAGE)
    return AccuracyReport(
        drawn=_agreement(drawn),
        corrected=_agreement(picked),
        others=[(kind.value, _agreement(as_judged(kind))) for kind in kinds],
        labels=[_label(label, drawn) for label in SENTIMENTS],
        unclear=sum(n for (_read, said), n in drawn.items() if said == UNCLEAR),
    )


def _agreement(judged: Mapping[tuple[str, str], int]) -> Result:
    return share(*agreed_of(judged), convention="agreed of judged")


def _label(label: str, judged: Mapping[tuple[str, str], int]) -> LabelAccuracy:
    said = tuple(judged.get((label, word), 0) for word in SENTIMENTS)
    right = judged.get((label, label), 0)
    called_so = sum(judged.get((read, label), 0) for read in SENTIMENTS)
    return LabelAccuracy(
        label=label,
        name=str(Sentiment(label).label),
        right=share(right, sum(said)),
        found=share(right, called_so),
        said=said,
    )
