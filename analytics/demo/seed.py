"""Write the demo down and hand its comments to the real pipeline; take it away again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from analytics.care import demo as care
from analytics.demo.answers import remove_answers, write_answers
from analytics.demo.people import DemoContact, contacts, customers
from analytics.demo.story import CHAPTERS, Answered, Asked, Chapter, Narrator
from analytics.digests import demo as digests
from analytics.scores.models import FunnelTally, Tally, WeekTally
from analytics.success.demo import remove_demo, write_demo
from feedback.models import LinkOpen, Response, Theme
from feedback.reading import tally_wanted
from feedback.store import READ
from feedback.suggestions import ask_for_refresh
from feedback.text.presets import INDUSTRY_PRESETS
from outbox.days import local_date, zone
from outbox.jobs import Wanted, enqueue
from outbox.transactions import write
from surveys import services
from surveys.models import (
    Brand,
    Campaign,
    Choice,
    Contact,
    Customer,
    Invitation,
    Question,
    Segment,
    SegmentCondition,
    Suppression,
    Survey,
)

PEOPLE = 640
BRAND = "Kestrel Ledger"
_SURVEYS = {
    "customer-relationship": ("Customer relationship", "nps", "relationship", ""),
    "after-a-support-case": ("After a support case", "csat", "after support", ""),
    "first-weeks": ("First weeks", "ces", "onboarding", "{company} made it easy to get started."),
}
_SEGMENTS = (
    ("Starter", "plan", "Starter"),
    ("Growth", "plan", "Growth"),
    ("Scale", "plan", "Scale"),
)
_State, _Channel = Invitation.State, Invitation.Channel


def is_seeded() -> bool:
    return Survey.objects.filter(is_demo=True).exists()


def seed(*, seed_number: int = 7) -> int:
    """Write a year of the demo company; return the number of responses to be read."""
    with write():
        people = _people(random.Random(seed_number))
        surveys = _surveys()
        _segments()
        narrator = Narrator(seed_number)
        count = 0
        _themes()
        write_answers()
        now = timezone.localtime(timezone=zone())
        for chapter in CHAPTERS:
            told = list(narrator.asked(chapter, list(people), now))
            count += _write_chapter(chapter, surveys[chapter.slug], told, people)
        write_demo(random.Random(seed_number))
        care.write_demo(random.Random(seed_number))
        ask_for_refresh()  # what people speak of that has no theme yet
        digests.write_demo(surveys[CHAPTERS[0].slug])
    return count


def _people(dice: random.Random) -> dict[DemoContact, Contact]:
    companies = customers(dice)
    rows = Customer.objects.bulk_create(
        Customer(
            external_id=c.external_id,
            name=c.name,
            properties={"plan": c.plan, "country": c.country, "seats": c.seats},
            is_demo=True,
        )
        for c in companies
    )
    by_id = {row.external_id: row for row in rows}
    told = contacts(dice, companies, PEOPLE)
    stored = Contact.objects.bulk_create(
        (
            Contact(
                email=person.email,
                name=person.name,
                customer=by_id[person.customer.external_id],
                language=person.language,
                properties={
                    "plan": person.customer.plan,
                    "country": person.customer.country,
                    "seats": person.customer.seats,
                    "role": person.role,
                },
                is_demo=True,
            )
            for person in told
        ),
        batch_size=500,
    )
    return dict(zip(told, stored, strict=True))


def _surveys() -> dict[str, Survey]:
    brand, _ = Brand.objects.get_or_create(
        name=BRAND,
        defaults={
            "color": "#125e6b",
            "sender_name": "Maya Okafor",
            "sender_role": "Customer care",
            "reply_to": "maya@kestrel.example",
            "postal_address": "Kestrel Ledger Ltd, 8 Quay Street, Bristol BS1 4DJ",
        },
    )
    made = {}
    for slug, (name, kind, touchpoint, question) in _SURVEYS.items():
        survey = Survey.objects.create(
            slug=slug,
            name=name,
            kind=kind,
            brand=brand,
            touchpoint=touchpoint,
            question=question,
            reader_note="Maya Okafor and her team read every answer.",
            rest_days=90 if kind == "nps" else 30,
            is_demo=True,
        )
        if kind == "nps":
            _follow_up(survey)
        services.go_live(survey)
        survey.refresh_from_db()
        made[slug] = survey
    return made


def _follow_up(survey: Survey) -> None:
    question = Question.objects.create(
        survey=survey, kind=Question.Kind.MANY_CHOICES, text="What should we work on next?"
    )
    texts = ("Bank connections", "Reports", "Mobile app", "Faster support")
    Choice.objects.bulk_create(
        Choice(question=question, position=position, text=text)
        for position, text in enumerate(texts)
    )


def _segments() -> None:
    for name, key, value in _SEGMENTS:
        segment, is_new = Segment.objects.get_or_create(slug=name.lower(), defaults={"name": name})
        if is_new:
            SegmentCondition.objects.create(segment=segment, property=key, value=value)


_THEMES = (
    ("bank-feeds", "Bank feeds", ["bank feed", "bank connection", "bank transaction", "reconcile"]),
    ("reports", "Reports", ["report", "export", "debtors list", "profit and loss"]),
)


def _themes() -> None:
    """Add what only this company's customers talk about; of the others, keep what suits it.

    Menus are no food here and bookings no reservations. Where somebody's own answers are, too,
    the themes in use are theirs to choose.
    """
    if not Response.objects.exists():
        others = Theme.objects.filter(is_seeded=True).exclude(slug__in=INDUSTRY_PRESETS["saas"])
        others.update(is_active=False)
    for slug, name, phrases in _THEMES:
        Theme.objects.get_or_create(slug=slug, defaults={"name": name, "phrases": phrases})


def _write_chapter(
    chapter: Chapter, survey: Survey, told: list[Asked], people: dict[DemoContact, Contact]
) -> int:
    campaigns = {} if chapter.kind == "csat" else _campaigns(survey, told)
    invitations = Invitation.objects.bulk_create(
        (
            _invitation(survey, asked, people[asked.contact], campaigns.get(_month(asked)))
            for asked in told
        ),
        batch_size=400,
    )
    pairs = list(zip(told, invitations, strict=True))
    LinkOpen.objects.bulk_create(_opens(pairs), batch_size=1000)
    responses = Response.objects.bulk_create(
        (
            _response(asked, asked.answer, invitation, people[asked.contact])
            for asked, invitation in pairs
            if asked.answer
        ),
        batch_size=400,
    )
    bounced = {asked.contact.email for asked, _ in pairs[-400:] if asked.outcome == "bounced"}
    Suppression.objects.bulk_create(
        (Suppression(email=e, reason=Suppression.Reason.BOUNCED, source="demo") for e in bounced),
        ignore_conflicts=True,
    )
    enqueue(Wanted(READ, r.pk, f"{READ}:{r.pk}:{r.version}") for r in responses)
    enqueue(tally_wanted({(survey.pk, local_date(asked.at)) for asked in told}))
    return len(responses)


def _month(asked: Asked) -> date:
    return asked.at.date().replace(day=1)


def _campaigns(survey: Survey, told: list[Asked]) -> dict[date, Campaign]:
    """Return a campaign for each month; support cases are asked one by one, without any."""
    sizes = Counter(_month(asked) for asked in told)
    first_at = {_month(asked): asked.at for asked in reversed(told)}
    rows = Campaign.objects.bulk_create(
        Campaign(name=f"{survey.name}, {month:%B %Y}", survey=survey, audience_size=size)
        for month, size in sizes.items()
    )
    for row, month in zip(rows, sizes, strict=True):
        row.created_at = first_at[month]
    Campaign.objects.bulk_update(rows, ["created_at"])
    return dict(zip(sizes, rows, strict=True))


def _invitation(
    survey: Survey, asked: Asked, contact: Contact, campaign: Campaign | None
) -> Invitation:
    row = services.new_invitation(
        survey, contact=contact, channel=_Channel.EMAIL, state=_State.SENT, campaign=campaign
    )
    row.sent_at = asked.at
    row.expires_at = asked.at + timedelta(days=survey.link_days)
    if asked.outcome == "bounced":
        row.state, row.reason = _State.BOUNCED, "550 5.1.1 mailbox does not exist"
    if asked.outcome == "doubtful":
        row.state = _State.DOUBTFUL
    if asked.answer:
        row.answered_at = asked.answer.at
    return row


def _opens(pairs: Iterable[tuple[Asked, Invitation]]) -> Iterable[LinkOpen]:
    for asked, invitation in pairs:
        if asked.answer:
            score = asked.answer.score
            yield LinkOpen(invitation=invitation, method="GET", score=score, at=asked.answer.at)
        elif asked.outcome == "opened":
            at = asked.at + timedelta(hours=3)
            yield LinkOpen(invitation=invitation, method="GET", at=at)


def _response(asked: Asked, answer: Answered, invitation: Invitation, contact: Contact) -> Response:
    is_machine = asked.outcome == "machine"
    return Response(
        invitation=invitation,
        survey=invitation.survey,
        contact=contact,
        customer_id=contact.customer_id,
        wording_id=invitation.survey.wording_id,
        score=answer.score,
        comment=answer.comment,
        language="" if answer.language == "ar" else "en",
        channel=_Channel.EMAIL,
        touchpoint=invitation.survey.touchpoint,
        properties=contact.properties,
        standing=Response.Standing.QUARANTINED if is_machine else Response.Standing.COUNTED,
        submitted_at=answer.at,
        submitted_date=local_date(answer.at),
    )


def remove() -> int:
    """Delete exactly the demo: its surveys with their answers, its contacts and customers."""
    with write():
        surveys = Survey.objects.filter(is_demo=True)
        ids = list(surveys.values_list("pk", flat=True))
        emails = list(Contact.objects.filter(is_demo=True).values_list("email", flat=True))
        count = Response.objects.filter(survey_id__in=ids).count()
        Tally.objects.filter(survey_id__in=ids).delete()
        WeekTally.objects.filter(survey_id__in=ids).delete()
        FunnelTally.objects.filter(survey_id__in=ids).delete()
        Response.objects.filter(survey_id__in=ids).delete()
        Invitation.objects.filter(survey_id__in=ids).delete()
        Campaign.objects.filter(survey_id__in=ids).delete()
        remove_answers()  # those of the demo; whose own they are stay, without the demo's themes
        slugs = [slug for slug, _, _ in _THEMES]
        Theme.objects.filter(slug__in=slugs, mentions__isnull=True).delete()
        if not Response.objects.exists():
            Theme.objects.filter(is_seeded=True).update(is_active=True)
        surveys.update(wording=None, status=Survey.Status.DRAFT)
        surveys.delete()
        _remove_segments()
        Suppression.objects.filter(email__in=emails, source="demo").delete()
        Contact.objects.filter(is_demo=True).delete()
        Customer.objects.filter(is_demo=True).delete()
        remove_demo()
        care.remove_demo()
        digests.remove_demo()
        Brand.objects.filter(name=BRAND, survey__isnull=True).delete()
    return count


def _remove_segments() -> None:
    """Delete our segments where they are still what we made and no campaign asks them."""
    for name, key, value in _SEGMENTS:
        conditions = SegmentCondition.objects.filter(segment__slug=name.lower())
        if list(conditions.values_list("property", "operator", "value")) == [(key, "is", value)]:
            Segment.objects.filter(slug=name.lower(), campaign__isnull=True).delete()
