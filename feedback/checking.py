"""Comments a person should look at: drawn at random to measure, or in contradiction."""

from __future__ import annotations

import random
from datetime import timedelta

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from feedback.disagreement import STRONG, SURE
from feedback.models import Response, Sentiment, Verdict
from surveys.scales import SCALES

_TRIES = 20
_AT_A_TIME = 40


def _drawable() -> QuerySet[Response]:
    """Return scored comments that were not drawn before.

    Those somebody has corrected already are among them: leaving them out
    would leave out the mistakes.
    """
    drawn = Verdict.objects.filter(what=Verdict.What.SENTIMENT, is_sampled=True)
    return (
        Response.objects.filter(standing=Response.Standing.COUNTED, reading__isnull=False)
        .exclude(reading__read_sentiment=Sentiment.UNSCORED)
        .exclude(pk__in=drawn.values("response"))
    )


def draw() -> Response | None:
    """Return a scored comment at random, each as likely as any other; None when none is left.

    Ids are tried at random, so a draw costs the same however many comments
    there are; where they lie too far apart, it counts them.
    """
    among = _drawable()
    ends = among.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return None
    for _ in range(_TRIES):
        tried = [random.randint(ends["low"], ends["high"]) for _ in range(_AT_A_TIME)]
        there = set(among.filter(pk__any_of=tried).values_list("pk", flat=True))
        if there:
            return drawn(next(pk for pk in tried if pk in there))
    at = random.randrange(among.count())
    return drawn(among.order_by("pk").values_list("pk", flat=True)[at])


def drawn(response_id: int) -> Response | None:
    """Return a comment drawn before, if it may still be judged."""
    return _drawable().select_related("survey", "reading").filter(pk=response_id).first()


def contradictions(*, days: int = 365) -> QuerySet[Response]:
    """Return comments whose words strongly contradict the score and nobody has judged yet.

    Newest first, with survey and reading (feedback.disagreement has the bounds).
    """
    judged = Verdict.objects.filter(what=Verdict.What.SENTIMENT).values("response")
    since = timezone.now() - timedelta(days=days)
    return (
        Response.objects.filter(_opposite(), submitted_at__gte=since)
        .filter(standing=Response.Standing.COUNTED, reading__confidence__gte=SURE)
        .filter(Q(reading__compound__gte=STRONG) | Q(reading__compound__lte=-STRONG))
        .exclude(pk__in=judged)
        .select_related("survey", "reading")
        .order_by("-submitted_at", "-id")
    )


def _opposite() -> Q:
    """Return the condition: the score's band says the opposite of the words, on any scale."""
    wanted = Q(pk__in=[])
    for scale in SCALES.values():
        for band in scale.bands:
            if band.tone in _OPPOSITES:
                wanted |= Q(
                    survey__kind=scale.kind,
                    score__in=band.scores,
                    reading__sentiment=_OPPOSITES[band.tone],
                )
    return wanted


_OPPOSITES = {"positive": Sentiment.NEGATIVE, "negative": Sentiment.POSITIVE}
