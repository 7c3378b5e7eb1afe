"""Figures go into their own section of the document and touch nothing else."""

from __future__ import annotations

import pytest

from tests.bench.speak import with_figures

BEFORE = "# Speed\n\n## Words\n\nBy hand.\n"


def test_a_first_run_adds_a_section_and_the_next_replaces_its_figures_alone() -> None:
    once = with_figures(with_figures(BEFORE, "one", ["P1 a 1"]), "two", ["P2 b 2"])
    again = with_figures(once, "one", ["P1 a 3", "machine x"])
    assert again == once.replace("P1 a 1", "P1 a 3\nmachine x")
    assert again.startswith(BEFORE) and "P2 b 2" in again


def test_a_lost_mark_is_named_instead_of_swallowing_the_rest() -> None:
    torn = with_figures(BEFORE, "one", []).replace("<!-- end of bench-one -->", "")
    with pytest.raises(ValueError, match="end of bench-one"):
        with_figures(torn, "one", [])
