"""A person's word on what was read: in force at once, outlives re-reading, may be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from feedback.models import Reading, Response, Sentiment, Theme, Verdict
from feedback.reading import read_responses
from feedback.text.findings import EMOTIONS, combined
from feedback.verdicts import UNCLEAR, digest_of
from outbox.transactions import write

_What = Verdict.What
SENTIMENTS = tuple(value for value in Sentiment.values if value != Sentiment.UNSCORED)


class NotASaying(ValueError):
    """The word is none that can be said about this: names what can."""


class CommentChanged(Exception):
    """The comment was rewritten after the person had seen it."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person says about one thing read in one comment (see Verdict).

    `version` is that of the response the person was looking at, None: not
    known. `is_sampled`: the comment was drawn at random (feedback.checking).
    """

    what: str
    said: str
    key: str = ""
    version: int | None = None
    is_sampled: bool = False


def judge(response: Response, opinion: Opinion, *, by: str) -> Verdict:
    """Record the opinion, read the comment again under it, and have the day recounted.

    Saying what was read confirms it. NotASaying for a word that does not fit,
    CommentChanged where the words are others by now.
    """
    _check(opinion)
    with write():
        now = Response.objects.select_for_update().get(pk=response.pk)
        if opinion.version not in (None, now.version):
            raise CommentChanged(f"response {now.pk} is at version {now.version} by now")
        if opinion.what == _What.MENTION:
            _check_is_named(now, opinion.key)
        verdict = _record(now, opinion, by=by)
        read_responses([now.pk])
    return verdict


def _record(response: Response, opinion: Opinion, *, by: str) -> Verdict:
    about: dict[str, Any] = {"response": response, "what": opinion.what, "key": opinion.key}
    digest = digest_of(response.comment)
    # A verdict on other words is history; one on these keeps what was read first, and its draw.
    earlier = Verdict.objects.filter(**about, comment_digest=digest).first()
    verdict, _created = Verdict.objects.update_or_create(
        **about,
        defaults={
            "said": opinion.said,
            "read": earlier.read if earlier else _as_read(response, opinion),
            "reader_version": earlier.reader_version if earlier else _reader_version(response),
            "comment_digest": digest,
            "is_sampled": opinion.is_sampled or bool(earlier and earlier.is_sampled),
            "by": by,
        },
    )
    return verdict


def withdraw(response: Response, *, what: str, key: str = "") -> None:
    """Take a verdict back: the comment says again what the reader reads."""
    with write():
        Verdict.objects.filter(response=response, what=what, key=key).delete()
        read_responses([response.pk])


def as_judged(what: str, *, is_sampled: bool | None = None) -> dict[tuple[str, str], int]:
    """Return how often what was read (first) was judged what (second), "unclear" included.

    `is_sampled` True: only comments drawn at random, False: only others.
    """
    judged = Verdict.objects.filter(what=what)
    if is_sampled is not None:
        judged = judged.filter(is_sampled=is_sampled)
    rows = judged.order_by().values_list("read", "said").annotate(n=Count("pk"))
    return {(read, said): n for read, said, n in rows}


def agreement(what: str, *, is_sampled: bool | None = None) -> tuple[int, int]:
    """Return (readings a person agreed with, readings judged); the unclear count in neither."""
    return agreed_of(as_judged(what, is_sampled=is_sampled))


def agreed_of(judged: Mapping[tuple[str, str], int]) -> tuple[int, int]:
    """Return (agreed, judged) of `as_judged`."""
    clear = {pair: n for pair, n in judged.items() if pair[1] != UNCLEAR}
    return sum(n for (read, said), n in clear.items() if read == said), sum(clear.values())


_SAYINGS: Mapping[str, tuple[str, ...]] = {
    _What.SENTIMENT: SENTIMENTS,
    _What.THEME: ("yes", "no"),
    _What.MENTION: SENTIMENTS,
    _What.EMOTION: ("yes", "no"),
}


def _check(opinion: Opinion) -> None:
    what, said, key = opinion.what, opinion.said, opinion.key
    if what == _What.LANGUAGE:
        if not (said.isascii() and said.isalpha() and said.islower() and len(said) == 2):
            raise NotASaying(_("language: write a code of two letters such as en"))
    elif what not in _SAYINGS:
        raise NotASaying(_not_among(what or "?", _What.values))
    elif said not in _SAYINGS[what] and not _may_be_unclear(opinion):
        raise NotASaying(_not_among(said, _SAYINGS[what]))
    if what == _What.EMOTION and key not in EMOTIONS:
        raise NotASaying(_not_among(key, EMOTIONS))
    if what in (_What.THEME, _What.MENTION) and not Theme.objects.filter(slug=key).exists():
        raise NotASaying(_("theme: there is no theme “%(key)s”") % {"key": key})
    if what in (_What.SENTIMENT, _What.LANGUAGE) and key:
        raise NotASaying(_("%(what)s: takes no key") % {"what": what})


def _check_is_named(response: Response, slug: str) -> None:
    if not response.mentions.filter(theme__slug=slug).exists():
        raise NotASaying(_("mention: this comment is not about “%(key)s”") % {"key": slug})


def _may_be_unclear(opinion: Opinion) -> bool:
    return opinion.said == UNCLEAR and opinion.is_sampled and opinion.what == _What.SENTIMENT


def _not_among(word: str, choices: object) -> str:
    listed = ", ".join(str(choice) for choice in choices)  # type: ignore[attr-defined]
    return _("“%(word)s” is none of %(choices)s") % {"word": word, "choices": listed}


def _as_read(response: Response, opinion: Opinion) -> str:
    """Return what the reader says of a thing nobody has judged yet."""
    match opinion.what:
        case _What.THEME:
            return _yes_no(response.mentions.filter(theme__slug=opinion.key).exists())
        case _What.MENTION:
            spoken = response.mentions.filter(theme__slug=opinion.key)
            return combined(spoken.values_list("sentiment", flat=True))
        case _What.EMOTION:
            return _yes_no(response.emotions.filter(name=opinion.key).exists())
    reading = Reading.objects.filter(response=response).first()
    if opinion.what == _What.LANGUAGE:
        return reading.language if reading else ""
    return reading.read_sentiment if reading else Sentiment.UNSCORED


def _yes_no(is_found: bool) -> str:
    return "yes" if is_found else "no"


def _reader_version(response: Response) -> str:
    return Reading.objects.filter(response=response).values_list("version", flat=True).first() or ""
