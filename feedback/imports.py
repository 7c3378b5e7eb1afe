"""Answers from elsewhere: checked row by row, stored in few statements, read like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback.copying import insert_many
from feedback.models import Answer, Response
from feedback.services import GivenAnswer, clean_comment
from feedback.store import READ
from outbox.days import local_date
from outbox.jobs import Wanted, enqueue
from outbox.transactions import write
from surveys import contacts, tokens
from surveys.models import Contact, Invitation, Question, Survey
from surveys.models.survey import TOUCHPOINT_LONGEST
from surveys.roster import Person

_CLOCKS_DIFFER = timedelta(minutes=5)
Problems = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One answer. `person` becomes a contact when the address is new; a known one stays as it is.

    `answers` maps question ids to what was said: a text, a number, a choice
    (its id or text) or a list of choices. `external_id` makes importing twice
    harmless. `sent_at` says when it was asked by mail, if it was: then the
    answer counts in the response rate. `properties` are those of the moment
    of answering; with the channel "api" the contact's present ones are added.
    `touchpoint` empty: that of the properties, else the survey's.
    """

    score: int
    comment: str = ""
    submitted_at: datetime | None = None
    person: Person | None = None
    contact_id: int | None = None
    external_id: str = ""
    language: str = ""
    channel: str = Invitation.Channel.IMPORT
    touchpoint: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[int, Any] = field(default_factory=dict)
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: stored now, there before, or refused with the reasons by field."""

    response_id: int | None = None
    is_new: bool = False
    problems: Problems = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A row that passed: when it was said, by whom, and its answers as stored."""

    row: ImportRow
    submitted_at: datetime
    answers: tuple[GivenAnswer, ...]
    contact: Contact | None = None


def import_responses(survey: Survey, rows: Sequence[ImportRow]) -> list[Outcome]:
    """Store the good rows in one transaction and have them read; return one outcome per row.

    Some twelve statements for a thousand rows. Rows whose `external_id` this
    survey has already are left as they are.
    """
    outcomes: dict[int, Outcome] = {}
    ready: dict[int, _Ready] = {}
    questions = _questions_of(survey) if any(row.answers for row in rows) else {}
    for index, row in enumerate(rows):
        found = _check(survey, row, questions)
        if isinstance(found, _Ready):
            ready[index] = found
        else:
            outcomes[index] = Outcome(problems=found)
    if ready:
        with write():
            outcomes |= _store(survey, ready)
    return [outcomes[index] for index in range(len(rows))]


# ---- Checking ------------------------------------------------------------------------------------


def _check(survey: Survey, row: ImportRow, questions: Mapping[int, _Asked]) -> _Ready | Problems:
    problems: Problems = {}
    scale, now = survey.scale, timezone.now()
    if not scale.holds(row.score):
        message = _("%(score)s is not on the scale %(low)s to %(high)s.")
        facts = {"score": row.score, "low": scale.low, "high": scale.high}
        problems["score"] = [message % facts]
    submitted_at = row.submitted_at or now
    if submitted_at > now + _CLOCKS_DIFFER:
        problems["submitted_at"] = [_("This lies in the future.")]
    if row.sent_at and row.sent_at > submitted_at:
        problems["sent_at"] = [_("It cannot be asked after it was answered.")]
    answers: list[GivenAnswer] = []
    for question_id, value in row.answers.items():
        try:
            answers += _given(question_id, value, questions)
        except ValueError as error:
            problems[f"answers.{question_id}"] = [str(error)]
    return problems or _Ready(row, submitted_at, tuple(answers))


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: str
    low: int
    high: int
    choices: Mapping[int | str, int]  # id and text -> id


def _questions_of(survey: Survey) -> dict[int, _Asked]:
    found = {}
    for question in survey.questions.prefetch_related("choices"):
        choices: dict[int | str, int] = {}
        for choice in question.choices.all():
            choices |= {choice.text.casefold(): choice.pk, choice.pk: choice.pk}
        found[question.pk] = _Asked(question.kind, question.scale_low, question.scale_high, choices)
    return found


def _given(question_id: int, value: Any, questions: Mapping[int, _Asked]) -> list[GivenAnswer]:
    """Return the answer rows of one value. ValueError says what is wrong with it."""
    asked = questions.get(question_id)
    if asked is None:
        raise ValueError(_("This survey has no question %(id)s.") % {"id": question_id})
    match asked.kind:
        case Question.Kind.FREE_TEXT:
            if not isinstance(value, str):
                raise ValueError(_("Send a text."))
            return [GivenAnswer(question_id, text=clean_comment(value))]
        case Question.Kind.SCALE:
            return [GivenAnswer(question_id, number=_number(value, asked))]
    values = value if isinstance(value, list) else [value]
    if asked.kind == Question.Kind.ONE_CHOICE and len(values) != 1:
        raise ValueError(_("Send one choice."))
    chosen = dict.fromkeys(_choice(one, asked) for one in values)
    return [GivenAnswer(question_id, choice_id=choice_id) for choice_id in chosen]


def _number(value: Any, asked: _Asked) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not asked.low <= value <= asked.high:
        ends = {"low": asked.low, "high": asked.high}
        raise ValueError(_("Send a whole number from %(low)s to %(high)s.") % ends)
    return value


def _choice(value: Any, asked: _Asked) -> int:
    key = value.casefold() if isinstance(value, str) else value
    if isinstance(key, bool) or not isinstance(key, int | str) or key not in asked.choices:
        texts = [str(choice) for choice in asked.choices if isinstance(choice, str)]
        raise ValueError(_("Send one of: %(choices)s.") % {"choices": ", ".join(texts)[:200]})
    return asked.choices[key]


# ---- Storing -------------------------------------------------------------------------------------


def _store(survey: Survey, ready: dict[int, _Ready]) -> dict[int, Outcome]:
    there = _there_already(survey, [item.row.external_id for item in ready.values()])
    ready, outcomes = _with_contacts(ready)
    new: dict[int, _Ready] = {}
    first_of: dict[str, int] = {}  # external id -> the row of this call that brings it
    for index, item in ready.items():
        external_id = item.row.external_id
        if not external_id:
            new[index] = item
        elif external_id not in there and external_id not in first_of:
            new[index] = item
            first_of[external_id] = index
    ids = dict(zip(new, _insert(survey, list(new.values())), strict=True))
    there |= {external_id: ids[index] for external_id, index in first_of.items()}
    for index, item in ready.items():
        known = ids.get(index)
        outcomes[index] = Outcome(known or there[item.row.external_id], is_new=known is not None)
    return outcomes


def _there_already(survey: Survey, external_ids: Sequence[str]) -> dict[str, int]:
    """Return external id -> response of those this survey has; locks out other imports to it."""
    wanted = {external_id for external_id in external_ids if external_id}
    if not wanted:
        return {}
    # Not a full row lock: answers being given refer to the survey and must not wait.
    Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    found = Response.objects.filter(survey=survey, external_id__in=wanted)
    return dict(found.values_list("external_id", "pk"))


def _with_contacts(ready: dict[int, _Ready]) -> tuple[dict[int, _Ready], dict[int, Outcome]]:
    """Give each row its contact, made where the address is new; refuse ids that are nobody's."""
    pairs = [(item.row.person, item.row.properties) for item in ready.values() if item.row.person]
    people = {person.email: (person, properties) for person, properties in pairs}
    by_email = Contact.objects.in_bulk(list(people), field_name="email") if people else {}
    unknown = [_newcomer(*pair) for pair in people.values() if pair[0].email not in by_email]
    if unknown:
        contacts.store(unknown)
        by_email = Contact.objects.in_bulk(list(people), field_name="email")
    by_id = Contact.objects.in_bulk(
        {item.row.contact_id for item in ready.values() if item.row.contact_id}
    )
    known: dict[int, _Ready] = {}
    refused: dict[int, Outcome] = {}
    for index, item in ready.items():
        row = item.row
        if row.contact_id and row.contact_id not in by_id:
            message = _("There is no contact %(id)s.") % {"id": row.contact_id}
            refused[index] = Outcome(problems={"contact": [message]})
            continue
        contact = by_email[row.person.email] if row.person else by_id.get(row.contact_id or 0)
        known[index] = replace(item, contact=contact)
    return known, refused


def _newcomer(person: Person, properties: Mapping[str, Any]) -> Person:
    return replace(person, properties={**properties, **person.properties})


def _insert(survey: Survey, items: Sequence[_Ready]) -> list[int]:
    """Write invitations, responses, answers and the reading to be done; return response ids."""
    expires_at = timezone.now() + timedelta(days=survey.link_days)
    asked = [{**_asked(item), "survey_id": survey.pk, "expires_at": expires_at} for item in items]
    invitations = insert_many(Invitation, asked)
    said = [
        {
            **_said(item),
            "touchpoint": _touchpoint(item, survey),
            "survey_id": survey.pk,
            "wording_id": survey.wording_id,
            "invitation_id": pk,
        }
        for item, pk in zip(items, invitations, strict=True)
    ]
    responses = insert_many(Response, said)
    answers = [
        {**asdict(given), "response_id": pk}
        for pk, item in zip(responses, items, strict=True)
        for given in item.answers
    ]
    insert_many(Answer, answers)
    enqueue(Wanted(READ, pk, f"{READ}:{pk}:1") for pk in responses)
    return responses


def _asked(item: _Ready) -> dict[str, Any]:
    """Return the invitation every answer has, with a link of its own that nobody was sent."""
    row, link = item.row, tokens.new_link(settings.LINK_KEYS)
    return {
        "contact_id": item.contact.pk if item.contact else None,
        "channel": row.channel,
        "state": Invitation.State.SENT if row.sent_at else Invitation.State.OPEN,
        "nonce": link.nonce,
        "key_id": link.key_id,
        "token_hash": link.token_hash,
        "properties": _properties(item),
        "sent_at": row.sent_at,
        "answered_at": item.submitted_at,
    }


def _said(item: _Ready) -> dict[str, Any]:
    row, contact = item.row, item.contact
    return {
        "contact_id": contact.pk if contact else None,
        "customer_id": contact.customer_id if contact else None,
        "score": row.score,
        "comment": clean_comment(row.comment),
        "language": row.language,
        "channel": row.channel,
        "properties": _properties(item),
        "submitted_at": item.submitted_at,
        "submitted_date": local_date(item.submitted_at),
        "external_id": row.external_id,
    }


def _touchpoint(item: _Ready, survey: Survey) -> str:
    """Return the row's own, else that of its properties, else the survey's: as `store` does."""
    named = item.row.touchpoint or str(_properties(item).get("touchpoint") or "")
    return (named or survey.touchpoint)[:TOUCHPOINT_LONGEST]


def _properties(item: _Ready) -> dict[str, Any]:
    is_now = item.row.channel == Invitation.Channel.API and item.contact is not None
    present = item.contact.properties if is_now and item.contact else {}
    return {**present, **item.row.properties}
