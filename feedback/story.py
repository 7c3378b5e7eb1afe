"""The whole story of one response, for the reading pane: said, read, asked, answered before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.held import VERDICTS, reasons_in_words
from feedback.models import (
    Answer,
    LinkOpen,
    Mention,
    Reading,
    Response,
    Revision,
    Sentiment,
    StandingChange,
    Theme,
    Verdict,
)
from feedback.passages import Passage, passages
from feedback.text.findings import combined
from feedback.verdicts import UNCLEAR, digest_of
from surveys.models import Choice, Invitation, Question
from surveys.scales import Band

MOST_EARLIER = 8
MOST_OPENS = 20

UNSCORED_REASONS = {
    "empty": gettext_lazy("there are no words"),
    "no_words": gettext_lazy("there are no words"),
    "too_short": gettext_lazy("too short to say"),
    "non_answer": gettext_lazy("it says nothing, like “n/a”"),
    "language_unknown": gettext_lazy("the language could not be told"),
    "language_unsupported": gettext_lazy("this language is not read yet"),
    "mixed_languages": gettext_lazy("several languages at once"),
    "too_long": gettext_lazy("longer than any answer"),
    "unreadable": gettext_lazy("it could not be read"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A theme this comment names: how it speaks of it, and the words that say so."""

    slug: str
    name: str
    tone: str
    quote: str
    corrected_by: str = ""  # who said how it is spoken of


@dataclass(frozen=True, slots=True)
class AnswerShown:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class RevisionShown:
    version: int
    score: str
    tone: str
    comment: str
    answers: tuple[AnswerShown, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the invitation; `at` None when it did not or nobody knows."""

    what: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PostShown:
    """One post to the link; out of force: it changed nothing."""

    at: datetime
    score: int
    verdict: str
    why: str
    is_in_force: bool
    rules: int


@dataclass(frozen=True, slots=True)
class Story:
    """`earlier` are this contact's other answers, newest first; `drop` compares with the last."""

    response: Response
    band: Band
    reading: Reading | None
    is_waiting_to_be_read: bool
    passages: Sequence[Passage]
    named: Sequence[Named]
    answers: Sequence[AnswerShown]
    revisions: Sequence[RevisionShown]
    steps: Sequence[Step]
    opens: Sequence[LinkOpen]
    posts: Sequence[PostShown]
    held_because: Sequence[str]
    standing_changes: Sequence[StandingChange]
    earlier: Sequence[Response]
    drop: int | None
    unscored_why: str
    corrected: Verdict | None  # a person's word on the sentiment
    denied: Sequence[tuple[str, str]]  # themes a person took away: short name, name
    emotions: Sequence[str]
    denied_emotions: Sequence[str]


def story_of(response_id: int) -> Story | None:
    """Return the story in a fixed number of queries, or None when there is no such response."""
    response = (
        Response.objects.select_related(
            "survey__brand", "contact", "customer", "invitation__campaign", "reading", "seen"
        )
        .filter(pk=response_id)
        .first()
    )
    if response is None:
        return None
    reading = getattr(response, "reading", None)
    is_stale = reading is None or reading.response_version != response.version
    mentions = [] if is_stale else list(response.mentions.select_related("theme"))
    earlier = _earlier(response)
    questions = _Questions(response)
    digest = digest_of(response.comment)
    verdicts = list(response.verdicts.filter(comment_digest=digest).exclude(said=UNCLEAR))
    return Story(
        response=response,
        band=response.survey.scale.band_of(response.score),
        reading=reading,
        is_waiting_to_be_read=is_stale and bool(response.comment),
        passages=passages(
            response.comment,
            reading.clauses if reading and not is_stale else (),
            [(mention.start, mention.end, mention.theme.name) for mention in mentions],
        ),
        named=_named(response.comment, mentions, reading, verdicts),
        answers=questions.shown(response.answers.all()),
        revisions=_revisions(response, questions),
        steps=_steps(response),
        opens=list(response.invitation.opens.order_by("-at")[:MOST_OPENS]),
        posts=_posts(response),
        held_because=reasons_in_words(response.held_reasons),
        standing_changes=list(response.standing_changes.all()),
        earlier=earlier,
        drop=_drop(response, earlier),
        unscored_why=_unscored_why(reading),
        corrected=next((v for v in verdicts if v.what == Verdict.What.SENTIMENT), None),
        denied=_denied(verdicts),
        emotions=[] if is_stale else sorted(response.emotions.values_list("name", flat=True)),
        denied_emotions=_keys(verdicts, Verdict.What.EMOTION, "no"),
    )


def _posts(response: Response) -> list[PostShown]:
    rows = response.invitation.submits.order_by("-at", "-pk")[:MOST_OPENS]
    return [
        PostShown(
            row.at,
            row.score,
            str(VERDICTS[row.verdict]),
            ", ".join(reasons_in_words(row.reasons)),
            row.is_in_force,
            row.rules,
        )
        for row in rows
    ]


def _unscored_why(reading: Reading | None) -> str:
    if reading is None or reading.sentiment != Sentiment.UNSCORED:
        return ""
    return str(UNSCORED_REASONS.get(reading.reason, reading.reason.replace("_", " ")))


def _denied(verdicts: Sequence[Verdict]) -> list[tuple[str, str]]:
    slugs = _keys(verdicts, Verdict.What.THEME, "no")
    return list(Theme.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else []


def _keys(verdicts: Sequence[Verdict], what: str, said: str) -> list[str]:
    return [v.key for v in verdicts if v.what == what and v.said == said]


def _named(
    comment: str,
    mentions: Sequence[Mention],
    reading: Reading | None,
    verdicts: Sequence[Verdict],
) -> tuple[Named, ...]:
    """Return each theme once, with the first clause that names it and all that it says of it."""
    spoken: dict[str, list[str]] = {}
    for mention in mentions:
        spoken.setdefault(mention.theme.slug, []).append(mention.sentiment)
    decided = {v.key: v.by for v in verdicts if v.what == Verdict.What.MENTION}
    found: dict[str, Named] = {}
    for mention in sorted(mentions, key=lambda mention: mention.start):
        if mention.theme.slug not in found:
            start, end = _clause_around(mention, reading)
            found[mention.theme.slug] = Named(
                mention.theme.slug,
                mention.theme.name,
                combined(spoken[mention.theme.slug]),
                comment[start:end].strip(),
                decided.get(mention.theme.slug, ""),
            )
    return tuple(found.values())


def _clause_around(mention: Mention, reading: Reading | None) -> tuple[int, int]:
    for start, end, _tone in reading.clauses if reading else ():
        if start <= mention.start < end:
            return start, end
    return mention.start, mention.end


class _Questions:
    """The words of the additional questions a response answers, fetched once."""

    def __init__(self, response: Response) -> None:
        survey = response.survey_id
        self._texts = dict(Question.objects.filter(survey=survey).values_list("pk", "text"))
        choices = Choice.objects.filter(question__survey=survey)
        self._choices = dict(choices.values_list("pk", "text"))

    def shown(self, answers: Iterable[Answer]) -> tuple[AnswerShown, ...]:
        return self.said([a.question_id, a.choice_id, a.number, a.text] for a in answers)

    def said(self, rows: Iterable[Sequence[object]]) -> tuple[AnswerShown, ...]:
        """Join rows [question, choice, number, text]: many choices are many rows."""
        joined: dict[object, list[str]] = {}
        for question, choice, number, text in rows:
            words = self._choices.get(choice, "") if choice else text or number  # type: ignore[call-overload]
            joined.setdefault(question, []).append(str(words if words is not None else ""))
        return tuple(
            AnswerShown(self._texts.get(question, ""), ", ".join(words))  # type: ignore[call-overload]
            for question, words in joined.items()
        )


def _revisions(response: Response, questions: _Questions) -> tuple[RevisionShown, ...]:
    scale = response.survey.scale
    return tuple(
        RevisionShown(
            version=revision.version,
            score=scale.label_of(revision.score),
            tone=scale.band_of(revision.score).tone,
            comment=revision.comment,
            answers=questions.said(revision.answers),
            at=revision.created_at,
        )
        for revision in Revision.objects.filter(response=response).order_by("-version")
    )


def _steps(response: Response) -> tuple[Step, ...]:
    invitation = response.invitation
    if invitation.channel != Invitation.Channel.EMAIL:
        return (
            Step(
                str(invitation.get_channel_display()),
                invitation.opened_at or invitation.created_at,
                str(invitation.share_link or ""),
            ),
            Step(_("Answered"), response.submitted_at),
        )
    state = str(invitation.get_state_display())
    is_out = invitation.state in (Invitation.State.SENT, Invitation.State.BOUNCED)
    note = "" if is_out else state
    if invitation.state == Invitation.State.BOUNCED:
        note = state
    return (
        Step(_("Invited"), invitation.created_at, str(invitation.campaign or "")),
        Step(_("Sent"), invitation.sent_at, note),
        Step(_("Link first opened"), invitation.opened_at),
        Step(_("Answered"), response.submitted_at),
        Step(_("Link open until"), invitation.expires_at),
    )


def _earlier(response: Response) -> list[Response]:
    if response.contact_id is None:
        return []
    others = Response.objects.filter(contact=response.contact_id).exclude(pk=response.pk)
    return list(others.select_related("survey").order_by("-submitted_at", "-id")[:MOST_EARLIER])


def _drop(response: Response, earlier: Sequence[Response]) -> int | None:
    """Return how far the score lies under (negative: over) the last one of the same survey."""
    for other in earlier:
        if other.survey_id == response.survey_id and other.submitted_at < response.submitted_at:
            return other.score - response.score
    return None
