"""Support conversations: which look dissatisfied, why, and who has looked at them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from analytics import figures
from analytics.statistics.result import Result
from analytics.success import words
from analytics.success.conversation_talk import suggested, talk_of, turns_of
from analytics.success.conversation_words import (
    alert_words,
    average_words,
    decision_words,
    doubt_words,
    feature_words,
    reason_line,
    reasons,
    reliability_rows,
    rule_words,
    silence_words,
    value_words,
)
from analytics.success.conversations import mark_handled, open_alerts
from analytics.success.learning import rated, train_now
from analytics.success.models import Conversation, SatisfactionModel
from analytics.success.satisfaction import Satisfaction, satisfaction
from outbox.staff.pages import full_name, staff_page

VIEW = "success.view_conversation"
_MOST = 100
_LEAST_WEIGHT = 0.005  # what has less told nobody apart
SHOWN = ("dissatisfied", "alerts", "all")


@require_safe
@staff_page(VIEW)
def conversations(request: HttpRequest) -> HttpResponse:
    """List those predicted dissatisfied, those a supervisor is wanted for, or all."""
    found, alerts = satisfaction(), open_alerts().count()
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN else _most_urgent(found, alerts)
    rows = rows_of(show, found)
    return render(
        request,
        "analytics/success/conversations.html",
        {
            "heading": _heading(found, alerts),
            "show": show,
            "tabs": [
                (
                    "dissatisfied",
                    _("Predicted dissatisfied"),
                    figures.count_text(found.dissatisfied),
                ),
                ("alerts", _("A supervisor is wanted"), figures.count_text(alerts)),
                ("all", _("All"), ""),
            ],
            "rows": [_row(row) for row in rows[:_MOST]],
            "total": rows.count(),
            "measured": _figure(found.measured),
            "predicted": _figure(found.predicted),
            "found": found,
            "silent": [(silence_words(why), n) for why, n in found.silent.items()],
            "doubts": doubt_words(found.newest, offered=found.offered, rarer=found.offered_rarer)
            if found.model is None
            else [],
            "has_any": Conversation.objects.exists(),
        },
    )


def _most_urgent(found: Satisfaction, alerts: int) -> str:
    """Return the first tab that has something to do; all conversations when none has."""
    if found.dissatisfied:
        return "dissatisfied"
    return "alerts" if alerts else "all"


def rows_of(show: str, found: Satisfaction) -> QuerySet[Conversation]:
    """Return the rows of a tab; predicted ones are unrated and of the model in force."""
    rows = Conversation.objects.select_related("customer")
    if show == "alerts":
        return rows.filter(alerted_at__isnull=False, handled_at__isnull=True).order_by(
            "-alerted_at"
        )
    if show == "all":
        return rows.order_by(F("last_at").desc(nulls_last=True), "-pk")
    rows = rows.filter(
        is_satisfied__isnull=True, decision="dissatisfied", last_at__gte=found.since,
        model=found.model, model__isnull=False,
    )  # fmt: skip
    return rows.order_by("probability", "-last_at")


def _heading(found: Satisfaction, alerts: int) -> str:
    if alerts:
        said = ngettext(
            "One conversation wants a supervisor.", "%(n)s conversations want a supervisor.", alerts
        )
        return said % {"n": figures.count_text(alerts)}
    if found.model is None:
        return _("Support conversations")
    said = ngettext(
        "One conversation nobody rated looks dissatisfied.",
        "%(n)s conversations nobody rated look dissatisfied.",
        found.dissatisfied,
    )
    return said % {"n": figures.count_text(found.dissatisfied)}


def _figure(result: Result) -> dict[str, Any]:
    has_value = result.value is not None
    return {
        "value": figures.share_text(result.value) if result.value is not None else "",
        "interval": words.interval(result),
        "n": figures.count_text(result.n),
        "base": words.base(result) if has_value else "",
    }


def _row(row: Conversation) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "ticket": row.ticket,
        "customer": row.customer,
        "last_at": row.last_at,
        "share": "" if row.probability is None else figures.share_text(row.probability),
        "decision": decision_words(row),
        "tone": {"dissatisfied": "negative", "satisfied": "positive"}.get(row.decision, ""),
        "reasons": reason_line(row) or ", ".join(rule_words(rule) for rule in row.rules),
        "measured": _measured(row),
        "measured_tone": "positive" if row.is_satisfied else "negative",
        "alert": alert_words(row) if row.alerted_at and not row.handled_at else "",
    }


def _measured(row: Conversation) -> str:
    if row.is_satisfied is None:
        return ""
    return _("rated good") if row.is_satisfied else _("rated bad")


@require_safe
@staff_page(VIEW)
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said, what is predicted and why."""
    row = get_object_or_404(Conversation.objects.select_related("customer", "model"), pk=pk)
    talk = talk_of(row)
    may_reply = request.user.has_perm("feedback.view_savedanswer")
    return render(
        request,
        "analytics/success/conversation.html",
        {
            "row": _row(row) | {"alerted": alert_words(row) if row.alerted_at else ""},
            "conversation": row,
            "turns": turns_of(talk),
            "replies": suggested(talk, agent=full_name(request.user)) if may_reply else None,
            "reasons": reasons(row),
            "features": [
                (feature_words(name), value_words(name, value))
                for name, value in row.features.items()
            ],
            "may_handle": request.user.has_perm("success.change_conversation"),
        },
    )


@require_POST
@staff_page("success.change_conversation")
def handle_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Conversation, pk=pk)
    if mark_handled(row.pk, by=request.user.get_username()):
        messages.success(request, _("Taken off the supervisor’s list."))
    else:
        messages.info(request, _("Somebody has looked at it already."))
    return redirect("staff:conversation", pk)


# ---- The model -----------------------------------------------------------------------


@require_safe
@staff_page(VIEW)
def satisfaction_model(request: HttpRequest) -> HttpResponse:
    """Does the prediction deserve trust? Its guard, its proof, its reasons."""
    found = satisfaction()
    model = found.model or found.newest
    evaluation = model.evaluation if model else {}
    return render(
        request,
        "analytics/success/satisfaction_model.html",
        {
            "heading": _model_heading(found),
            "found": found,
            "model": model,
            "doubts": doubt_words(model, offered=found.offered, rarer=found.offered_rarer),
            "fifths": reliability_rows(evaluation),
            "proof": _proof(evaluation),
            "weights": _weights(model),
            "history": SatisfactionModel.objects.all()[:24],
            "may_train": request.user.has_perm("success.add_satisfactionmodel"),
        },
    )


def _model_heading(found: Satisfaction) -> str:
    if found.model is not None:
        return _("Predictions are shown: the model was proved on newer conversations.")
    return _("No prediction is shown; plain rules tell supervisors instead.")


def _proof(evaluation: dict[str, Any]) -> list[tuple[str, str]]:
    if not evaluation.get("n"):
        return []

    def two(name: str) -> str:
        value = evaluation.get(name)
        return "–" if value is None else figures.number(value, decimals=2)

    return [
        (_("Proved on newer conversations"), figures.count_text(evaluation["n"])),
        (_("Ranks right (AUC, 0.5 is chance)"), two("auc")),
        (_("Better than the average (skill)"), two("skill")),
        (_("at least (needs to be over 0)"), two("skill_low")),
        (_("Calibration slope (needs 0.8 to 1.25)"), two("slope")),
        (_("Mean gap to what was rated"), two("ece")),
    ]


def _weights(model: SatisfactionModel | None) -> list[dict[str, str]]:
    if model is None:
        return []
    ordered = sorted(model.coefficients.items(), key=lambda pair: -abs(pair[1]))
    return [
        {
            "name": feature_words(name),
            "weight": figures.number(weight, decimals=2, is_signed=True),
            "mean": average_words(name, model.means.get(name)),
        }
        for name, weight in ordered
        if abs(weight) >= _LEAST_WEIGHT
    ]


@require_POST
@staff_page("success.add_satisfactionmodel")
def train_satisfaction(request: HttpRequest) -> HttpResponse:
    """Train now instead of next month; some seconds for ten thousand conversations."""
    row = train_now(is_demo=not rated().exists() and rated(is_demo=True).exists())
    if row.is_usable:
        messages.success(request, _("A new model is in force; conversations are read again."))
    else:
        messages.warning(
            request, _("Tried and kept on record, but it may not be used. See why below.")
        )
    return redirect("staff:satisfaction-model")
