"""The explorer groups comments that share words, the same way every time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.text.explorer import explore

SUBJECTS = {
    "parking": ["The parking garage is narrow", "Parking garage full again", "No parking space"],
    "statement": ["My bank statement is wrong", "The statement shows a wrong balance",
                  "Bank statement without balance"],
    "pizza": ["The pizza crust is burnt", "Pizza with a soft crust", "Burnt pizza crust again"],
}  # fmt: skip
COMMENTS = [text for _ in range(12) for texts in SUBJECTS.values() for text in texts]


def test_comments_on_one_subject_are_one_group():
    found = explore(COMMENTS, groups=3)
    assert len(found) == 3
    for group in found:
        subjects = {
            subject
            for subject, texts in SUBJECTS.items()
            for index in group.comments
            if COMMENTS[index] in texts
        }
        assert len(subjects) == 1
        assert subjects & {base.rstrip("s") for base in group.words}


def test_the_same_comments_give_the_same_groups():
    assert explore(COMMENTS, groups=4) == explore(list(COMMENTS), groups=4)


def test_groups_are_largest_first_and_share_no_comment():
    found = explore([*COMMENTS, *SUBJECTS["pizza"] * 20], groups=3)
    sizes = [len(group.comments) for group in found]
    assert sizes == sorted(sizes, reverse=True)
    members = [index for group in found for index in group.comments]
    assert len(members) == len(set(members))


def test_too_few_comments_give_no_groups():
    assert explore(COMMENTS[:9], groups=3) == []
    assert explore([], groups=3) == []
    assert explore(["great"] * 100) == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(alphabet="abcdefgh éß🙂.", max_size=40), max_size=120))
def test_any_text_is_grouped_twice_alike(comments):
    assert explore(comments, groups=3) == explore(comments, groups=3)
