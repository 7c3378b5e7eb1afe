"""Every kind of survey: its range, its bands, its score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.scales import SCALES, kind_choices, scale_of
from surveys.staff.kinds import all_notes, note_of, span

# (kind, range, bands best first, scores in the top share, method), as Delighted documents them.
KNOWN = [
    ("nps", (0, 10), ["promoter", "passive", "detractor"], (9, 10), "nps"),
    ("enps", (0, 10), ["promoter", "passive", "detractor"], (9, 10), "nps"),
    ("csat", (1, 5), ["satisfied", "neutral", "dissatisfied"], (4, 5), "share"),
    ("csat3", (1, 3), ["satisfied", "neutral", "dissatisfied"], (3,), "share"),
    ("ces", (1, 7), ["agree", "neutral", "disagree"], (5, 6, 7), "share"),
    ("ces5", (1, 5), ["agree", "neutral", "disagree"], (4, 5), "share"),
    ("stars_five", (1, 5), ["star_5", "star_4", "star_3", "star_2", "star_1"], (4, 5), "mean"),
    ("smileys", (1, 5), ["very_happy", "happy", "neutral", "unhappy", "very_unhappy"], (4, 5),
     "share"),
    ("thumbs", (0, 1), ["thumbs_up", "thumbs_down"], (1,), "share"),
    ("pmf", (1, 3), ["very_disappointed", "mildly_disappointed", "not_disappointed"], (3,),
     "share"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ends", "bands", "top", "method"), KNOWN)
def test_a_kind_is_scored_as_documented(kind, ends, bands, top, method):
    scale = scale_of(kind)
    assert (scale.low, scale.high) == ends
    assert [band.slug for band in scale.bands] == bands
    assert (scale.top, scale.method) == (top, method)


def test_every_kind_is_known_here():
    assert {kind for kind, *_ in KNOWN} == set(SCALES) == {kind for kind, _ in kind_choices()}


@settings(deadline=None)
@given(st.sampled_from(sorted(SCALES)), st.integers(-3, 14))
def test_every_score_on_a_scale_falls_into_exactly_one_band(kind, score):
    scale = scale_of(kind)
    homes = [band for band in scale.bands if score in band.scores]
    assert len(homes) == scale.holds(score)
    if scale.holds(score):
        assert scale.band_of(score) == homes[0]
    else:
        with pytest.raises(ValueError, match=rf"{score} is not on the {kind} scale"):
            scale.band_of(score)


@settings(deadline=None)
@given(st.sampled_from(sorted(SCALES)))
def test_the_best_band_holds_the_best_score_and_labels_fit_the_scale(kind):
    scale = scale_of(kind)
    assert scale.high in scale.bands[0].scores
    assert scale.low in scale.bands[-1].scores
    assert len(scale.labels) in (0, len(scale.scores))
    assert scale.label_of(scale.high)


def test_an_unknown_kind_is_said():
    with pytest.raises(KeyError):
        scale_of("vibes")


def test_the_editor_explains_every_kind():
    for note in all_notes():
        assert note.purpose and note.counting and note.bands
    assert note_of(scale_of("nps")).counting == (
        "Share of promoters (9–10) minus share of detractors (0–6): −100 to +100."
    )
    assert span((3,)) == "3" and span((0, 1, 2)) == "0–2"
