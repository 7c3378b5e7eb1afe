"""Which saved answers fit: a table of cases, and what holds whatever was said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.fitting import MOST, Candidate, Said, fitting, speaks, why_none

DAY = datetime(2026, 11, 1, tzinfo=UTC)
UNHAPPY = Said("en", "negative", "negative", {"support": "negative", "price": "mixed"})


def saved(pk: int = 1, *themes: str, **about: Any) -> Candidate:
    given_ = {"language": "en", "sentiment": "", "tone": "", "changed_at": DAY, **about}
    return Candidate(pk, themes=frozenset(themes), **given_)


@pytest.mark.parametrize(
    ("said", "one", "reasons"),
    [
        (UNHAPPY, saved(1, "support"), [("theme", "support", "negative")]),
        (UNHAPPY, saved(1, "support", sentiment="negative"), [("theme", "support", "negative")]),
        (UNHAPPY, saved(1, "price", sentiment="negative"), None),  # not spoken of so
        (UNHAPPY, saved(1, "delivery"), None),
        (UNHAPPY, saved(1, "delivery", "price"), [("theme", "price", "mixed")]),
        (UNHAPPY, saved(1, sentiment="negative"), [("words", "", "negative")]),
        (UNHAPPY, saved(1, sentiment="mixed"), None),
        (UNHAPPY, saved(1, tone="negative"), [("score", "", "negative")]),
        (UNHAPPY, saved(1, tone="neutral"), None),
        (UNHAPPY, saved(1, "support", tone="neutral"), None),  # all of it must be so
        (UNHAPPY, saved(1), None),  # for everything: nothing speaks for it
        (UNHAPPY, saved(1, "support", language="de"), None),
        (UNHAPPY, saved(1, "support", is_active=False), None),
        # Somebody unhappy is not thanked for praise, whatever they praise.
        (Said("en", "negative", "", {"app": "positive"}),
         saved(1, "app", sentiment="positive"), None),
        (Said("en", "mixed", "negative", {"app": "positive"}),
         saved(1, "app", sentiment="positive"), None),
        (Said("en", "negative", "positive"), saved(1, tone="positive"), None),
        (Said("en", "mixed", "positive", {"app": "positive"}),
         saved(1, "app", sentiment="positive"), [("theme", "app", "positive")]),
        # No score was asked for: an answer for a score says nothing.
        (Said("en", "negative"), saved(1, tone="negative"), None),
        (Said("pt-BR", "negative"), saved(1, sentiment="negative", language="pt"),
         [("words", "", "negative")]),
        (Said("", "negative"), saved(1, sentiment="negative"), None),
    ],
)  # fmt: skip
def test_all_that_an_answer_is_for_must_be_so(said: Said, one: Candidate, reasons: Any) -> None:
    found = fitting(said, [one])
    assert [fit.reasons for fit in found] == ([] if reasons is None else [tuple(reasons)])


def test_the_most_reasons_come_first_then_the_more_specific_then_the_newer() -> None:
    general = saved(1, tone="negative")
    worded = saved(2, sentiment="negative", tone="negative")
    broad = saved(3, "support", "delivery", "app")
    exact = saved(4, "support")
    newer = saved(5, "support", changed_at=DAY + timedelta(days=1))
    both = saved(6, "support", "price")
    found = fitting(UNHAPPY, [general, worded, broad, exact, newer, both], most=9)
    assert [fit.pk for fit in found] == [6, 5, 4, 3, 2, 1]
    assert [fit.points for fit in found] == [8, 4, 4, 4, 3, 1]


def test_why_nothing_fits_is_said() -> None:
    assert why_none(UNHAPPY, []) == "nothing_saved"
    assert why_none(UNHAPPY, [saved(is_active=False)]) == "nothing_saved"
    assert why_none(UNHAPPY, [saved(language="de")]) == "other_language"
    assert why_none(Said(""), [saved()]) == "language_unknown"
    assert why_none(UNHAPPY, [saved(1, "delivery")]) == "nothing_fits"


_tones = st.sampled_from(["", "positive", "neutral", "negative"])
_themes = st.sampled_from(["support", "price", "app", "delivery"])
_languages = st.sampled_from(["en", "de", "ar", "pt-BR", "pt", ""])
_candidates = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 50),
        _languages,
        st.frozensets(_themes, max_size=3),
        st.sampled_from(["", "positive", "neutral", "negative", "mixed"]),
        _tones,
        st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.pk,
)
_said = st.builds(Said, _languages, _tones, _tones, st.dictionaries(_themes, _tones, max_size=3))


@settings(max_examples=60)
@given(_said, _candidates, st.randoms(use_true_random=False))
def test_what_is_suggested_is_in_use_in_the_language_and_the_same_in_any_order(
    said: Said, candidates: list[Candidate], dice: Any
) -> None:
    found = fitting(said, candidates)
    shuffled = list(candidates)
    dice.shuffle(shuffled)
    assert fitting(said, shuffled) == found and len(found) <= MOST
    by_pk = {one.pk: one for one in candidates}
    for fit in found:
        one = by_pk[fit.pk]
        assert one.is_active and speaks(one.language, said.language)
        assert fit.reasons and fit.points > 0
        assert not ("positive" in (one.sentiment, one.tone) and said.tone == "negative")
    assert [fit.points for fit in found] == sorted((f.points for f in found), reverse=True)
    if not found:
        assert why_none(said, candidates)
