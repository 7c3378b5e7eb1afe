"""Labelled comments for training and measuring, read from CSV files kept outside the repository."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feedback.text.emotions import EMOTIONS

POLARITIES = ("neg", "neu", "pos")

# What the weights may be learnt from, by domain, so that a whole domain can be left out.
TRAINING_DOMAINS = {
    "hutto_amazon": "products",
    "uci_amazon_cells": "products",
    "tv_reviews": "products",
    "uci_yelp": "restaurants",
    "theme_mams": "restaurants",
    "course_evals": "education",
    "hutto_tweets": "tweets",
    "emotion_go": "forums",
}
CUSTOMER_TRAINING_SETS = (
    "hutto_amazon", "uci_amazon_cells", "tv_reviews", "uci_yelp", "course_evals",
)  # fmt: skip
# Feedback of customers, where goals are measured: not tweets, forums or mixed aspects.
CUSTOMER_SETS = (
    *CUSTOMER_TRAINING_SETS, "airline", "semeval14_rest", "semeval14_laptop", "alexa_reviews",
    "clothing", "android_apps",
)  # fmt: skip
# Further sets whose wording (never their labels) gives the list of English words.
WORDING_SETS = ("theme_banking77", "theme_opinosis")
DOMAINS = {
    **TRAINING_DOMAINS,
    "semeval14_rest": "restaurants",
    "semeval14_laptop": "products",
    "alexa_reviews": "products",
    "airline": "airlines",
    "clothing": "fashion",
    "android_apps": "apps",
}
_PLEASED = frozenset(
    (
        "admiration", "amusement", "approval", "caring", "desire", "excitement", "gratitude",
        "joy", "love", "optimism", "pride", "relief",
    )
)  # fmt: skip
_DISPLEASED = frozenset(
    (
        "anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear",
        "grief", "nervousness", "remorse", "sadness",
    )
)  # fmt: skip


# Which of GoEmotions' 27 labels stand for each of ours.
EMOTION_SOURCES = {
    "anger": {"anger", "annoyance", "disgust"},
    "disappointment": {"disappointment", "sadness", "grief", "remorse"},
    "confusion": {"confusion"},
    "worry": {"fear", "nervousness"},
    "joy": {"joy", "excitement", "amusement", "love", "relief"},
    "gratitude": {"gratitude"},
    "appreciation": {"admiration"},
    "surprise": {"surprise"},
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its label; `theme` and `language` where the file has them, else ""."""

    text: str
    label: str
    theme: str = ""
    language: str = ""


def read_labelled(path: Path) -> list[Labelled]:
    """Read a CSV with columns text and label, and perhaps theme and lang.

    Raises ValueError, naming the file, where neither a label, a theme nor a language column exists.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        columns = set(rows.fieldnames or ())
        if "text" not in columns or not columns & {"label", "theme", "lang"}:
            raise ValueError(f"{path}: expected the columns text and label, theme or lang")
        return [
            Labelled(
                row["text"] or "", row.get("label") or "", row.get("theme") or "",
                row.get("lang") or "",
            )
            for row in rows
        ]  # fmt: skip


def polarity_of(name: str, label: str) -> str:
    """Return neg, neu or pos for a label of set `name`, "" where it is both or neither."""
    if name == "emotion_go":
        emotions = set(label.split("|"))
        signs = {"pos" for _ in emotions & _PLEASED} | {"neg" for _ in emotions & _DISPLEASED}
    elif name == "theme_mams":
        endings = {pair.rpartition(":")[2] for pair in label.split("|")}
        signs = {ending[:3] for ending in endings if ending in ("positive", "negative")}
    else:
        return label if label in POLARITIES else ""
    if len(signs) == 2:
        return ""
    return signs.pop() if signs else "neu"


def emotions_of(label: str) -> set[str]:
    """Return ours for a label such as `anger|surprise`, be it GoEmotions' names or our own."""
    named = set(label.split("|"))
    return {emotion for emotion in EMOTIONS if named & (EMOTION_SOURCES[emotion] | {emotion})}


def read_polarities(directory: Path, name: str) -> list[Labelled]:
    """Return the texts of a set with neg, neu or pos as label; others are left out."""
    rows = read_labelled(directory / f"{name}.csv")
    return [
        Labelled(row.text, polarity, row.theme)
        for row in rows
        if (polarity := polarity_of(name, row.label))
    ]


def domains_of(names: Iterable[str]) -> set[str]:
    """Return the domains of the named sets."""
    return {DOMAINS[name] for name in names}
