"""The story in the demo's numbers: who answered what, when, with which words.

Pure and deterministic. Over the last ten weeks a new bank feed lifts the NPS
for real; over the last eight, slow support replies pull the CSAT down; the
first weeks stay as they are.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from analytics.demo.people import DemoContact
from analytics.demo.sentences import BAD, GOOD, NEUTRAL, OTHER_LANGUAGES, SLOTS
from analytics.demo.voices import VOICES

WEEKS = 52
Sentences = dict[str, tuple[str, ...]]
# What somebody in the middle complains about: things, not the whole.
_MILD = {subject: said for subject, said in BAD.items() if subject != "general"}
# Scores by mood: (score, weight). The mood is drawn first, then the score.
_MOODS = {
    "nps": {
        "good": ((9, 4), (10, 6)),
        "middle": ((7, 3), (8, 4)),
        "bad": ((0, 1), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)),
    },
    "csat": {"good": ((4, 3), (5, 7)), "middle": ((3, 1),), "bad": ((1, 4), (2, 3))},
    "ces": {"good": ((5, 3), (6, 5), (7, 4)), "middle": ((4, 1),), "bad": ((1, 1), (2, 2), (3, 3))},
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One survey's year: how many are asked a week, how many answer, in which mood."""

    slug: str
    kind: str
    asked_per_week: int
    answer_rate: float

    def moods(self, weeks_ago: int, plan: str) -> tuple[float, float, float]:
        """Return the chances of good, middle and bad in that week for that plan."""
        good, middle = {"nps": (0.47, 0.30), "csat": (0.83, 0.07), "ces": (0.74, 0.11)}[self.kind]
        if self.kind == "nps" and weeks_ago < 10:
            good += 0.09
        if self.kind == "csat" and weeks_ago < 9:
            good -= 0.19
        good += {"Starter": -0.08, "Growth": 0.0, "Scale": 0.07}[plan]
        return good, middle, 1 - good - middle


CHAPTERS = (
    Chapter("customer-relationship", "nps", 84, 0.34),
    Chapter("after-a-support-case", "csat", 88, 0.31),
    Chapter("first-weeks", "ces", 16, 0.38),
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What one person answered and when."""

    at: datetime
    score: int
    comment: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One invitation; `outcome`: answered, opened, silent, bounced, doubtful or machine."""

    contact: DemoContact
    at: datetime
    outcome: str
    answer: Answered | None


class Narrator:
    """Draws words and scores; remembers what it said lately, so that nobody repeats it."""

    def __init__(self, seed: int = 7) -> None:
        self.dice = random.Random(seed)
        self._lately: deque[str] = deque(maxlen=90)
        self._voices = {
            (kind, mood): self.dice.sample(said, len(said))
            for kind, moods in VOICES.items()
            for mood, said in moods.items()
        }

    def asked(self, chapter: Chapter, people: list[DemoContact], now: datetime) -> Iterator[Asked]:
        """Yield a year of invitations of one survey until `now` (local time), oldest first."""
        until = now.date()
        start = until - timedelta(weeks=WEEKS)
        resting: dict[str, date] = {}
        for day_number in range(WEEKS * 7):
            day = start + timedelta(days=day_number)
            if day.weekday() >= 5:
                continue
            weeks_ago = (until - day).days // 7
            wanted = chapter.asked_per_week / 5 + self.dice.uniform(-2, 2)
            free = [p for p in people if resting.get(p.email, start) <= day]
            for person in self.dice.sample(free, min(len(free), max(1, round(wanted)))):
                resting[person.email] = day + timedelta(days=45)
                yield self._ask(chapter, person, day, weeks_ago, now)

    def _ask(
        self,
        chapter: Chapter,
        person: DemoContact,
        day: date,
        weeks_ago: int,
        now: datetime,
    ) -> Asked:
        at = datetime.combine(day, time(9, self.dice.randrange(60), self.dice.randrange(60)))
        at = at.replace(tzinfo=now.tzinfo)
        luck = self.dice.random()
        if luck < 0.012:
            return Asked(person, at, "bounced", None)
        if luck < 0.013:
            return Asked(person, at, "doubtful", None)
        if luck < 0.030:
            score = self.dice.choice(
                [score for score, _ in _MOODS[chapter.kind]["bad"]] + [10, 5, 1]
            )
            top = {"nps": 10, "csat": 5, "ces": 7}[chapter.kind]
            moment = at + timedelta(seconds=self.dice.uniform(0.6, 4))
            return Asked(person, at, "machine", Answered(moment, min(score, top), "", "en"))
        if luck < 0.030 + chapter.answer_rate:
            delay = timedelta(hours=self.dice.expovariate(1 / 20) + 0.05)
            moment = at + delay
            if moment <= now:
                return Asked(
                    person, at, "answered", self._answer(chapter, person, moment, weeks_ago)
                )
        return Asked(person, at, "opened" if luck < 0.72 else "silent", None)

    def _answer(
        self, chapter: Chapter, person: DemoContact, at: datetime, weeks_ago: int
    ) -> Answered:
        chances = chapter.moods(weeks_ago, person.customer.plan)
        mood = self.dice.choices(("good", "middle", "bad"), chances)[0]
        table = _MOODS[chapter.kind][mood]
        score = self.dice.choices([s for s, _ in table], [w for _, w in table])[0]
        talks = {"good": 0.5, "middle": 0.45, "bad": 0.72}[mood]
        comment = ""
        if self.dice.random() < talks:
            comment = self._comment(chapter, person, mood, weeks_ago)
        return Answered(at, score, comment, person.language)

    def _comment(self, chapter: Chapter, person: DemoContact, mood: str, weeks_ago: int) -> str:
        if person.language != "en" and self.dice.random() < 0.16:
            said = OTHER_LANGUAGES[person.language]["bad" if mood == "bad" else "good"]
            return self.dice.choice(said)
        if self.dice.random() < 0.004:
            return self.dice.choice(OTHER_LANGUAGES["ar"]["bad" if mood == "bad" else "good"])
        voices = self._voices[chapter.kind, mood]
        often = 0.9 if weeks_ago < 2 else 0.2 if weeks_ago < 6 else 0.01
        if voices and self.dice.random() < often:
            return voices.pop()
        count = self.dice.choices((1, 2, 3), (6, 3, 1))[0]
        sides = [self._side(mood) for _ in range(count)]
        if None in sides:
            return self._typed(self._filled(self.dice.choice(NEUTRAL)))
        parts = [self._sentence(chapter, side, weeks_ago) for side in sides if side]
        if mood != "middle" and self.dice.random() < 0.12:
            # The other side of the coin comes last and is about one thing, never the whole.
            parts.append(f"Still, {_small(self._aside(mood))}")
        return self._typed(" ".join(dict.fromkeys(parts)))

    def _side(self, mood: str) -> Sentences | None:
        sides: dict[str, list[Sentences | None]] = {
            "good": [GOOD],
            "middle": [GOOD, _MILD, _MILD, None],
            "bad": [BAD],
        }
        return self.dice.choice(sides[mood])

    def _sentence(self, chapter: Chapter, side: Sentences, weeks_ago: int) -> str:
        for _ in range(12):
            subject = self.dice.choices(list(side), self._weights(chapter, side, weeks_ago))[0]
            template = self.dice.choice(side[subject])
            if template not in self._lately:
                break
        self._lately.append(template)
        return self._filled(template)

    def _aside(self, mood: str) -> str:
        side = BAD if mood == "good" else GOOD
        subject = self.dice.choice([name for name in side if name not in ("general", "support")])
        return self._filled(self.dice.choice(side[subject]))

    def _filled(self, template: str) -> str:
        words = template.format(**{slot: self.dice.choice(said) for slot, said in SLOTS.items()})
        return words[0].upper() + words[1:]

    @staticmethod
    def _weights(chapter: Chapter, side: Sentences, weeks_ago: int) -> list[float]:
        weight = dict.fromkeys(side, 1.0)
        if "general" in weight:
            weight["general"] = 1.6
        if chapter.kind == "nps" and side is GOOD and weeks_ago < 10:
            weight["bank feeds"] = 5.0
        if chapter.kind == "csat":
            weight["support"] = 20.0 if side is GOOD or weeks_ago < 9 else 12.0
        if chapter.kind == "ces":
            weight["onboarding"] = 5.0
            weight["ease of use"] = 3.0
        return list(weight.values())

    def _typed(self, text: str) -> str:
        """Return the text as people type it: now and then in a hurry."""
        luck = self.dice.random()
        if luck < 0.10:
            return text[0].lower() + text[1:].rstrip(".")
        if luck < 0.13:
            return text.rstrip(".") + "!"
        at = self.dice.randrange(10, len(text) - 10) if len(text) > 30 else 0
        if luck < 0.15 and text[at : at + 2].isalpha():
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text


def _small(sentence: str) -> str:
    """Return a sentence as it goes on after a comma: names and "I" keep their capital."""
    keeps = (*SLOTS["agent"], *SLOTS["bank"], "I ", "VAT", "Excel", "Bank")
    return sentence if sentence.startswith(keeps) else sentence[0].lower() + sentence[1:]
