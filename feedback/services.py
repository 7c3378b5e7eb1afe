"""Store what a person says. One transaction, one outbox row, one response per invitation."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.utils import timezone

from feedback.around import Post, judge_links, judge_new
from feedback.models import Answer, Response, Revision, Submit
from feedback.proofs import Proof
from feedback.standing import set_standing
from feedback.store import READ, FirstAnswer, store_first
from outbox.jobs import Wanted, enqueue
from outbox.transactions import write
from surveys.models import Invitation, Survey

MOST_SUBMITS = 200  # kept per link; more says nothing new


class SurveyClosed(Exception):
    """The survey takes no answers any more (or not yet)."""


class LinkExpired(Exception):
    """The link was open for its time and is not any more."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was said to one additional question; many choices are many of these."""

    question_id: int
    choice_id: int | None = None
    number: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    score: int
    comment: str = ""
    language: str = ""
    answers: tuple[GivenAnswer, ...] = ()
    proof: Proof | None = None

    @property
    def is_held(self) -> bool:
        return self.proof is not None and self.proof.is_held


# Control characters (Unicode category Cc) but line ends and tabs, and lone surrogates (Cs).
_UNMEANT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_comment(text: str) -> str:
    """Return the text without control characters (line ends and tabs stay), trimmed.

    PostgreSQL cannot store NUL, and a control character is never meant.
    """
    return _UNMEANT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def check_open(invitation: Invitation, *, now: datetime) -> None:
    """Raise SurveyClosed or LinkExpired when this link takes no answer now."""
    survey = invitation.survey
    if survey.status != Survey.Status.LIVE or (survey.closes_at and survey.closes_at <= now):
        raise SurveyClosed(survey.slug)
    if invitation.expires_at <= now:
        raise LinkExpired(survey.slug)


def submit(invitation: Invitation, submission: Submission) -> int:
    """Store or revise the answer of this invitation, have it read, return the response's id.

    `invitation` comes with its survey (`surveys.services.find_invitation`).
    The same answer twice changes nothing; another one is a revision and the
    former stays on record. A held post never changes an answer that counts, and
    a person's post makes a held answer count (unless staff decided).
    SurveyClosed, LinkExpired; ValueError for a score off the scale.
    """
    now = timezone.now()
    check_open(invitation, now=now)
    if not invitation.survey.scale.holds(submission.score):
        raise ValueError(
            f"score {submission.score} is not on the scale of {invitation.survey.kind}"
        )
    submission = _judged_in_place(invitation, submission, now=now)
    first = FirstAnswer(
        bytes(invitation.token_hash),
        submission.score,
        submission.comment,
        submission.language,
        submission.proof,
    )
    if not submission.answers and (response_id := store_first(first, now=now)) is not None:
        return response_id
    with write():
        return _store_or_revise(invitation, submission, first, now=now)


def _judged_in_place(
    invitation: Invitation, submission: Submission, *, now: datetime
) -> Submission:
    """Judge a post also by what happened around it; one that is held already stays so."""
    proof = submission.proof
    if proof is None or proof.is_held:
        return submission
    found = judge_new(invitation, Post(submission.score, proof.trace, now))
    return replace(submission, proof=replace(proof, judgement=found))


def _store_or_revise(
    invitation: Invitation, submission: Submission, first: FirstAnswer, *, now: datetime
) -> int:
    # Response first, invitation second, as in `store_first`: another order is a deadlock.
    response_id = store_first(first, now=now)
    if response_id is not None:
        _write_answers(Response(pk=response_id), submission.answers)
        return response_id
    Invitation.objects.select_for_update().get(pk=invitation.pk)  # one at a time per link
    response = Response.objects.filter(invitation_id=invitation.pk).first()
    if response is None:  # closed between the check and here
        raise SurveyClosed(invitation.survey.slug)
    is_refused = submission.is_held and response.standing == Response.Standing.COUNTED
    _note(invitation, submission, is_in_force=not is_refused, now=now)
    if is_refused:
        _look_again(response)
        return response.pk
    if submission.proof and not submission.is_held and not response.standing_by:
        set_standing(response, Response.Standing.COUNTED, by="")
    if _revise(response, submission, now=now):
        enqueue([Wanted(READ, response.pk, f"{READ}:{response.pk}:{response.version}")])
    return response.pk


def _look_again(response: Response) -> None:
    """Hold an answer that a burst of posts turns out to be: its first ones looked plausible."""
    found = judge_links([response.invitation_id]).get(response.invitation_id)
    if found and found.is_held and not response.standing_by:
        set_standing(response, Response.Standing.QUARANTINED, by="", reasons=found.reasons)


def _note(
    invitation: Invitation, submission: Submission, *, is_in_force: bool, now: datetime
) -> None:
    """Keep the evidence of a later post, up to a bound: a robot must not fill the disk."""
    proof = submission.proof
    if proof is None or invitation.submits.count() >= MOST_SUBMITS:
        return
    found = proof.judgement
    Submit.objects.create(
        invitation=invitation,
        score=submission.score,
        verdict=found.verdict,
        reasons=",".join(found.reasons),
        rules=found.version,
        trace=asdict(proof.trace),
        network=proof.network,
        is_in_force=is_in_force,
        at=now,
    )


def _revise(response: Response, submission: Submission, *, now: datetime) -> bool:
    before = answers_of(response)
    said = (response.score, response.comment, before)
    if said == (submission.score, submission.comment, _ordered(submission.answers)):
        return False
    Revision.objects.create(
        response=response,
        version=response.version,
        score=response.score,
        comment=response.comment,
        answers=[[a.question_id, a.choice_id, a.number, a.text] for a in before],
    )
    response.score, response.comment = submission.score, submission.comment
    response.version += 1
    response.revised_at = now
    response.save(update_fields=["score", "comment", "version", "revised_at"])
    response.answers.all().delete()
    _write_answers(response, submission.answers)
    return True


def answers_of(response: Response) -> tuple[GivenAnswer, ...]:
    """Return the answers to additional questions, in a fixed order."""
    rows = response.answers.values_list("question_id", "choice_id", "number", "text")
    return _ordered(tuple(GivenAnswer(*row) for row in rows))


def _ordered(answers: tuple[GivenAnswer, ...]) -> tuple[GivenAnswer, ...]:
    return tuple(sorted(answers, key=lambda a: (a.question_id, a.choice_id or 0)))


def _write_answers(response: Response, answers: tuple[GivenAnswer, ...]) -> None:
    if answers:
        Answer.objects.bulk_create(
            Answer(
                response=response,
                question_id=given.question_id,
                choice_id=given.choice_id,
                number=given.number,
                text=given.text,
            )
            for given in answers
        )
