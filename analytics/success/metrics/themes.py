"""What people write about: shares of comments by theme, and the scores with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from analytics.statistics.result import Result
from analytics.statistics.shares import share


@dataclass(frozen=True, slots=True)
class Comment:
    """One response: its text (None or blank is none), themes and score, if any."""

    text: str | None
    themes: Collection[str] = ()
    score: int | None = None


@dataclass(frozen=True, slots=True)
class ThemeShare:
    """How many comments touch a theme; `scores` is their histogram."""

    mentions: int
    share: Result
    scores: dict[int, int]


@dataclass(frozen=True, slots=True)
class ThemeTable:
    """`comment_rate` of responses, `coverage` of comments by any theme, and each theme.

    Several themes per comment are allowed, so the shares may add to over 1.
    """

    with_text: int
    comment_rate: Result
    coverage: Result
    themes: dict[str, ThemeShare]


def theme_table(comments: Iterable[Comment], *, level: float = 0.95) -> ThemeTable:
    """Count themes over the responses that hold text; most mentioned first."""
    listed = list(comments)
    written = [comment for comment in listed if comment.text and comment.text.strip()]
    mentions = Counter(theme for comment in written for theme in set(comment.themes))
    scores: dict[str, Counter[int]] = {theme: Counter() for theme in mentions}
    for comment in written:
        for theme in set(comment.themes) if comment.score is not None else ():
            scores[theme][comment.score] += 1  # type: ignore[index]
    touched = sum(bool(comment.themes) for comment in written)
    ordered = sorted(mentions.items(), key=lambda pair: (-pair[1], pair[0]))
    return ThemeTable(
        with_text=len(written),
        comment_rate=share(len(written), len(listed), level=level, convention="with text"),
        coverage=share(touched, len(written), level=level, convention="with any theme"),
        themes={
            theme: ThemeShare(
                count, share(count, len(written), level=level), dict(sorted(scores[theme].items()))
            )
            for theme, count in ordered
        },
    )
