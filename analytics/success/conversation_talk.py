"""One support conversation as it was said: its turns with what was read in them, and replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.success.conversation_words import feature_words
from analytics.success.metrics.intents import wishes
from analytics.success.models import Conversation, ConversationMessage
from feedback import replies
from feedback.fitting import Said
from feedback.passages import Passage, passages
from feedback.readers import current_reader
from feedback.text.findings import UNSCORED, CommentReading, combined
from surveys.models import Brand


@dataclass(frozen=True, slots=True)
class Talk:
    """All messages in order, and the readings of those the customer wrote, by message id."""

    conversation: Conversation
    messages: Sequence[ConversationMessage]
    readings: Mapping[int, CommentReading]


def talk_of(row: Conversation) -> Talk:
    """Read a conversation; customers' messages are read by the reader in force."""
    course = {int(pk) for pk, _polarity, _p in row.course}
    stored = list(ConversationMessage.objects.filter(ticket=row.ticket).order_by("at", "pk"))
    said = [m for m in stored if m.pk in course]
    read = current_reader().reader.read_many([(m.text, None) for m in said])
    return Talk(row, stored, dict(zip([m.pk for m in said], read, strict=True)))


def turns_of(talk: Talk) -> list[dict[str, Any]]:
    """Return the messages with what was read in them; customers' words are cut at their clauses."""
    chances = {int(pk): p for pk, _polarity, p in talk.conversation.course}
    return [_turn(m, talk.readings.get(m.pk), chances.get(m.pk)) for m in talk.messages]


def _turn(
    message: ConversationMessage, reading: CommentReading | None, chance: float | None
) -> dict[str, Any]:
    clauses = [(c.start, c.end, c.sentiment) for c in reading.clauses] if reading else []
    return {
        "who": message.get_event_display() if message.event else message.get_who_display(),
        "is_customer": message.who == "customer" and not message.event,
        "is_event": bool(message.event),
        "at": message.at,
        "passages": passages(message.text, clauses) if clauses else [Passage(message.text)],
        "wishes": sorted({feature_words(f"intent_{w.intent}") for w in wishes(message.text)})
        if reading
        else [],
        "share": "" if chance is None else figures.share_text(chance),
    }


# ---- Suggested replies ---------------------------------------------------------------


def suggested(talk: Talk, *, agent: str) -> replies.Suggested:
    """Return own saved answers that fit. Tickets hold no address, so there is no mail link."""
    customer = talk.conversation.customer
    values = {"customer": customer.name if customer else "", "company": _company(), "agent": agent}
    nobody = replies.Recipient(why_not=_("a ticket holds no address; answer in your help desk."))
    return replies.suggest(said_in(talk), values=values, recipient=lambda: nobody)


def said_in(talk: Talk) -> Said:
    """Return what wants a reply: the themes of all they wrote, the words of their last message.

    A rating stands for the score; what is predicted never does.
    """
    read = list(talk.readings.values())
    spoken: dict[str, list[str]] = {}
    for reading in read:
        for mention in reading.mentions:
            spoken.setdefault(mention.theme, []).append(mention.sentiment)
    is_satisfied = talk.conversation.is_satisfied
    tone = "" if is_satisfied is None else "positive" if is_satisfied else "negative"
    return Said(
        language=next((r.language for r in reversed(read) if r.language), ""),
        sentiment=next((r.sentiment for r in reversed(read) if r.sentiment != UNSCORED), ""),
        tone=tone,
        themes={theme: combined(tones) for theme, tones in spoken.items()},
    )


def _company() -> str:
    """Return the name of the only brand; with several nobody knows which one was meant."""
    names = list(Brand.objects.values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""
