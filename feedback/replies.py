"""Suggested replies: own saved answers that fit, drafted with their source. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.fitting import Candidate, Reason, Said, fitting, why_none
from feedback.gaps import fill
from feedback.mail_links import mail_link
from feedback.models import Reading, Response, SavedAnswer
from feedback.story import Story
from surveys.models import Contact, Suppression
from surveys.wording import content_of

NOTHING = {
    "nothing_saved": gettext_lazy("There are no saved answers yet."),
    "language_unknown": gettext_lazy("It could not be told which language to answer in."),
    "other_language": gettext_lazy("No saved answer is in the language of this one."),
    "nothing_fits": gettext_lazy("No saved answer is for what is said here."),
    "being_read": gettext_lazy("The comment is being read; suggestions follow in a moment."),
    "held": gettext_lazy("This is held as a machine’s answer: there is nobody to reply to."),
}
_THEME_SPOKEN = {
    "positive": gettext_lazy("speaks well of %s"),
    "negative": gettext_lazy("speaks badly of %s"),
    "mixed": gettext_lazy("speaks well and badly of %s"),
}
_WORDS = {
    "positive": gettext_lazy("the words are positive"),
    "neutral": gettext_lazy("the words are neutral"),
    "negative": gettext_lazy("the words are negative"),
    "mixed": gettext_lazy("the words are mixed"),
}
_SCORES = {
    "positive": gettext_lazy("the score is good"),
    "neutral": gettext_lazy("the score is middling"),
    "negative": gettext_lazy("the score is bad"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who would be written to; without `address` `why_not` says why there is no mail link."""

    address: str = ""
    subject: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One suggestion: where it comes from, why, and its text with the gaps filled.

    `missing` are gaps nobody could fill, as they stand in the text. `link` is "" where no mail
    program can be opened.
    """

    pk: int
    title: str
    author: str
    changed_at: datetime
    language: str
    reasons: tuple[str, ...]
    text: str
    missing: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Up to three drafts, or why there is none (`code` of NOTHING and its words)."""

    drafts: tuple[Draft, ...] = ()
    code: str = ""
    recipient: Recipient = Recipient()

    @property
    def why_none(self) -> str:
        return str(NOTHING[self.code]) if self.code else ""


def suggest(
    said: Said, *, values: Mapping[str, str], recipient: Callable[[], Recipient]
) -> Suggested:
    """Return what fits, drafted: three queries, whatever the number of saved answers.

    `recipient` is asked only when something fits.
    """
    in_use = SavedAnswer.objects.filter(is_active=True)
    rows = list(in_use.defer("text").prefetch_related("themes"))
    candidates = [_candidate(row) for row in rows]
    fits = fitting(said, candidates)
    if not fits:
        return Suggested(code=why_none(said, candidates))
    to = recipient()
    by_pk = {row.pk: row for row in rows}
    names = {theme.slug: theme.name for row in rows for theme in row.themes.all()}
    texts = dict(
        SavedAnswer.objects.filter(pk__in=[fit.pk for fit in fits]).values_list("pk", "text")
    )
    drafts = tuple(
        _draft(by_pk[fit.pk], texts[fit.pk], _words(fit.reasons, names), values=values, to=to)
        for fit in fits
        if fit.pk in texts
    )
    return Suggested(drafts, recipient=to)


def _candidate(row: SavedAnswer) -> Candidate:
    themes = frozenset(theme.slug for theme in row.themes.all())
    return Candidate(
        row.pk, row.language, themes, row.sentiment, row.tone, row.changed_at, row.is_active
    )


def _words(reasons: Sequence[Reason], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_reason_words(reason, names) for reason in reasons)


def _reason_words(reason: Reason, names: Mapping[str, str]) -> str:
    if reason.kind == "theme":
        return str(_THEME_SPOKEN.get(reason.how, _("names %s"))) % names[reason.key]
    return str((_WORDS if reason.kind == "words" else _SCORES)[reason.how])


def _draft(
    row: SavedAnswer,
    text: str,
    reasons: tuple[str, ...],
    *,
    values: Mapping[str, str],
    to: Recipient,
) -> Draft:
    filled = fill(text, values)
    return Draft(
        pk=row.pk,
        title=row.title,
        author=row.changed_by,
        changed_at=row.changed_at,
        language=row.language,
        reasons=reasons,
        text=filled.text,
        missing=filled.missing,
        link=mail_link(to.address, subject=to.subject, body=filled.text) if to.address else "",
    )


# ---- Replies to one response ---------------------------------------------------------


def for_story(story: Story, *, agent: str) -> Suggested:
    """Return suggestions for one response; `agent` is who would sign, "" for nobody."""
    response = story.response
    if response.standing == Response.Standing.QUARANTINED:
        return Suggested(code="held")
    if story.is_waiting_to_be_read:
        return Suggested(code="being_read")
    contact, customer = response.contact, response.customer
    values = {
        "name": contact.name if contact else "",
        "customer": customer.name if customer else "",
        "company": response.survey.company,
        "agent": agent,
        "survey": response.survey.name,
        "score": response.scale.label_of(response.score),
    }
    return suggest(said_in(story), values=values, recipient=lambda: _recipient(response))


def said_in(story: Story) -> Said:
    reading = story.reading
    return Said(
        language=_language(story.response, reading),
        sentiment=reading.sentiment if reading and story.response.comment else "",
        tone=story.band.tone,
        themes={named.slug: named.tone for named in story.named},
    )


def _language(response: Response, reading: Reading | None) -> str:
    """Return the language of the words, else of the page, else the one the contact is known by."""
    read = reading.language if reading and response.comment else ""
    return read or response.language or (response.contact.language if response.contact else "")


def _recipient(response: Response) -> Recipient:
    contact = response.contact
    if contact is None or not contact.email:
        return Recipient(why_not=_("No address is known."))
    if not _may_be_written_to(contact, response):
        return Recipient(why_not=_("They asked for no mail, or it cannot reach them."))
    question = ""
    if response.wording:
        question = content_of(response.wording.content, response.language).question
    return Recipient(contact.email, f"Re: {question or response.survey.company}")


def _may_be_written_to(contact: Contact, response: Response) -> bool:
    stopped = Suppression.objects.against(response.survey).filter(email=contact.email)
    return not stopped.exists()
