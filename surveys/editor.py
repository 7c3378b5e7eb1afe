"""Write surveys: words, questions, readiness, going live. What people saw stays as it was.

A question or choice that ever stood in a wording is retired, never deleted;
a changed text makes a new wording and old answers keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.transactions import write
from surveys import translating, translations
from surveys.models import BandText, Brand, Choice, Invitation, Question, Survey
from surveys.services import go_live, refresh_wording

MOST_CHOICES = 30


class KindIsFixed(Exception):
    """People have been asked on this scale: another one would corrupt their answers."""


class ChangedMeanwhile(Exception):
    """Somebody else saved the survey after this form was opened."""


class TooManyQuestions(Exception):
    """A survey has at most ten additional questions."""


class NotReady(Exception):
    """Something that must be there is missing (`checks`)."""


def is_kind_fixed(survey: Survey) -> bool:
    return survey.pk is not None and survey.invitations.exists()


@dataclass(frozen=True, slots=True)
class BandWording:
    """What one band reads, as typed; all empty means the defaults."""

    comment_prompt: str = ""
    thanks: str = ""
    link_text: str = ""
    link_url: str = ""

    def __bool__(self) -> bool:
        return any((self.comment_prompt, self.thanks, self.link_text, self.link_url))


def save(
    survey: Survey, bands: Mapping[str, BandWording], *, seen: datetime | None = None
) -> Survey:
    """Store a survey as edited, with the words of its bands.

    `seen`: its `updated_at` when the form was opened. KindIsFixed,
    ChangedMeanwhile.
    """
    with write():
        before = Survey.objects.select_for_update().filter(pk=survey.pk).first()
        if before and before.kind != survey.kind and is_kind_fixed(survey):
            raise KindIsFixed(survey.slug)
        if before and seen and before.updated_at > seen:
            raise ChangedMeanwhile(survey.slug)
        survey.save()
        _save_bands(survey, bands)
        if before and before.kind != survey.kind:
            _forget_other_bands(survey)
        refresh_wording(survey)
    return survey


def _save_bands(survey: Survey, bands: Mapping[str, BandWording]) -> None:
    known = {band.slug for band in survey.scale.bands}
    survey.band_texts.all().delete()
    BandText.objects.bulk_create(
        BandText(
            survey=survey,
            band=slug,
            comment_prompt=said.comment_prompt,
            thanks=said.thanks,
            link_text=said.link_text,
            link_url=said.link_url,
        )
        for slug, said in bands.items()
        if said and slug in known
    )


def _forget_other_bands(survey: Survey) -> None:
    known = {band.slug for band in survey.scale.bands}
    questions = list(survey.questions.all())
    for question in questions:
        question.bands = [band for band in question.bands if band in known]
    Question.objects.bulk_update(questions, ["bands"])


# ---- Additional questions --------------------------------------------------------------------


def published_ids(survey: Survey) -> tuple[set[int], set[int]]:
    """Return the ids of questions and of choices that ever stood in a wording."""
    questions: set[int] = set()
    choices: set[int] = set()
    for content in survey.wordings.values_list("content", flat=True):
        for question in content["questions"]:
            questions.add(question["id"])
            choices.update(choice["id"] for choice in question["choices"])
    return questions, choices


def save_question(question: Question, choices: Sequence[str]) -> Question:
    """Store a question; `choices` are its lines, in order. TooManyQuestions.

    A line that was there before stays the same choice; one that is gone is
    deleted, or retired when people may have chosen it.
    """
    with write():
        others = question.survey.questions.filter(is_retired=False).exclude(pk=question.pk)
        if others.count() >= Question.MOST:
            raise TooManyQuestions(question.survey.slug)
        if question.pk is None:
            last = question.survey.questions.aggregate(last=Max("position"))["last"]
            question.position = 0 if last is None else last + 1
        question.save()
        _save_choices(question, choices)
        refresh_wording(question.survey)
    return question


def _save_choices(question: Question, lines: Sequence[str]) -> None:
    known = {choice.text: choice for choice in question.choices.all()}
    wanted = {line: position for position, line in enumerate(lines)}
    for text, choice in known.items():
        choice.is_retired = text not in wanted
        choice.position = wanted.get(text, len(wanted))
    Choice.objects.bulk_update(known.values(), ["is_retired", "position"])
    Choice.objects.bulk_create(
        Choice(question=question, text=text, position=position)
        for text, position in wanted.items()
        if text not in known
    )
    published = published_ids(question.survey)[1]
    question.choices.filter(is_retired=True).exclude(pk__in=published).delete()


def remove_question(question: Question) -> bool:
    """Take a question out; True when it was retired because people may have answered it."""
    with write():
        is_published = question.pk in published_ids(question.survey)[0]
        if is_published:
            Question.objects.filter(pk=question.pk).update(is_retired=True)
        else:
            question.delete()
        refresh_wording(question.survey)
    return is_published


def bring_back(question: Question) -> None:
    """Ask a retired question again; its earlier answers belong to it. TooManyQuestions."""
    with write():
        if question.survey.questions.filter(is_retired=False).count() >= Question.MOST:
            raise TooManyQuestions(question.survey.slug)
        Question.objects.filter(pk=question.pk).update(is_retired=False)
        refresh_wording(question.survey)


def move_question(question: Question, *, by: int) -> None:
    """Put a question earlier (`by` -1) or later (1) among those that are asked."""
    with write():
        rows = list(question.survey.questions.select_for_update().filter(is_retired=False))
        at = next(i for i, row in enumerate(rows) if row.pk == question.pk)
        to = min(max(at + by, 0), len(rows) - 1)
        rows.insert(to, rows.pop(at))
        for position, row in enumerate(rows):
            row.position = position
        Question.objects.bulk_update(rows, ["position"])
        refresh_wording(question.survey)


# ---- Before going live -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list before going live. `is_must`: nothing goes live without it.

    `part` is the section of the editor (or "brand") where it is put right.
    """

    is_met: bool
    is_must: bool
    text: str
    part: str


def checks(survey: Survey) -> list[Check]:
    """Return what a survey should have before people see it, musts first."""
    brand = survey.brand
    questions = survey.questions.filter(is_retired=False).prefetch_related("choices")
    found = [
        Check("{company}" in _question(survey) or _names(survey, brand), False,
              _("The question names who asks"), "question"),
        Check(not survey.closes_at or survey.closes_at > timezone.now(), True,
              _("The closing date lies ahead"), "rules"),
        Check(_have_choices(questions), True,
              _("Every question with choices has at least two"), "questions"),
        Check(_links_are_whole(survey), True,
              _("Links after the thanks have both a text and an address"), "thanks"),
        Check(bool(brand.sender_name), False, _("The mail comes from a person’s name"), "brand"),
        Check(bool(brand.reply_to), False, _("A reply to the mail reaches somebody"), "brand"),
        Check(bool(brand.postal_address), False,
              _("The mail names a postal address, as the law of many countries asks"), "brand"),
        Check(bool(survey.reader_note), False, _("People learn who reads their answers"), "rules"),
        *(_language_check(state) for state in translations.states_of(survey) if state.is_open),
    ]  # fmt: skip
    return sorted(found, key=lambda check: (check.is_met, not check.is_must))


def _language_check(state: translations.LanguageState) -> Check:
    if state.is_spoken:
        text = _("%(language)s is complete") % {"language": state.name}
        return Check(True, False, text, "languages")
    text = ngettext(
        "%(language)s lacks %(count)s text. Until it is there, its readers get %(fallback)s.",
        "%(language)s lacks %(count)s texts. Until they are there, its readers get %(fallback)s.",
        state.missing,
    )
    facts = {"language": state.name, "count": state.missing, "fallback": state.fallback}
    return Check(False, False, text % facts, "languages")


def _question(survey: Survey) -> str:
    return survey.question or str(survey.scale.question)


def _names(survey: Survey, brand: Brand) -> bool:
    text = _question(survey).casefold()
    return brand.name.casefold() in text or survey.company.casefold() in text


def _have_choices(questions: Iterable[Question]) -> bool:
    with_choices = (Question.Kind.ONE_CHOICE, Question.Kind.MANY_CHOICES)
    return all(
        sum(not choice.is_retired for choice in question.choices.all()) >= 2
        for question in questions
        if question.kind in with_choices
    )


def _links_are_whole(survey: Survey) -> bool:
    return all(bool(row.link_text) == bool(row.link_url) for row in survey.band_texts.all())


def open_for_answers(survey: Survey) -> None:
    """Go live, first or again. NotReady when a must is missing."""
    if missing := [check for check in checks(survey) if check.is_must and not check.is_met]:
        raise NotReady(missing)
    go_live(survey)


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing does, in numbers: mails that will not leave, links that will say "closed"."""

    waiting: int
    open_links: int


def closing(survey: Survey) -> Closing:
    states = Invitation.State
    mails = survey.invitations.filter(channel=Invitation.Channel.EMAIL)
    return Closing(
        mails.filter(state__in=[states.WAITING, states.HANDED]).count(),
        mails.filter(
            state=states.SENT, answered_at__isnull=True, expires_at__gt=timezone.now()
        ).count(),
    )


def copy(survey: Survey, *, name: str, slug: str) -> Survey:
    """Return a draft with the same words and questions; nobody has been asked by it."""
    with write():
        fresh: dict[str, Any] = {"pk": None, "name": name, "slug": slug, "is_demo": False}
        fresh |= {"status": Survey.Status.DRAFT, "wording": None, "closes_at": None}
        twin = Survey(**{**_fields(survey), **fresh})
        twin.save()
        BandText.objects.bulk_create(
            BandText(**{**_fields(text), "pk": None, "survey": twin})
            for text in survey.band_texts.all()
        )
        places: dict[str, str] = {}
        for question in survey.questions.filter(is_retired=False).prefetch_related("choices"):
            places |= _copy_question(question, twin)
        translating.copy_to(survey, twin, places)
    return twin


def _copy_question(question: Question, survey: Survey) -> dict[str, str]:
    """Copy a question; return where the places of its texts are now (surveys.translations)."""
    twin = Question.objects.create(**{**_fields(question), "pk": None, "survey": survey})
    before = [choice for choice in question.choices.all() if not choice.is_retired]
    after = Choice.objects.bulk_create(
        Choice(question=twin, position=choice.position, text=choice.text) for choice in before
    )
    return {
        f"question.{question.pk}.{name}": f"question.{twin.pk}.{name}"
        for name in ("text", "low_label", "high_label")
    } | {f"choice.{old.pk}": f"choice.{new.pk}" for old, new in zip(before, after, strict=True)}


def _fields(row: Any) -> dict[str, Any]:
    names = (field.name for field in row._meta.concrete_fields if not field.primary_key)
    return {name: getattr(row, name) for name in names}
