"""The page that turns subjects into money: what complainers pay, and when they decide again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.periods import Period, query_of, today
from analytics.scores.panels import inbox_url, period_choices, survey_url
from analytics.scores.theme_panels import difference_words
from analytics.scores.wishes import asked_period
from analytics.success import words
from analytics.worth.reports import Complaint, MoneyReport, ThemeMoney, money_report
from outbox.staff.pages import staff_page
from surveys.models import Survey

MOST_ACCOUNTS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One theme, ready to be written."""

    slug: str
    name: str
    url: str
    difference: str
    margin: str
    tone: str
    accounts: str
    mrr: str
    due_soon: str
    share: str
    at_stake: str
    at_stake_range: str
    is_chosen: bool


@require_safe
@staff_page("feedback.view_response")
def theme_money(request: HttpRequest, slug: str) -> HttpResponse:
    """What do those who complain about a theme pay, and when can they leave?"""
    survey = get_object_or_404(Survey, slug=slug)
    period = asked_period(request)
    # Money needs its own permission; without it the page says so instead of showing zeros.
    may_see = request.user.has_perm("success.view_subscriptionstate")
    report = money_report(survey, period) if may_see else None
    chosen = _chosen(report, request.GET.get("theme", "")) if report else None
    context: dict[str, Any] = {
        "survey": survey,
        "back_url": survey_url(survey, period),
        "days": figures.days_text(period.start, period.last),
        "period": period_choices(request.path, period, {}),
        "may_see": may_see,
        "report": report,
        "finding": _finding(report) if report else _("What themes cost"),
        "rows": [_row(found, report, period, chosen) for found in report.themes] if report else [],
        "chosen": chosen and chosen.theme.name,
        "accounts": [_account(c, report) for c in chosen.complaints[:MOST_ACCOUNTS]]
        if chosen and report
        else [],
        "more": max(0, len(chosen.complaints) - MOST_ACCOUNTS) if chosen else 0,
        "inbox_url": inbox_url(
            period, survey=survey.slug, theme=chosen.theme.slug, sentiment="negative"
        )
        if chosen
        else "",
        "base": _base(report) if report else "",
    }
    return render(request, "analytics/worth/themes.html", context)


def _chosen(report: MoneyReport, slug: str) -> ThemeMoney | None:
    wished = next((found for found in report.themes if found.theme.slug == slug), None)
    return wished or (report.themes[0] if report.themes else None)


def _finding(report: MoneyReport) -> str:
    if not report.themes or not report.themes[0].mrr:
        return _("No paying account complains about a theme")
    dearest = report.themes[0]
    said = _("Accounts that complain about %(theme)s pay %(money)s a month")
    found = said % {
        "theme": dearest.theme.name,
        "money": words.money(dearest.mrr, report.currency),
    }
    if not dearest.due_soon:
        return found
    return _("%(found)s; %(due)s of it is up for renewal in 90 days") % {
        "found": found,
        "due": words.money(dearest.due_soon, report.currency),
    }


def _base(report: MoneyReport) -> str:
    said = _("%(answered)s of %(paying)s paying accounts answered; together all pay %(money)s.")
    text = said % {
        "answered": figures.count_text(report.answered),
        "paying": figures.count_text(report.paying),
        "money": words.money(report.all_money, report.currency),
    }
    if not report.unknown:
        return text
    missing = ngettext(
        "%(n)s account pays in a currency without a rate and is left out.",
        "%(n)s accounts pay in a currency without a rate and are left out.",
        report.unknown,
    )
    return f"{text} {missing % {'n': figures.count_text(report.unknown)}}"


def _row(
    found: ThemeMoney, report: MoneyReport | None, period: Period, chosen: ThemeMoney | None
) -> Row:
    currency = report.currency if report else ""
    difference = difference_words(found.theme)
    stake = found.at_stake
    return Row(
        slug=found.theme.slug,
        name=found.theme.name,
        url=f"?{_query(period)}theme={found.theme.slug}#accounts",
        difference=difference.text,
        margin=difference.margin,
        tone=difference.tone,
        accounts=figures.count_text(len(found.complaints)),
        mrr=words.money(found.mrr, currency),
        due_soon=words.money(found.due_soon, currency) if found.due_soon else "–",
        share=figures.share_text(found.share.value) if found.share.value is not None else "–",
        at_stake="" if stake.value is None else words.money(stake.value, currency),
        at_stake_range=words.interval(stake),
        is_chosen=chosen is found,
    )


def _query(period: Period) -> str:
    query = urlencode(query_of(period))
    return f"{query}&" if query else ""


def _account(found: Complaint, report: MoneyReport) -> dict[str, Any]:
    days = (found.due - today()).days if found.due else None
    return {
        "pk": found.customer,
        "name": found.name,
        "mrr": "–" if found.mrr is None else words.money(found.mrr, report.currency),
        "due": _day(found.due),
        "in_days": "" if days is None else _("in %(n)s days") % {"n": days},
        "is_soon": days is not None and days <= 30,
        "comments": figures.count_text(found.comments),
        "response": found.response,
    }


def _day(day: date | None) -> str:
    return "–" if day is None else figures.day_text(day, has_year=day.year != today().year)
