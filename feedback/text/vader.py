"""VADER's scoring, bit for bit the package's, several times as fast.

The lexicon and the rules' constants come from the `vaderSentiment` package, whose analyser stays
the reference: `tests/feedback/text/test_vader.py` compares `repr` of every score. What makes it
faster: each word's properties are looked up once per process, work is done at lexicon words only,
and the rules for emoji, capitals, idioms and "but" run only where they can apply.

Source of the rules: Hutto & Gilbert, VADER, ICWSM-14, as in vaderSentiment 3.3.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from math import fabs, sqrt
from operator import or_

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    N_SCALAR,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from feedback.text.tokens import (
    BUT,
    HIT,
    LEAST,
    MODIFIES,
    NEGATES,
    NO,
    RARE_IDIOM,
    SO,
    UPPER,
    Book,
    Token,
    stripped,
)

NEGATIONS = frozenset(NEGATE)
_IDIOMS = {idiom for idiom in SPECIAL_CASES if " " in idiom}
_RARE_WORDS = frozenset("shit bomb ass bus yeah kiss die beating enough kind sort".split())
Scores = dict[str, float]


def note_rules(token: Token, lexicon: Mapping[str, float]) -> None:
    """Write on `token` what VADER's rules ask of a word."""
    lower = token.lower
    token.in_lexicon = lower in lexicon
    token.booster = BOOSTER_DICT.get(lower, 0.0)
    token.valence = lexicon.get(lower, 0.0)
    if token.in_lexicon and lower not in BOOSTER_DICT:
        token.flags |= HIT
    if lower in NEGATIONS or "n't" in lower:
        token.flags |= NEGATES
    if token.text.isupper():
        token.flags |= UPPER
    if lower in _RARE_WORDS:
        token.flags |= RARE_IDIOM
    note_modifier(token)
    token.flags |= {"but": BUT, "least": LEAST, "no": NO, "so": SO, "this": SO}.get(lower, 0)


def note_modifier(token: Token) -> None:
    """Write on `token` whether it changes the valence of words after it: not if it has one."""
    if not token.in_lexicon and (token.booster or token.flags & NEGATES):
        token.flags |= MODIFIES
    else:
        token.flags &= ~MODIFIES


def normalized(total: float) -> float:
    """Map a sum of valences to -1..1 (alpha 15 approximates the largest sum expected)."""
    score = total / sqrt((total * total) + 15)
    return -1.0 if score < -1.0 else min(score, 1.0)


def emphasis(text: str) -> float:
    """Return what exclamation and question marks add to the sum of valences."""
    marks = text.count("?")
    asked = 0.0 if marks <= 1 else marks * 0.18 if marks <= 3 else 0.96
    return min(text.count("!"), 4) * 0.292 + asked


def valences(tokens: Sequence[Token], flags: int) -> list[float]:
    """Return the valences of the lexicon words; `flags` are those of all tokens or-ed together.

    Every other word of the comment has valence 0, as has a lexicon word whose rules end in 0.
    """
    positions = [i for i, token in enumerate(tokens) if token.flags & HIT]
    is_cap_diff = bool(flags & UPPER) and any(not token.flags & UPPER for token in tokens)
    values = [valence_at(tokens, i, flags, is_cap_diff=is_cap_diff) for i in positions]
    if flags & BUT:
        but = next(i for i, token in enumerate(tokens) if token.flags & BUT)
        weigh_but(but, positions, values)
    return values


def valence_at(tokens: Sequence[Token], i: int, flags: int, *, is_cap_diff: bool) -> float:
    """Return the valence of lexicon word `i` by all rules but that of "but".

    They look at the three words before it and the two after, at no others. `flags` are those of
    all tokens or-ed together (or more): a rule that needs a word which is not there is not tried.
    """
    token = tokens[i]
    valence = _valence_near_no(tokens, i) if flags & NO else token.valence
    if is_cap_diff and token.flags & UPPER:
        valence += C_INCR if valence > 0 else -C_INCR
    if i > 0 and tokens[i - 1].flags & MODIFIES:
        valence = _modified(tokens, i, 1, valence, is_cap_diff=is_cap_diff)
    if i > 1 and tokens[i - 2].flags & MODIFIES:
        valence = _modified(tokens, i, 2, valence, is_cap_diff=is_cap_diff)
    if i > 2 and (tokens[i - 3].flags & MODIFIES or tokens[i - 1].flags & SO or flags & RARE_IDIOM):
        valence = _modified_from_afar(tokens, i, valence, is_cap_diff=is_cap_diff)
    if flags & LEAST and _is_least_before(tokens, i):
        valence *= N_SCALAR
    if flags & RARE_IDIOM and token.lower == "kind" and _lower(tokens, i + 1) == "of":
        return 0.0
    return valence


def _lower(tokens: Sequence[Token], i: int) -> str:
    return tokens[i].lower if 0 <= i < len(tokens) else ""


def _modified(
    tokens: Sequence[Token], i: int, distance: int, valence: float, *, is_cap_diff: bool
) -> float:
    """Apply what the word `distance` before does to the valence of word `i`."""
    before = tokens[i - distance]
    if before.booster:
        valence += _boost(before, valence, distance, is_cap_diff=is_cap_diff)
    if before.flags & NEGATES or distance == 3:
        valence = _negated(tokens, i, distance, valence)
    return valence


def _modified_from_afar(
    tokens: Sequence[Token], i: int, valence: float, *, is_cap_diff: bool
) -> float:
    """Apply what the word three before does, and the idioms, which the package looks for there."""
    if tokens[i - 3].in_lexicon:
        return valence
    valence = _modified(tokens, i, 3, valence, is_cap_diff=is_cap_diff)
    return _idiom(tokens, i, valence)


def _is_least_before(tokens: Sequence[Token], i: int) -> bool:
    """Say whether "least" stands before word `i`, other than in "at least" and "very least"."""
    if i == 0 or tokens[i - 1].lower != "least" or tokens[i - 1].in_lexicon:
        return False
    return i == 1 or tokens[i - 2].lower not in ("at", "very")


def _valence_near_no(tokens: Sequence[Token], i: int) -> float:
    """Let "no" negate the lexicon words after it instead of counting itself."""
    valence = tokens[i].valence
    if tokens[i].flags & NO and i + 1 < len(tokens) and tokens[i + 1].in_lexicon:
        valence = 0.0
    if (
        (i > 0 and tokens[i - 1].flags & NO)
        or (i > 1 and tokens[i - 2].flags & NO)
        or (i > 2 and tokens[i - 3].flags & NO and tokens[i - 1].lower in ("or", "nor"))
    ):
        valence = tokens[i].valence * N_SCALAR
    return valence


def _boost(before: Token, valence: float, distance: int, *, is_cap_diff: bool) -> float:
    scalar = before.booster * -1 if valence < 0 else before.booster
    if is_cap_diff and before.flags & UPPER:
        scalar += C_INCR if valence > 0 else -C_INCR
    if distance == 1 or scalar == 0:
        return scalar
    return scalar * (0.95 if distance == 2 else 0.9)


def _negated(tokens: Sequence[Token], i: int, distance: int, valence: float) -> float:
    """Apply a negation `distance` words before; "never so good" and "without doubt" are none."""
    negation = tokens[i - distance]
    if distance > 1:
        near = tokens[i - 1].lower
        far = tokens[i - 2].lower if distance == 3 else near
        # The package binds `and` before `or` here: at distance 3 a "so" alone is enough.
        if (negation.lower == "never" and far in ("so", "this")) or (
            distance == 3 and near in ("so", "this")
        ):
            return valence * 1.25
        if negation.lower == "without" and "doubt" in (near, far):
            return valence
    return valence * N_SCALAR if negation.flags & NEGATES else valence


def _idiom(tokens: Sequence[Token], i: int, valence: float) -> float:
    three, two, one, zero = (tokens[i - back].lower for back in (3, 2, 1, 0))
    behind = (f"{three} {two} {one}", f"{three} {two}", f"{two} {one}")
    for idiom in (f"{one} {zero}", f"{two} {one} {zero}", behind[2], behind[0], behind[1]):
        if idiom in _IDIOMS:
            valence = SPECIAL_CASES[idiom]
            break
    if i + 1 < len(tokens):
        ahead = f"{zero} {tokens[i + 1].lower}"
        valence = SPECIAL_CASES.get(ahead, valence)
        if i + 2 < len(tokens):
            valence = SPECIAL_CASES.get(f"{ahead} {tokens[i + 2].lower}", valence)
    for pair in behind:
        valence += BOOSTER_DICT.get(pair, 0.0)
    return valence


def weigh_but(but: int, positions: Sequence[int], values: list[float]) -> None:
    """Halve what stands before the first "but", raise what follows.

    The package looks each value up in the list it is changing, so a repeated value changes where it
    stands first; zeros never change. Kept, to score alike.
    """
    for k in range(len(values)):
        if values[k] == 0:
            continue
        first = values.index(values[k])
        if positions[first] < but:
            values[first] *= 0.5
        elif positions[first] > but:
            values[first] *= 1.5


def scores_of(values: Sequence[float], count: int, added: float) -> Scores:
    """Return VADER's four scores from the valences of a comment of `count` words."""
    if not count:
        return {"neg": 0.0, "neu": 0.0, "pos": 0.0, "compound": 0.0}
    total = float(sum(values))
    if total > 0:
        total += added
    elif total < 0:
        total -= added
    positive, negative, neutral = 0.0, 0.0, count
    for value in values:
        if value > 0:
            positive += value + 1  # words without sentiment count as 1
            neutral -= 1
        elif value < 0:
            negative += value - 1
            neutral -= 1
    if positive > fabs(negative):
        positive += added
    elif positive < fabs(negative):
        negative -= added
    whole = positive + fabs(negative) + neutral
    return {
        "neg": round(fabs(negative / whole), 3),
        "neu": round(fabs(neutral / whole), 3),
        "pos": round(fabs(positive / whole), 3),
        "compound": round(normalized(total), 4),
    }


class FastVader:
    """Scores like `SentimentIntensityAnalyzer.polarity_scores`, to the last bit."""

    def __init__(self, analyzer: SentimentIntensityAnalyzer | None = None) -> None:
        analyzer = analyzer or SentimentIntensityAnalyzer()
        self._lexicon: Mapping[str, float] = analyzer.lexicon
        self._emojis = {emoji: name for emoji, name in analyzer.emojis.items() if len(emoji) == 1}
        self._emoji_set = frozenset(self._emojis)
        self._book = Book(self._token)

    def _token(self, raw: str) -> Token:
        token = Token(stripped(raw))
        note_rules(token, self._lexicon)
        return token

    def polarity_scores(self, text: str) -> Scores:
        """Return neg, neu, pos (shares, 0..1) and compound (-1..1) of `text`."""
        if not text.isascii() and not self._emoji_set.isdisjoint(text):
            text = self.spelled_out(text)
        tokens = list(map(self._book.__getitem__, text.split()))
        flags = reduce(or_, [token.flags for token in tokens], 0)
        return scores_of(valences(tokens, flags), len(tokens), emphasis(text))

    def spelled_out(self, text: str) -> str:
        """Replace emoji by their names."""
        written: list[str] = []
        follows_space = True
        for character in text:
            name = self._emojis.get(character)
            if name is None:
                written.append(character)
                follows_space = character == " "
            else:
                written.append(name if follows_space else " " + name)
                follows_space = False
        return "".join(written)
