from analytics.success.metrics.themes import Comment, theme_table

COMMENTS = [
    Comment("slow and dear", ["speed", "price"], 3),
    Comment("slow again", ["speed", "speed"], 6),
    Comment("nice", [], 10),
    Comment("cheap", ["price"], None),
    Comment("   ", ["speed"], 1),
    Comment(None, (), 9),
]


def test_shares_are_of_the_comments_with_text():
    found = theme_table(COMMENTS)
    assert (found.with_text, found.comment_rate.value) == (4, 4 / 6)
    assert found.coverage.value == 3 / 4
    assert list(found.themes) == ["price", "speed"]
    assert found.themes["speed"].share.value == 0.5


def test_each_theme_keeps_the_histogram_of_its_scores():
    found = theme_table(COMMENTS)
    assert found.themes["speed"].scores == {3: 1, 6: 1}
    assert found.themes["price"].scores == {3: 1}


def test_answers_without_text_have_no_coverage():
    found = theme_table(COMMENTS[4:])
    assert (found.comment_rate.value, found.coverage.reason) == (0, "no_responses")
    assert theme_table([]).comment_rate.reason == "no_responses"
