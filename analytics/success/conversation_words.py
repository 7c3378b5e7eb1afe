"""Predictions in the words people read: features, verdicts, reasons for none, doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import expm1
from typing import Any

from django.utils.translation import gettext as _

from analytics import figures
from analytics.success.metrics.prediction import MIN_RARER, MIN_RATED
from analytics.success.models import Conversation, SatisfactionModel

_MOST_REASONS = 3


def feature_words(name: str) -> str:
    return {
        "sentiment": _("tone of the last messages"),
        "sentiment_trend": _("tone is changing"),
        "intensity": _("strong words"),
        "anger": _("anger"),
        "frustration": _("disappointment"),
        "intent_cancel": _("wants to cancel"),
        "intent_refund": _("wants money back"),
        "intent_complaint": _("complains"),
        "intent_thanks": _("says thanks"),
        "contacts": _("number of contacts"),
        "reopens": _("reopened"),
        "log_first_reply_hours": _("wait for the first reply"),
        "log_waiting_hours": _("waiting for an answer"),
        "resolved": _("solved"),
    }.get(name, name)


_ABSENT = ("intent_cancel", "intent_refund", "intent_complaint", "intent_thanks")


def _said_words(name: str, value: float | None) -> str:
    """Return a feature as it was: what was not said is no less a reason."""
    if name not in _ABSENT or value:
        return feature_words(name)
    return {
        "intent_cancel": _("no wish to cancel"),
        "intent_refund": _("no money wanted back"),
        "intent_complaint": _("no complaint"),
        "intent_thanks": _("no thanks"),
    }[name]


def average_words(name: str, mean: float | None) -> str:
    """Return the average of a feature; of one that is yes or no, the share of yes."""
    if mean is not None and (name in _ABSENT or name == "resolved"):
        return figures.share_text(mean)
    if mean is not None and name in ("contacts", "reopens"):
        return figures.number(mean, decimals=1)
    return value_words(name, mean)


def value_words(name: str, value: float | None) -> str:
    """Return a feature as people count it: hours instead of their logarithm."""
    if value is None:
        return "–"
    if name.startswith("log_"):
        return _("%(n)s h") % {"n": figures.number(expm1(value), decimals=1)}
    if name.startswith("intent_") or name == "resolved":
        return _("yes") if value else _("no")
    if name in ("contacts", "reopens"):
        return figures.number(value)
    return figures.number(value, decimals=2, is_signed=name.startswith("sentiment"))


def reasons(row: Conversation) -> list[dict[str, str]]:
    """Return the features that moved a prediction most, each with its direction."""
    moved = sorted(row.contributions.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    return [
        {
            "name": _said_words(name, row.features.get(name)),
            "value": "" if name in _ABSENT else value_words(name, row.features.get(name)),
            "sign": "+" if log_odds > 0 else figures.MINUS,
            "log_odds": figures.number(log_odds, decimals=2, is_signed=True),
            "tone": "positive" if log_odds > 0 else "negative",
        }
        for name, log_odds in moved[:_MOST_REASONS]
        if abs(log_odds) >= 0.005
    ]


def reason_line(row: Conversation) -> str:
    return ", ".join(f"{one['name']} {one['sign']}" for one in reasons(row))


def decision_words(row: Conversation) -> str:
    said = {
        "dissatisfied": _("dissatisfied"),
        "satisfied": _("satisfied"),
        "abstain": _("too close to call"),
    }
    if row.probability is None:
        return silence_words(row.reason)
    return said.get(row.decision, row.decision)


def silence_words(reason: str) -> str:
    return {
        "no_model": _("no model may be used yet"),
        "insufficient_history": _("no model may be used yet"),
        "nothing_said": _("the customer has written nothing before"),
        "language_unsupported": _("written in a language that is not read"),
        "language_unknown": _("the language cannot be told"),
        "too_short": _("too few words"),
        "no_words": _("too few words"),
        "empty": _("no words"),
        "non_answer": _("no words that say anything"),
    }.get(reason, _("too little can be read"))


def rule_words(rule: str) -> str:
    return {
        "cancel_intent": _("wants to cancel"),
        "twice_negative": _("two negative messages in a row"),
        "waiting_too_long": _("waits longer than the target for a reply"),
    }.get(rule, rule)


def alert_words(row: Conversation) -> str:
    """Say why a supervisor was told, and by what."""
    if row.alerted_by == "model":
        return _("Predicted dissatisfied on two messages in a row")
    told = ", ".join(rule_words(rule) for rule in row.rules)
    return _("By plain rules: %(rules)s") % {"rules": told or _("not any more")}


def doubt_words(model: SatisfactionModel | None, *, offered: int, rarer: int) -> list[str]:
    """Return why no prediction is shown, in numbers; [] when predictions are shown."""
    if model is None or not model.doubts:
        if model is not None and model.disabled_at:
            return [_("The last hundred ratings were predicted no better than by chance.")]
        if model is not None:
            return []
        return [
            _("Nothing has been learnt yet: %(n)s rated conversations of %(least)s needed.")
            % {"n": offered, "least": MIN_RATED}
        ]
    counts = {"n": model.rated, "rarer": model.rarer, "least": MIN_RATED, "few": MIN_RARER}
    said = {
        "too_few_rated": _("Not enough rated conversations (%(n)s of %(least)s)."),
        "too_few_of_rarer": _(
            "Not enough ratings of the rarer kind (%(rarer)s of %(few)s); alike, they teach little."
        ),
        "no_skill": _("On newer conversations it was not surely better than the plain average."),
        "not_calibrated": _("Its probabilities are too bold or too timid."),
    }
    return [said[doubt] % counts for doubt in model.doubts]


def reliability_rows(evaluation: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """Return the fifths of the reliability table as text and places on a line of percents."""
    return [
        {
            "predicted": figures.share_text(fifth["predicted"]),
            "observed": figures.share_text(fifth["observed"]),
            "n": figures.count_text(fifth["n"]),
            "at": f"{100 * fifth['observed']:.1f}%",
            "low": f"{100 * fifth['interval']['low']:.1f}%",
            "width": f"{100 * (fifth['interval']['high'] - fifth['interval']['low']):.1f}%",
            "meant": f"{100 * fifth['predicted']:.1f}%",
            "interval": _range(fifth["interval"]),
        }
        for fifth in evaluation.get("bins", ())
    ]


def _range(interval: Mapping[str, float]) -> str:
    low = figures.share_text(interval["low"]).removesuffix(figures.PERCENT)
    return f"{low} … {figures.share_text(interval['high'])}"
