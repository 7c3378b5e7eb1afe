"""The demo's story: the same every time, a real rise, a real fall, and nobody from the future."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.demo.people import contacts, customers
from analytics.demo.sentences import OTHER_LANGUAGES
from analytics.demo.story import CHAPTERS, Asked, Narrator
from analytics.demo.voices import VOICES
from analytics.statistics.nps import nps_change
from analytics.statistics.shares import share_change
from surveys.scales import scale_of

NOW = datetime(2026, 6, 17, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(scope="module")
def told() -> dict[str, list[Asked]]:
    return tell()


def tell() -> dict[str, list[Asked]]:
    dice = random.Random(7)
    people = contacts(dice, customers(dice), 640)
    narrator = Narrator(7)
    return {c.kind: list(narrator.asked(c, people, NOW)) for c in CHAPTERS}


def answers(asked: list[Asked]) -> list[Asked]:
    return [one for one in asked if one.outcome == "answered"]


def before_and_after(asked: list[Asked], weeks: int) -> tuple[list[int], list[int]]:
    turn = NOW - timedelta(weeks=weeks)
    scores = [(one.at, one.answer.score) for one in answers(asked)]
    return [s for at, s in scores if at < turn], [s for at, s in scores if at >= turn]


def test_the_story_is_the_same_every_time(told):
    assert told == tell()


def test_the_nps_has_really_risen(told):
    def counts(scores):
        happy, unhappy = sum(s >= 9 for s in scores), sum(s < 7 for s in scores)
        return happy, len(scores) - happy - unhappy, unhappy

    before, after = before_and_after(told["nps"], 10)
    assert nps_change(counts(before), counts(after)).direction == 1


def test_the_csat_has_really_fallen(told):
    before, after = (
        (sum(s >= 4 for s in scores), len(scores)) for scores in before_and_after(told["csat"], 9)
    )
    assert share_change(before, after).direction == -1


def test_nobody_answers_before_being_asked_or_after_now(told):
    for asked in told.values():
        assert all(one.at < one.answer.at <= NOW for one in answers(asked))


@pytest.mark.parametrize("kind", ["nps", "csat", "ces"])
def test_scores_are_on_their_scale(told, kind):
    given = {one.answer.score for one in told[kind] if one.answer}
    assert given <= set(scale_of(kind).scores)


def test_every_way_a_mail_can_go_is_in_it(told):
    outcomes = Counter(one.outcome for asked in told.values() for one in asked)
    assert {"answered", "opened", "silent", "bounced", "doubtful", "machine"} <= set(outcomes)


def test_hundreds_of_comments_are_different_and_few_are_heard_often(told):
    comments = [
        one.answer.comment
        for asked in told.values()
        for one in answers(asked)
        if one.answer.comment
    ]
    assert len(set(comments)) > 800
    assert Counter(comments).most_common(1)[0][1] < len(comments) / 60


def test_a_whole_comment_is_never_said_twice(told):
    voices = {said for moods in VOICES.values() for voices in moods.values() for said in voices}
    heard = Counter(one.answer.comment for asked in told.values() for one in answers(asked))
    assert max(heard[said] for said in voices) == 1


def test_several_languages_are_heard(told):
    spoken = " ".join(one.answer.comment for asked in told.values() for one in answers(asked))
    for language, moods in OTHER_LANGUAGES.items():
        said = [sentence for sentences in moods.values() for sentence in sentences]
        assert any(sentence in spoken for sentence in said), language
