"""Every brand colour gives readable pages: WCAG contrast on the worst ground."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.brand import ERRORS, Tokens, contrast, palette, stylesheet, stylesheet_name

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
GROUNDS = ("page", "surface", "tint", "key")
NEEDS = [
    ("ink", GROUNDS, 7.0),
    ("muted", GROUNDS, 4.5),
    ("link", GROUNDS, 4.5),
    ("rim", GROUNDS, 3.0),
    ("edge", ("page", "surface", "key"), 3.0),
    ("on", ("fill",), 4.5),
]


def shortfalls(tokens: Tokens) -> list[str]:
    return [
        f"{name} on {ground}: {contrast(getattr(tokens, name), getattr(tokens, ground)):.2f}"
        for name, grounds, need in NEEDS
        for ground in grounds
        if contrast(getattr(tokens, name), getattr(tokens, ground)) < need
    ]


@given(COLORS)
@settings(max_examples=400, deadline=None)
def test_any_brand_colour_is_readable_in_light_and_dark(color):
    both = palette(color)
    assert shortfalls(both.light) == []
    assert shortfalls(both.dark) == []


@pytest.mark.parametrize("red", range(0, 256, 51))
def test_the_corners_and_edges_of_the_colour_cube_are_readable(red):
    for green in range(0, 256, 51):
        for blue in range(0, 256, 51):
            both = palette(f"#{red:02x}{green:02x}{blue:02x}")
            assert shortfalls(both.light) + shortfalls(both.dark) == []


@given(COLORS)
@settings(max_examples=50, deadline=None)
def test_error_text_is_readable_on_its_own_ground_and_on_the_sheet(color):
    both = palette(color)
    for mode, tokens in (("light", both.light), ("dark", both.dark)):
        text, ground = ERRORS[mode]
        assert contrast(text, ground) >= 4.5
        assert contrast(text, tokens.surface) >= 4.5


def test_the_brand_colour_itself_fills_the_button_in_light():
    assert palette("#125E6B").light.fill == "#125e6b"


def test_contrast_of_black_and_white_is_twenty_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_what_is_no_colour_is_refused():
    with pytest.raises(ValueError, match="not a colour"):
        palette("petrol")


def test_the_stylesheet_names_every_token_for_both_modes():
    css = stylesheet("#125e6b")
    assert css.count("--ink:") == css.count("--errbg:") == 2
    assert "prefers-color-scheme:dark" in css


def test_a_stylesheet_name_carries_the_colour_and_changes_with_it():
    assert stylesheet_name("#125E6B").startswith("125e6b-")
    assert stylesheet_name("#125e6b") == stylesheet_name("#125E6B")
    assert stylesheet_name("#125e6c") != stylesheet_name("#125e6b")
