"""Words marked in an excerpt; the pieces always add up to a part of the comment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.marking import Piece, marked, marked_forms, pieces, spans_of, spans_of_forms


def marks(found: list[Piece]) -> list[str]:
    return [piece.text for piece in found if piece.is_marked]


def test_words_are_found_whole_whatever_their_case():
    assert marks(marked("Slow, SLOW and slowly", ["slow"])) == ["Slow", "SLOW"]


def test_a_phrase_may_be_spaced_otherwise():
    assert marks(marked("a rip \n off!", ["rip off"])) == ["rip \n off"]


def test_signs_of_regular_expressions_are_plain_text():
    assert spans_of("a.b axb", ["a.b"]) == [(0, 3)]


def test_every_form_of_a_phrase_is_marked():
    text = "Delays again. Two delayed flights, one delay."
    assert marks(marked_forms(text, ["delay"])) == ["Delays", "delayed", "delay"]
    assert marks(marked_forms("the exchange rates", ["exchange rate"])) == ["exchange rates"]
    assert spans_of_forms("words", ["", "!!"]) == []


def test_a_long_comment_is_cut_between_words_around_the_first_mark():
    text = "before " * 80 + "the needle " + "after " * 80
    found = marked(text, ["needle"], most=120)
    assert marks(found) == ["needle"]
    assert found[0].text == "… " and found[-1].text == " …"
    assert len("".join(piece.text for piece in found)) < 140


def test_spans_that_overlap_are_one_mark_and_impossible_ones_none():
    assert marks(pieces("abcdef", [(0, 3), (2, 4), (5, 99), (4, 4)])) == ["abcd"]


@pytest.mark.parametrize("text", ["", " ", "x"])
def test_a_short_comment_stays_whole(text):
    assert "".join(piece.text for piece in pieces(text, [])) == text


@given(
    st.text(max_size=400),
    st.lists(st.tuples(st.integers(-5, 420), st.integers(-5, 420)), max_size=8),
    st.integers(10, 300),
)
def test_pieces_add_up_to_a_part_of_the_comment(text, spans, most):
    found = pieces(text, spans, most=most)
    whole = "".join(piece.text for piece in found)
    if len(text) <= most:
        assert whole == text
    else:
        assert whole.removeprefix("… ").removesuffix(" …") in text


@given(st.text(max_size=200), st.lists(st.text(max_size=10), max_size=4))
def test_any_words_are_marked_without_an_error(text, words):
    assert "".join(p.text for p in marked(text, words)) is not None
    marked_forms(text, words)
