"""The words of a survey as people see them: drawn up once, then never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext, override

from surveys.models import BandText, Question, Survey, Wording


@dataclass(frozen=True, slots=True)
class ChoiceText:
    id: int
    text: str


@dataclass(frozen=True, slots=True)
class QuestionText:
    id: int
    kind: str
    text: str
    low: int
    high: int
    low_label: str
    high_label: str
    bands: tuple[str, ...]  # shown to these; empty = to everyone
    choices: tuple[ChoiceText, ...]

    def is_for(self, band: str) -> bool:
        return not self.bands or band in self.bands


@dataclass(frozen=True, slots=True)
class BandWords:
    comment_prompt: str
    thanks: str
    link_text: str
    link_url: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a page or mail of one survey says, `{company}` already filled in."""

    language: str
    kind: str
    question: str
    low_label: str
    high_label: str
    score_labels: tuple[str, ...]  # one per score, lowest first; empty = the numbers
    comment_prompt: str
    thanks: str
    reader_note: str
    bands: dict[str, BandWords]
    questions: tuple[QuestionText, ...]

    def prompt_for(self, band: str) -> str:
        words = self.bands.get(band)
        return (words and words.comment_prompt) or self.comment_prompt

    def thanks_for(self, band: str) -> str:
        words = self.bands.get(band)
        return (words and words.thanks) or self.thanks


_BAND_DEFAULTS = {
    # tone of the band -> (comment prompt, thanks)
    "positive": ("What do you like most about working with us?", "Thank you. That made our day."),
    "neutral": (
        "What is the one thing we should do better?",
        "Thank you. That helps us get better.",
    ),
    "negative": (
        "What went wrong, and what should we put right first?",
        "Thank you for being honest.",
    ),
}


def draw_up(
    survey: Survey,
    *,
    band_texts: Iterable[BandText] | None = None,
    questions: Iterable[Question] | None = None,
) -> Content:
    """Return what the survey says now, gaps filled from its kind in its own language.

    `band_texts` and `questions` stand in for the stored ones where a draft
    is not stored yet.
    """
    scale = survey.scale
    if questions is None:
        questions = survey.questions.prefetch_related("choices")
    with override(survey.language):

        def say(text: str, default: str) -> str:
            return (text or str(default)).replace("{company}", survey.company)

        bands = {}
        texts = survey.band_texts.all() if band_texts is None else band_texts
        own = {text.band: text for text in texts}
        for band in scale.bands:
            prompt, thanks = _BAND_DEFAULTS[band.tone]
            mine = own.get(band.slug)
            bands[band.slug] = BandWords(
                say(mine.comment_prompt if mine else "", survey.comment_prompt or gettext(prompt)),
                say(mine.thanks if mine else "", survey.thanks or gettext(thanks)),
                mine.link_text if mine else "",
                mine.link_url if mine else "",
            )
        return Content(
            language=survey.language,
            kind=survey.kind,
            question=say(survey.question, scale.question),
            low_label=say(survey.low_label, scale.low_label),
            high_label=say(survey.high_label, scale.high_label),
            score_labels=tuple(str(label) for label in scale.labels),
            comment_prompt=say(survey.comment_prompt, gettext("What is the main reason?")),
            thanks=say(survey.thanks, gettext("Thank you for your answer.")),
            reader_note=say(survey.reader_note, ""),
            bands=bands,
            questions=tuple(
                _question(question, survey.company)
                for question in questions
                if not question.is_retired
            )[: Question.MOST],
        )


def _question(question: Question, company: str) -> QuestionText:
    return QuestionText(
        id=question.pk,
        kind=question.kind,
        text=question.text.replace("{company}", company),
        low=question.scale_low,
        high=question.scale_high,
        low_label=question.low_label,
        high_label=question.high_label,
        bands=tuple(question.bands),
        choices=tuple(
            ChoiceText(choice.pk, choice.text)
            for choice in question.choices.all()
            if not choice.is_retired
        ),
    )


def content_of(document: dict[str, Any]) -> Content:
    """Read a stored wording document back."""
    return Content(
        **{
            **document,
            "score_labels": tuple(document["score_labels"]),
            "bands": {slug: BandWords(**words) for slug, words in document["bands"].items()},
            "questions": tuple(
                QuestionText(
                    **{
                        **question,
                        "bands": tuple(question["bands"]),
                        "choices": tuple(ChoiceText(**choice) for choice in question["choices"]),
                    }
                )
                for question in document["questions"]
            ),
        }
    )


def keep(survey: Survey) -> Wording:
    """Return the wording row for what the survey says now, a new one if its words changed.

    Call inside a transaction; sets `survey.wording` and saves that column.
    """
    content = asdict(draw_up(survey))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    latest = survey.wordings.order_by("-number").first()
    if latest is None or latest.digest != digest:
        number = latest.number + 1 if latest else 1
        latest = Wording.objects.create(
            survey=survey, number=number, digest=digest, content=content
        )
    if survey.wording_id != latest.pk:
        survey.wording = latest
        Survey.objects.filter(pk=survey.pk).update(wording=latest)
    return latest
