"""Write and change surveys. Each function is one transaction; words once seen are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from outbox.transactions import write
from surveys.models import BandText, Brand, Choice, Question, Survey
from surveys.services import refresh_wording

Document = Mapping[str, Any]


def create(
    *,
    brand: str = "",
    questions: Sequence[Document] = (),
    band_texts: Sequence[Document] = (),
    **texts: Any,
) -> Survey:
    """Return a new draft. ValidationError by field: a taken slug, unknown bands, odd scales."""
    with write():
        survey = _new_survey(brand=_brand(brand), **texts)
        _write_questions(survey, questions)
        _write_band_texts(survey, band_texts)
    return survey


def _new_survey(**fields: Any) -> Survey:
    try:
        with transaction.atomic():
            return Survey.objects.create(**fields)
    except IntegrityError:
        taken = _("A survey of this short name exists already.")
        raise ValidationError({"slug": [taken]}) from None


def change(
    survey: Survey,
    *,
    brand: str = "",
    questions: Sequence[Document] | None = None,
    band_texts: Sequence[Document] | None = None,
    **texts: Any,
) -> None:
    """Change what is given; new answers see the new words, old ones keep what they saw."""
    with write():
        for name, value in texts.items():
            setattr(survey, name, value)
        if brand:
            survey.brand = _brand(brand)
        survey.save()
        if questions is not None:
            _write_questions(survey, questions)
        if band_texts is not None:
            survey.band_texts.all().delete()
            _write_band_texts(survey, band_texts)
        refresh_wording(Survey.objects.select_related("brand").get(pk=survey.pk))


def _brand(name: str) -> Brand:
    """Return the brand of that name, made if new; without a name the only one there is."""
    if name:
        return Brand.objects.get_or_create(name=name)[0]
    brands = list(Brand.objects.order_by("pk")[:2])
    if len(brands) == 1:
        return brands[0]
    raise ValidationError({"brand": [_("Name the brand that asks.")]})


def _write_band_texts(survey: Survey, texts: Sequence[Document]) -> None:
    for index, text in enumerate(texts):
        _check_bands(survey, [text["band"]], f"band_texts.{index}.band")
    if len({text["band"] for text in texts}) < len(texts):
        raise ValidationError({"band_texts": [_("Each band can have one entry.")]})
    BandText.objects.bulk_create(BandText(survey=survey, **text) for text in texts)


def _check_bands(survey: Survey, bands: Sequence[str], place: str) -> None:
    known = [band.slug for band in survey.scale.bands]
    if unknown := [band for band in bands if band not in known]:
        message = _("'%(band)s' is no band of this kind. Bands: %(known)s.")
        facts = {"band": unknown[0], "known": ", ".join(known)}
        raise ValidationError({place: [message % facts]})


def _write_questions(survey: Survey, drafts: Sequence[Document]) -> None:
    """Make the additional questions what `drafts` say; those not named are retired."""
    known = {question.pk: question for question in survey.questions.all()}
    kept = [
        _write_question(survey, position, draft, known) for position, draft in enumerate(drafts)
    ]
    if len(set(kept)) < len(kept):
        raise ValidationError({"questions": [_("A question is named twice.")]})
    survey.questions.exclude(pk__in=kept).update(is_retired=True)


def _write_question(
    survey: Survey, position: int, draft: Document, known: Mapping[int, Question]
) -> int:
    place = f"questions.{position}"
    fields = {name: value for name, value in draft.items() if name not in ("id", "choices")}
    _check_question(survey, draft, place)
    question = _found(draft, known, place) or Question(survey=survey)
    if question.pk and question.kind != draft["kind"]:
        raise ValidationError({f"{place}.kind": [_("A question keeps its kind: add a new one.")]})
    for name, value in fields.items():
        setattr(question, name, value)
    question.position, question.is_retired = position, False
    question.save()
    _write_choices(question, draft["choices"], f"{place}.choices")
    return question.pk


def _check_question(survey: Survey, draft: Document, place: str) -> None:
    _check_bands(survey, draft["bands"], f"{place}.bands")
    if draft["scale_low"] >= draft["scale_high"]:
        raise ValidationError({f"{place}.scale_high": [_("The scale must rise.")]})
    has_choices = draft["kind"] in (Question.Kind.ONE_CHOICE, Question.Kind.MANY_CHOICES)
    if has_choices and len(draft["choices"]) < 2:
        raise ValidationError({f"{place}.choices": [_("Give at least two choices.")]})
    if draft["choices"] and not has_choices:
        raise ValidationError({f"{place}.choices": [_("This kind of question has no choices.")]})


def _write_choices(question: Question, drafts: Sequence[Document], place: str) -> None:
    known = {choice.pk: choice for choice in question.choices.all()}
    kept = []
    for position, draft in enumerate(drafts):
        choice = _found(draft, known, f"{place}.{position}") or Choice(question=question)
        choice.text, choice.position, choice.is_retired = draft["text"], position, False
        choice.save()
        kept.append(choice.pk)
    question.choices.exclude(pk__in=kept).update(is_retired=True)


def _found(draft: Document, known: Mapping[int, Any], place: str) -> Any:
    if "id" not in draft:
        return None
    if draft["id"] not in known:
        message = _("There is no %(id)s here. Leave the id out to add a new one.")
        raise ValidationError({f"{place}.id": [message % {"id": draft["id"]}]})
    return known[draft["id"]]
