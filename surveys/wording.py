"""The words of a survey as people see them: drawn up once, then never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop, override

from surveys.models import BandText, Question, Survey, Wording
from surveys.translations import states_of, words_of


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
    # What staff wrote for the mail; None in documents from before the mail's words were kept.
    mail_subject: str | None = None
    mail_intro: str | None = None

    def prompt_for(self, band: str) -> str:
        words = self.bands.get(band)
        return (words and words.comment_prompt) or self.comment_prompt

    def thanks_for(self, band: str) -> str:
        words = self.bands.get(band)
        return (words and words.thanks) or self.thanks


_BAND_DEFAULTS = {
    # tone of the band -> (comment prompt, thanks)
    "positive": (
        gettext_noop("What do you like most about working with us?"),
        gettext_noop("Thank you. That made our day."),
    ),
    "neutral": (
        gettext_noop("What is the one thing we should do better?"),
        gettext_noop("Thank you. That helps us get better."),
    ),
    "negative": (
        gettext_noop("What went wrong, and what should we put right first?"),
        gettext_noop("Thank you for being honest."),
    ),
}


def draw_up(
    survey: Survey,
    *,
    band_texts: Iterable[BandText] | None = None,
    questions: Iterable[Question] | None = None,
    language: str = "",
    words: Mapping[str, str] | None = None,
) -> Content:
    """Return what the survey says now, gaps filled from its kind in its own language.

    `band_texts` and `questions` stand in for the stored ones where a draft
    is not stored yet. `language` and `words` (place -> text, see
    surveys.translations) draw it up in another language; a text without
    translation stays as it is.
    """
    scale = survey.scale
    if questions is None:
        questions = survey.questions.prefetch_related("choices")
    language = language or survey.language
    said = words or {}

    def own(place: str, text: str) -> str:
        """Return what staff wrote, in this language, with the company's name in it."""
        return (said.get(place) or text if text else "").replace("{company}", survey.company)

    with override(language):

        def say(place: str, default: str) -> str:
            return own(place, getattr(survey, place)) or _named(default, survey)

        bands = {}
        texts = survey.band_texts.all() if band_texts is None else band_texts
        written = {text.band: text for text in texts}
        for band in scale.bands:
            prompt, thanks = _BAND_DEFAULTS[band.tone]
            mine = written.get(band.slug) or BandText(band=band.slug)
            place = f"band.{band.slug}"
            bands[band.slug] = BandWords(
                own(f"{place}.comment_prompt", mine.comment_prompt)
                or say("comment_prompt", gettext(prompt)),
                own(f"{place}.thanks", mine.thanks) or say("thanks", gettext(thanks)),
                own(f"{place}.link_text", mine.link_text),
                mine.link_url,
            )
        return Content(
            language=language,
            kind=survey.kind,
            question=say("question", scale.question),
            low_label=say("low_label", scale.low_label),
            high_label=say("high_label", scale.high_label),
            score_labels=tuple(str(label) for label in scale.labels),
            comment_prompt=say("comment_prompt", gettext("What is the main reason?")),
            thanks=say("thanks", gettext("Thank you for your answer.")),
            reader_note=say("reader_note", ""),
            bands=bands,
            questions=tuple(
                _question(question, own) for question in questions if not question.is_retired
            )[: Question.MOST],
            mail_subject=own("mail_subject", survey.mail_subject),
            mail_intro=own("mail_intro", survey.mail_intro),
        )


def _named(text: str, survey: Survey) -> str:
    return str(text).replace("{company}", survey.company)


def _question(question: Question, own: Callable[[str, str], str]) -> QuestionText:
    place = f"question.{question.pk}"
    return QuestionText(
        id=question.pk,
        kind=question.kind,
        text=own(f"{place}.text", question.text),
        low=question.scale_low,
        high=question.scale_high,
        low_label=own(f"{place}.low_label", question.low_label),
        high_label=own(f"{place}.high_label", question.high_label),
        bands=tuple(question.bands),
        choices=tuple(
            ChoiceText(choice.pk, own(f"choice.{choice.pk}", choice.text))
            for choice in question.choices.all()
            if not choice.is_retired
        ),
    )


def languages_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the languages a stored wording speaks, the survey's own first."""
    return (document["language"], *document.get("translations", {}))


def content_of(stored: dict[str, Any], language: str = "") -> Content:
    """Read a stored wording document back: in `language` if it speaks it, else in its own."""
    translations = stored.get("translations", {})
    document = translations.get(language) or {
        name: value for name, value in stored.items() if name != "translations"
    }
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
    # Only whole languages: a text that is missing keeps a language from being spoken at all.
    others = {state.code: words_of(state) for state in states_of(survey) if state.is_spoken}
    if others:
        content["translations"] = {
            code: asdict(draw_up(survey, language=code, words=words))
            for code, words in others.items()
        }
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
