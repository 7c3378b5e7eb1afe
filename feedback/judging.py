"""A person's word on what was read: in force at once, outlives re-reading, may be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from feedback.models import Reading, Response, Sentiment, Theme, Verdict
from feedback.reading import read_responses
from feedback.text.emotions import EMOTIONS
from outbox.transactions import write


class NotASaying(ValueError):
    """The word is none that can be said about this: names what can."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person says about one thing read in one comment (see Verdict)."""

    what: str
    said: str
    key: str = ""
    is_sampled: bool = False


def judge(response: Response, opinion: Opinion, *, by: str) -> Verdict:
    """Record the opinion, read the comment again under it, and have the day recounted.

    Saying what was read confirms it. NotASaying for a word that does not fit.
    """
    _check(opinion)
    with write():
        verdict, _ = Verdict.objects.update_or_create(
            response=response,
            what=opinion.what,
            key=opinion.key,
            defaults={
                "said": opinion.said,
                "read": _as_read(response, opinion),
                "reader_version": _reader_version(response),
                "is_sampled": opinion.is_sampled,
                "by": by,
            },
        )
        read_responses([response.pk])
    return verdict


def withdraw(response: Response, *, what: str, key: str = "") -> None:
    """Take a verdict back: the comment says again what the reader reads."""
    with write():
        Verdict.objects.filter(response=response, what=what, key=key).delete()
        read_responses([response.pk])


def agreement(what: str, *, is_sampled: bool | None = None) -> tuple[int, int]:
    """Return (readings a person agreed with, readings judged)."""
    judged = Verdict.objects.filter(what=what)
    if is_sampled is not None:
        judged = judged.filter(is_sampled=is_sampled)
    return judged.filter(said=F("read")).count(), judged.count()


_SAYINGS = {
    Verdict.What.SENTIMENT: [value for value in Sentiment.values if value != "unscored"],
    Verdict.What.THEME: ["yes", "no"],
    Verdict.What.EMOTION: ["yes", "no"],
}


def _check(opinion: Opinion) -> None:
    what, said, key = opinion.what, opinion.said, opinion.key
    if what == Verdict.What.LANGUAGE:
        if not (said.isascii() and said.isalpha() and said.islower() and len(said) == 2):
            raise NotASaying("language: write a two-letter code such as 'en'")
    elif what not in _SAYINGS:
        raise NotASaying(f"{what!r} is none of {', '.join(Verdict.What.values)}")
    elif said not in _SAYINGS[Verdict.What(what)]:
        raise NotASaying(f"{what}: {said!r} is none of {', '.join(_SAYINGS[Verdict.What(what)])}")
    if what == Verdict.What.EMOTION and key not in EMOTIONS:
        raise NotASaying(f"emotion: {key!r} is none of {', '.join(EMOTIONS)}")
    if what == Verdict.What.THEME and not Theme.objects.filter(slug=key).exists():
        raise NotASaying(f"theme: there is no theme {key!r}")


def _as_read(response: Response, opinion: Opinion) -> str:
    """Return what the reader had said: an earlier verdict keeps the original."""
    earlier = Verdict.objects.filter(response=response, what=opinion.what, key=opinion.key).first()
    if earlier:
        return earlier.read
    match opinion.what:
        case Verdict.What.SENTIMENT:
            reading = Reading.objects.filter(response=response).first()
            return reading.read_sentiment if reading else Sentiment.UNSCORED
        case Verdict.What.LANGUAGE:
            reading = Reading.objects.filter(response=response).first()
            return reading.language if reading else ""
        case Verdict.What.THEME:
            found = response.mentions.filter(theme__slug=opinion.key).exists()
        case _:
            found = response.emotions.filter(name=opinion.key).exists()
    return "yes" if found else "no"


def _reader_version(response: Response) -> str:
    return Reading.objects.filter(response=response).values_list("version", flat=True).first() or ""
