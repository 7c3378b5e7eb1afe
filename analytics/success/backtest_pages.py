"""Does the health score see churn coming? The page says no in plain words when it does not."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.statistics.result import Result
from analytics.success import words
from analytics.success.backtest import DAYS, Backtest, asked_days, backtest
from analytics.success.health import health_facts
from analytics.success.metrics.health_validation import MIN_EACH, Validation
from analytics.success.timeline import band_words, component_words
from outbox.staff.pages import staff_page


@require_safe
@staff_page("success.view_subscriptionstate")
def validation(request: HttpRequest) -> HttpResponse:
    """Show what became of accounts by the band they were in some days before."""
    try:
        days = asked_days(request.GET.get("days", ""))
        version = int(request.GET.get("version") or 0) or None
    except ValueError:
        raise Http404 from None
    found = backtest(health_facts(), days=days, version=version)
    return render(
        request,
        "analytics/success/validation.html",
        {
            "heading": heading(found),
            "verdict": verdict_words(found),
            "found": found,
            "auc": _auc(found.validation),
            "least": MIN_EACH,
            "bands": [
                _band(band, result)
                for band, result in (found.validation.churn_by_band or {}).items()
            ],
            "components": [
                {"name": component_words(name), "auc": _two(value)}
                for name, value in sorted(
                    (found.validation.component_auc or {}).items(), key=lambda pair: -(pair[1] or 0)
                )
            ],
            "choices": [(d, d == days) for d in DAYS],
            "others": [v for v in found.versions if v != found.version],
        },
    )


def heading(found: Backtest) -> str:
    """State the finding."""
    return {
        "too_little_history": _("Whether the health score sees churn coming is not known yet."),
        "not_predictive_yet": _("The health score does not see churn coming."),
        "predictive": _("The health score sees churn coming."),
    }[found.validation.verdict]


def verdict_words(found: Backtest) -> str:
    """Say what that rests on, and what to do with it."""
    told = found.validation
    counts = {"left": told.churned, "stayed": told.kept, "least": MIN_EACH, "days": found.days}
    if told.verdict == "too_little_history":
        return (
            _(
                "%(left)s accounts with a score left within %(days)s days and %(stayed)s stayed. "
                "Below %(least)s of each any figure would be luck, so none is shown. Scores are "
                "stored every night; come back when more has happened."
            )
            % counts
        )
    if told.verdict == "not_predictive_yet":
        return (
            _(
                "Accounts that left scored hardly lower %(days)s days before than those that "
                "stayed. Use the score to talk about accounts, not to forecast: look below which "
                "component tells them apart, and change the weights."
            )
            % counts
        )
    return (
        _(
            "Take one account that left and one that stayed: this is how often the one that left "
            "had the lower score %(days)s days before. It tells who to call first, not who leaves."
        )
        % counts
    )


def _auc(told: Validation) -> dict[str, str] | None:
    if told.auc is None or told.interval is None:
        return None
    low, high = figures.share_text(told.interval.low), figures.share_text(told.interval.high)
    return {
        "value": figures.share_text(told.auc),
        "interval": f"{low.removesuffix(figures.PERCENT)} … {high}",
    }


def _two(value: float | None) -> str:
    return "–" if value is None else figures.share_text(value)


def _band(band: str, result: Result) -> dict[str, Any]:
    is_known = result.value is not None
    return {
        "name": band_words(band),
        "left": figures.count_text(int(result.numerator or 0)),
        "n": figures.count_text(result.n),
        "rate": figures.share_text(result.value, decimals=1) if result.value is not None else "–",
        "interval": words.interval(result) if is_known else "",
        "x": f"{100 * float(result.value or 0):.1f}%",
        "low": f"{100 * float(result.interval.low):.1f}%" if result.interval else "",
        "width": f"{100 * 2 * result.interval.half_width:.1f}%" if result.interval else "",
    }
