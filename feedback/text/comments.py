"""Many comments as columns: what is known of their words, one number a token.

Whatever is true of each word, clause or comment of a batch is then one step over a whole column
(numpy), and Python looks only at the few places where words change each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import attrgetter
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from feedback.text.tokens import MAX_TOKENS_KEPT, PARTS, Book, Token

Ints = NDArray[Any]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Entry = TypeVar("Entry")

MAX_CHARACTERS_KEPT = 2_000_000
# What every comment asks of a token, and as what kind of number.
_COLUMNS: dict[str, type[np.generic]] = {
    "flags": np.int32, "english": np.uint64, "weight": np.float64, "valence": np.float64,
    "emotions": np.intp, "length": np.int32, "lead": np.int32, "size": np.int32,
    "mark": np.uint64, "seconds": np.uint64, "before": np.uint64, "after": np.uint64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comments:
    """The tokens of several comments, none blank, one comment after the other.

    `begins` is the first character of each comment that is no space; `bounds` is where each comment
    begins among the tokens and, at last, where all end. `all_flags` are those of all tokens of a
    comment or-ed together. One entry a token have `comment_of` (the number of its comment),
    `offsets` (the character where it begins), and `flags` to `afters`, which is written on it.
    """

    texts: Sequence[str]
    begins: Ints
    tokens: Sequence[Token]
    bounds: Ints
    all_flags: Ints
    comment_of: Ints
    offsets: Ints
    flags: Ints
    english: Ints
    weights: Floats
    valences: Floats
    emotions: Ints
    lengths: Ints
    leads: Ints
    sizes: Ints
    marks: Ints
    seconds: Ints
    befores: Ints
    afters: Ints

    @property
    def firsts(self) -> Ints:
        """Where each comment begins."""
        return self.bounds[:-1]

    def beside(self, column: Ints, at: Ints, distance: int) -> Ints:
        """Return what stands `distance` tokens after (-: before) those `at`, 0 if that is none."""
        there, comment = at + distance, self.comment_of[at]
        is_none = (there < self.bounds[comment]) | (there >= self.bounds[comment + 1])
        found = column.take(there, mode="clip")
        found[is_none] = 0
        return found

    def split(self, column: Sequence[Entry]) -> list[Sequence[Entry]]:
        """Return the entries of each comment."""
        return [column[a:b] for a, b in pairwise(self.bounds.tolist())]


class Vocabulary:
    """Every token met so far, numbered, its columns at hand; forgets all when full.

    Several threads may share one.
    """

    def __init__(self, make: Callable[[str], Token]) -> None:
        self._make = make
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._book: Book[int] = Book(self._number)
        self._tokens: list[Token] = []
        self._characters = 0
        self._filled = 0  # tokens whose numbers are in the columns
        self._columns = {name: np.zeros(1024, kind) for name, kind in _COLUMNS.items()}

    def _number(self, raw: str) -> int:
        self._tokens.append(self._make(raw))
        self._characters += len(raw)
        return len(self._tokens) - 1

    def comments(self, texts: Sequence[str]) -> Comments:
        """Return the comments, cut into tokens at white space and inside "slow/buggy"."""
        with self._lock:
            if len(self._tokens) > MAX_TOKENS_KEPT or self._characters > MAX_CHARACTERS_KEPT:
                self._forget()
            raws = list(map(str.split, texts))
            numbers = np.array(list(map(self._book.__getitem__, chain.from_iterable(raws))))
            bounds = running(list(map(len, raws)))
            self._fill()
            offsets = _offsets(texts, raws, bounds, self._columns["length"][numbers])
            begins = offsets[bounds[:-1]]
            if (self._columns["flags"][numbers] & PARTS).any():
                numbers, offsets, bounds = self._parted(numbers, offsets, bounds)
            tokens = [self._tokens[number] for number in numbers.tolist()]
            columns = [self._columns[name][numbers] for name in _COLUMNS]
        comment_of = np.repeat(np.arange(len(texts)), np.diff(bounds))
        all_flags = np.bitwise_or.reduceat(columns[0], bounds[:-1])
        return Comments(texts, begins, tokens, bounds, all_flags, comment_of, offsets, *columns)

    def _fill(self) -> None:
        """Write the new tokens into the columns."""
        done, count = self._filled, len(self._tokens)
        if done == count:
            return
        new = self._tokens[done:]
        for name, column in self._columns.items():
            if count > len(column):
                column = np.concatenate([column, np.zeros(count, column.dtype)])
                self._columns[name] = column
            column[done:count] = list(map(attrgetter(name), new))
        self._filled = count

    def _parted(self, numbers: Ints, offsets: Ints, bounds: Ints) -> tuple[Ints, Ints, Ints]:
        """Put the words of a token that holds several in its place."""
        counts = np.ones(len(numbers), np.intp)
        at = np.flatnonzero(self._columns["flags"][numbers] & PARTS)
        parted = [self._tokens[number].parts for number in numbers[at].tolist()]
        counts[at] = list(map(len, parted))
        places = running(counts)
        numbers, offsets = np.repeat(numbers, counts), np.repeat(offsets, counts)
        for place, parts in zip(places[at].tolist(), parted, strict=True):
            token = self._tokens[numbers[place]]
            offset = int(offsets[place]) + token.length - sum(map(len, parts))
            for k, part in enumerate(parts, start=place):
                numbers[k], offsets[k] = self._book[part], offset
                offset += len(part)
        self._fill()
        return numbers, offsets, places[bounds]


def running(counts: Sequence[int] | Ints) -> Ints:
    """Return 0 and the sums of the first, the first two ... and all counts."""
    sums = np.zeros(len(counts) + 1, np.intp)
    np.cumsum(counts, out=sums[1:])
    return sums


def _offsets(
    texts: Sequence[str], raws: Sequence[Sequence[str]], bounds: Ints, lengths: Ints
) -> Ints:
    """Return where each token begins in its text."""
    ends = running(lengths + 1)
    counts = np.diff(bounds)
    offsets = ends[:-1] - np.repeat(ends[bounds[:-1]], counts)
    # With one space between any two words, and none around, that is it.
    widths = np.diff(ends[bounds]) - 1
    for k in np.flatnonzero(widths != list(map(len, texts))).tolist():
        offsets[bounds[k] : bounds[k + 1]] = _found(texts[k], raws[k])
    return offsets


def _found(text: str, raws: Sequence[str]) -> list[int]:
    starts = []
    end = 0
    for raw in raws:
        start = text.find(raw, end)
        starts.append(start)
        end = start + len(raw)
    return starts
