import random

import pytest

from analytics.success.metrics.latent import latent_semantics, latent_themes, tf_idf

TERMS = ["slow", "loading", "wait", "price", "invoice", "cost"]


def _table(count):
    """Comments alternate between two subjects of three terms each."""
    dice = random.Random(4)
    rows = []
    for index in range(count):
        row = [0] * 6
        for _ in range(4):
            row[3 * (index % 2) + dice.randrange(3)] += 1
        rows.append(row)
    return rows


def test_comments_on_one_subject_come_together():
    found = latent_semantics(_table(10), rank=2).cosines()
    assert found[0][2] > 0.8 and abs(found[0][1]) < 0.2
    assert found[3][3] == pytest.approx(1)


def test_the_whole_rank_keeps_the_length_of_each_comment():
    table = [[3, 4, 0], [0, 0, 0], [1, 1, 1]]
    places = latent_semantics(table, rank=9).places
    assert (places**2).sum(axis=1) == pytest.approx([25, 0, 3])
    assert latent_semantics(table, rank=9).cosines()[1] == [0, 0, 0]


def test_no_words_are_refused():
    with pytest.raises(ValueError, match="at least one comment"):
        latent_semantics([[]], rank=2)


def test_rare_terms_weigh_more_and_rows_have_length_one():
    table = tf_idf([[1, 1], [1, 0], [1, 0]])
    assert table[0][1] > table[0][0]
    assert (table**2).sum(axis=1) == pytest.approx([1, 1, 1])


def test_themes_are_found_from_fifty_comments_on_and_always_the_same():
    assert latent_themes(_table(49), TERMS, count=2) == []
    found = latent_themes(_table(60), TERMS, count=2, top_terms=3)
    assert {frozenset(theme.terms) for theme in found} == {
        frozenset(TERMS[:3]),
        frozenset(TERMS[3:]),
    }
    assert sorted(i for theme in found for i in theme.comments) == list(range(60))
    assert found == latent_themes(_table(60), TERMS, count=2, top_terms=3)
