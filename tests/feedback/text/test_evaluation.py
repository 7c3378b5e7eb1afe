import pytest

from feedback.text.evaluation import (
    calibration_error,
    found_classes,
    gate_quality,
    quality,
    vader_label,
)


def test_quality_counts_what_the_words_say() -> None:
    measured = quality(["neg", "neg", "pos", "neu"], ["neg", "pos", "pos", "pos"])
    assert measured.accuracy == 0.5
    assert measured.wrong_polarity == 0.25
    assert measured.negatives_found == 0.5
    assert measured.macro_f1 == pytest.approx((2 / 3 + 0 + 0.5) / 3)
    assert measured.confusion["neg", "pos"] == 1


def test_labels_that_do_not_occur_do_not_lower_the_mean() -> None:
    assert quality(["neg", "pos"], ["neg", "pos"]).macro_f1 == 1.0
    assert quality(["pos"], ["pos"]).negatives_found is None


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="as many labels"):
        quality([], [])


@pytest.mark.parametrize(("compound", "label"), [(0.05, "pos"), (-0.05, "neg"), (0.049, "neu")])
def test_plain_vader_uses_its_authors_bounds(compound: float, label: str) -> None:
    assert vader_label(compound) == label


def test_the_gate_is_measured_both_ways() -> None:
    gate = gate_quality(["en", "en", "de", "fr"], ["en", "", "en", "fr"])
    assert (gate.english_kept, gate.others_called_english, gate.right_language) == (0.5, 0.5, 0.5)
    assert gate_quality(["de"], ["de"]).english_kept is None


def test_classes_are_compared_one_against_the_rest() -> None:
    (price,) = found_classes(
        [["price"], ["food", "price"], []], [["price"], [], ["price"]], ["price"]
    )
    assert (price.count, price.precision, price.recall, price.f1) == (2, 0.5, 0.5, 0.5)


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    assert calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert calibration_error([0.9] * 10, [True] * 5 + [False] * 5) == pytest.approx(0.4)
    assert calibration_error([], []) == 0
