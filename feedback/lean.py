"""The plain case of answering, which nearly every answer is: a score, perhaps words, nothing else.

Checked and stored without loading the survey. Whatever is not plain (an
error to show, a revision, another language, a closed survey, a post that must be
judged by what happened around it) is left to the full view, which finds out why.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from feedback.proofs import proof_of
from feedback.services import clean_comment
from feedback.store import FirstAnswer, store_first
from surveys.tokens import TOKEN_LENGTH, hash_of

_FIELDS = {"score", "comment", "website", "gesture"}


def store_plain_answer(request: HttpRequest, token: str) -> bool:
    """Store a plain first answer; False when it is anything else (then nothing happened).

    The request's body has been read and its origin checked by the caller.
    """
    data = request.POST
    score, comment = data.get("score", ""), clean_comment(data.get("comment", ""))
    is_plain = (
        len(token) == TOKEN_LENGTH
        and not request.GET
        and _FIELDS.issuperset(data)
        and not data.get("website")
        and score.isascii()
        and score.isdecimal()
        and len(score) <= 2
        and len(comment) <= settings.COMMENT_LIMIT
    )
    if not is_plain:
        return False
    proof = proof_of(request)
    if not (proof.is_held or proof.trace.is_vouched_for):
        return False
    answer = FirstAnswer(
        hash_of(token), int(score), comment, proof=proof, needs_open=not proof.is_held
    )
    return store_first(answer, now=timezone.now()) is not None
