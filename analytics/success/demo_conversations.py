"""What the demo company's customers write to support, and how some of them rate it. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

_OPENING = {
    "good": (
        "Hello, a quick question: where do I find the VAT report for last month?",
        "Hi, could you tell me how to invite our new bookkeeper? We like it so far.",
        "Good morning, how do I connect a second bank? The first one works great.",
        "Is there a way to export all invoices as one file? Thanks in advance.",
        "We would love to add two people to our plan. What do we need to do?",
    ),
    "bad": (
        "The bank import is broken again and I am losing hours with it.",
        "Your last update ruined our invoice numbers. This is really annoying.",
        "I have been charged twice. This is a terrible surprise.",
        "Nothing loads since this morning and we cannot pay our people. Awful timing.",
        "The statements do not match and your help page is useless.",
        "I was promised a call back yesterday and nobody called. Very disappointing.",
    ),
}
_FOLLOWING = {
    "good": (
        "Great, that did it. Thank you, really helpful!",
        "Perfect, it works now. Thanks a lot for the quick answer.",
        "Wonderful, thank you. You explained it very well.",
        "That solved it, brilliant support.",
    ),
    "middle": (
        "I tried that. It looks a bit different on my screen.",
        "We are on the Growth plan, if that matters.",
        "I have attached the file you asked for.",
        "Okay, I will wait for your colleague then.",
    ),
    "bad": (
        "That does not help at all. It is still not working and I am angry.",
        "This is unacceptable. I want to speak to a manager.",
        "I want a refund for this month. It was a waste of time.",
        "If this is not fixed today we will cancel our subscription.",
        "Third time I explain the same problem. Horrible experience.",
        "You clearly did not read what I wrote. I am fed up.",
    ),
}
_ANSWERS = (
    "Thank you for writing. I am looking into it and will be back with you shortly.",
    "Could you send me a screenshot of the page, please?",
    "I have found the cause and put it right. Please try once more.",
    "I am sorry about this. A colleague who knows the import is taking over.",
)
_RATED = 0.82


def tell_conversation(
    dice: random.Random, ticket: dict[str, Any], *, mood: float, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the messages of a ticket and write its rating on it; sad accounts write sadder.

    Whether somebody rates good follows what was written and how long they waited, with luck.
    """
    opened, replied, solved = (_at(ticket[f"{n}_at"]) for n in ("opened", "first_reply", "solved"))
    key, tone = ticket["external_id"], 0.25 + 0.75 * mood**0.7 + dice.gauss(0, 0.22)
    at, number = opened or now, 0
    last_tone = tone
    for turn in range(1 + dice.choices((0, 1, 2, 3), (1, 5, 4, 2))[0]):
        if at > now:
            return
        last_tone = tone + dice.gauss(0, 0.12)
        yield _message(key, number, at, "customer", _words(dice, last_tone, turn), ticket)
        answer = replied if turn == 0 else at + timedelta(hours=dice.expovariate(0.25))
        if answer is None or answer > now or (turn and dice.random() < 0.1):
            break
        number += 2
        yield _message(key, number - 1, answer, "agent", dice.choice(_ANSWERS), ticket)
        at = answer + timedelta(hours=0.2 + dice.expovariate(0.3))
    if solved is None:
        return
    end = max(solved, at + timedelta(minutes=5))
    if end > now:
        return
    waited = (replied - opened).total_seconds() / 3600 if replied and opened else 0.0
    liking = 5.2 * (last_tone - 0.42) - 0.06 * waited + 0.4
    if dice.random() < _RATED and end + timedelta(hours=3) < now:
        is_good = liking + dice.gauss(0, 1.5) > 0
        ticket |= {
            "rating": "good" if is_good else "bad",
            "rated_at": (end + timedelta(hours=2)).isoformat(timespec="seconds"),
        }


_RUNNING = (
    (
        "The import is broken again, I am angry and losing hours. This is awful and useless.",
        "That does not help at all. It is still not working and I am angry.",
    ),
    (
        "I have been charged twice and I want a refund. A terrible, disgraceful mistake.",
        "Third time I explain the same problem. Horrible experience. I want a refund.",
    ),
    (
        "Good morning, how do I connect a second bank? The first one works great.",
        "Great, that did it. Thank you, really helpful!",
    ),
)


def tell_running(
    customers: Sequence[str], *, now: datetime
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (kind, row) of tickets that run right now, two of them badly."""
    for name, texts in zip(customers, _RUNNING, strict=False):
        opened = now - timedelta(hours=5)
        ticket = {
            "external_id": f"demo-{name}-now",
            "customer": name,
            "channel": "email",
            "opened_at": opened.isoformat(timespec="seconds"),
            "first_reply_at": (opened + timedelta(hours=2)).isoformat(timespec="seconds"),
        }
        yield "tickets", ticket
        for number, text in enumerate((texts[0], _ANSWERS[0], texts[1])):
            at, who = opened + timedelta(hours=2 * number), "agent" if number == 1 else "customer"
            yield "messages", _message(ticket["external_id"], number, at, who, text, ticket)


def _words(dice: random.Random, tone: float, turn: int) -> str:
    mood = "good" if tone > 0.58 else "middle" if tone > 0.42 else "bad"
    if turn == 0:
        return dice.choice(_OPENING["bad" if mood == "bad" else "good"])
    return dice.choice(_FOLLOWING[mood])


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _message(
    key: str, number: int, at: datetime, who: str, text: str, ticket: dict[str, Any]
) -> dict[str, Any]:
    return {
        "external_id": f"{key}-m{number}",
        "customer": ticket["customer"],
        "ticket": key,
        "at": at.isoformat(timespec="seconds"),
        "who": who,
        "text": text,
    }
