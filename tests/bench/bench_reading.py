"""P3 and P4: our reading of comments against plain vaderSentiment in a loop.

P3 is the whole reading alone, on one core; P4 (`reading_pipeline`) the same end to end, through
outbox and Celery workers on PostgreSQL.

`make bench-reading`; `SCALE=small` for a check in a minute. The comments are put together from the
sentences below; `python -m tests.bench.bench_reading FILE.csv ...` takes real ones
(column text), for P3 alone.
Both sides read the same comments in turns of 480, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import csv
import gc
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from feedback.text.presets import INDUSTRY_PRESETS, SEEDED_THEMES
from feedback.text.reading import CommentReader
from feedback.text.vader import FastVader
from tests.bench import speak

ROUNDS = 5 if speak.is_small() else 9
COUNT = 240 if speak.is_small() else 1440
TURN = 480  # what a worker claims at once
LENGTHS = {15: (13, 17), 60: (54, 66)}
GOALS = {15: 1.0, 60: 2.0}
SUBJECTS = (
    "the new version of the app", "your support team", "the delivery", "the checkout page",
    "the monthly invoice", "the branch manager", "the hotel room", "my last order", "the dashboard",
    "the waiter", "the search function", "the course material", "the mobile app", "the phone line",
    "the replacement part", "the onboarding call", "the documentation", "the whole process",
)  # fmt: skip
VERDICTS = (
    "is easy to use and saves me a lot of time", "keeps crashing when I open a second window",
    "was friendly, patient and solved my problem in minutes", "took three weeks to arrive",
    "is far too expensive for what you get", "does exactly what it says",
    "never answered my emails", "was clean, quiet and close to the station",
    "could be better explained", "charged me twice and nobody called back",
    "works fine on my laptop but not on my phone", "looks great and feels solid",
    "was a bit slow this month", "is not what I expected after reading the description",
    "exceeded my expectations", "leaves a lot to be desired", "went really well",
    "needs an option to export the results as a table", "has improved since last year",
)  # fmt: skip
REMARKS = (
    "I would recommend it to my colleagues.", "Please fix this soon!", "Thank you so much.",
    "We have been customers since 2015.", "I had to wait on hold for 40 minutes.",
    "Overall I am happy with the service.", "Will not buy again.", "Why is there no refund?",
    "The price went up again in March.", "Keep up the good work :)", "It is okay, I guess.",
    "Nobody told us about the change.", "My kids love it, we use it every day.",
    "I wish there was a dark mode.", "The login page asks for my password every time.",
    "It was the best experience I have had in years.", "I am still waiting for an answer.",
)  # fmt: skip


def written_comments(words: tuple[int, int], count: int) -> list[str]:
    """Return distinct comments of so many words, always the same."""
    rng = random.Random(words[0])
    made: dict[str, None] = {}
    while len(made) < count:
        sentences: list[str] = []
        while len(" ".join(sentences).split()) < words[0]:
            said = f"{rng.choice(SUBJECTS).capitalize()} {rng.choice(VERDICTS)}."
            sentences.append(said if rng.random() < 0.6 else rng.choice(REMARKS))
        comment = " ".join(sentences)
        if len(comment.split()) <= words[1]:
            made[comment] = None
    return list(made)


def real_comments(paths: Sequence[Path], words: tuple[int, int], count: int) -> list[str]:
    """Return distinct comments of so many words from CSV files."""
    found: dict[str, None] = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            texts = (row["text"] for row in csv.DictReader(file))
            found |= dict.fromkeys(t for t in texts if words[0] <= len(t.split()) <= words[1])
    comments = list(found)
    random.Random(1).shuffle(comments)
    return comments[:count]


def seconds(work: Callable[[Sequence[str]], object], turns: Sequence[Sequence[str]]) -> list[float]:
    """Return the CPU seconds of each turn."""
    taken = []
    for turn in turns:
        begun = time.process_time()
        work(turn)
        taken.append(time.process_time() - begun)
    return taken


def main(arguments: Sequence[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    themes = [SEEDED_THEMES[slug].rule for slug in INDUSTRY_PRESETS["general"]]
    reader, plain, fast = CommentReader(themes=themes), SentimentIntensityAnalyzer(), FastVader()
    sides: dict[str, Callable[[Sequence[str]], object]] = {
        "vader": lambda texts: [plain.polarity_scores(text) for text in texts],
        "reading": lambda texts: reader.read_many([(text, None) for text in texts]),
        "fast_vader": lambda texts: [fast.polarity_scores(text) for text in texts],
    }
    for length, words in LENGTHS.items():
        paths = [Path(argument) for argument in arguments]
        comments = real_comments(paths, words, COUNT) if paths else written_comments(words, COUNT)
        turns = [comments[i : i + TURN] for i in range(0, len(comments), TURN)]
        for work in sides.values():
            seconds(work, turns)  # every word met once, as in a worker that has run for a while
        gc.collect()
        rounds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            taken = dict.fromkeys(sides, 0.0)
            for turn in turns:
                for name, work in sides.items():
                    taken[name] += seconds(work, [turn])[0]
            for name in sides:
                rounds[name].append(taken[name])
        _say(length, len(comments), rounds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    speak.figure("P3", "reading_memory_mb", memory / 1024, at_most=150)
    speak.machine(rounds=ROUNDS, packages=("vaderSentiment", "py3langid", "numpy"))


def _say(length: int, count: int, rounds: dict[str, list[float]]) -> None:
    for name, goal in (("reading", GOALS[length]), ("fast_vader", 0.0)):
        ratio = speak.median(
            [one / other for one, other in zip(rounds["vader"], rounds[name], strict=True)]
        )
        speak.figure("P3", f"{name}_ratio_{length}_words", ratio, at_least=goal)
    for name in ("vader", "reading"):
        micros = speak.median(rounds[name]) / count * 1e6
        speak.figure("P3", f"{name}_microseconds_{length}_words", micros)


if __name__ == "__main__":
    main(sys.argv[1:])
    if not sys.argv[1:]:
        from tests.bench import reading_pipeline

        reading_pipeline.main()
        speak.publish("reading")
