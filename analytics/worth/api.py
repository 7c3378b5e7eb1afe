"""Themes with the money behind them over the API: the page's own report."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from analytics.api import shapes
from analytics.api.scores import PERIOD_PARAMETERS, asked_days
from analytics.success.models import SubscriptionState
from analytics.worth.reports import ThemeMoney, money_report
from surveys.api.base import ApiViewSet, survey_named
from surveys.api.docs import documented
from surveys.models import Customer, Survey


class AccountOut(serializers.Serializer):  # type: ignore[type-arg]
    customer = serializers.CharField(help_text="Its external id.")
    name = serializers.CharField()
    mrr = serializers.FloatField(allow_null=True, help_text="null: not paying, or no rate.")
    due_date = serializers.DateField(allow_null=True, help_text="When its term ends.")
    comments = serializers.IntegerField(help_text="Comments that complain about the theme.")
    response = serializers.IntegerField(help_text="The newest of them.")


class ThemeMoneyOut(serializers.Serializer):  # type: ignore[type-arg]
    theme = serializers.CharField()
    name = serializers.CharField()
    difference = serializers.FloatField(
        allow_null=True, help_text="Score of those who name it minus score of the others."
    )
    difference_interval = shapes.IntervalOut(allow_null=True)
    is_real = serializers.BooleanField(help_text="Real among all themes tested together.")
    accounts = serializers.IntegerField(help_text="Accounts that complain.")
    mrr = serializers.FloatField(help_text="What they pay a month.")
    mrr_due_soon = serializers.FloatField(help_text="Of it, up for renewal within 90 days.")
    share = shapes.ResultOut(help_text="Of the money of accounts that answered.")
    at_stake = shapes.ResultOut(help_text="The same share of the money of all accounts.")
    complaints = AccountOut(many=True)


class MoneyOut(serializers.Serializer):  # type: ignore[type-arg]
    survey = serializers.CharField()
    start = serializers.DateField()
    last = serializers.DateField()
    currency = serializers.CharField(allow_blank=True)
    accounts_answered = serializers.IntegerField()
    accounts_paying = serializers.IntegerField()
    accounts_without_rate = serializers.IntegerField()
    mrr = serializers.FloatField(help_text="Of all paying accounts.")
    themes = ThemeMoneyOut(many=True)


class ThemeMoneyViewSet(ApiViewSet):
    """Accounts belong to the workspace: a key limited to one survey may not see what they pay."""

    queryset = Survey.objects.all()
    model = SubscriptionState
    lookup_field = "slug"
    query_parameters = ("period", "from", "to")

    @documented(
        "What themes cost",
        {200: MoneyOut},
        tag="Scores",
        refused=(404,),
        parameters=PERIOD_PARAMETERS,
    )
    def money(self, request: Request, slug: str) -> Reply:
        """Per theme: what goes with the score, and what the accounts that complain about it pay and
        when they decide again. The dearest first."""
        survey = survey_named(slug, request)
        period = asked_days(request)
        report = money_report(survey, period)
        ids = {c.customer for found in report.themes for c in found.complaints}
        external = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "external_id"))
        return Reply(
            {
                "survey": survey.slug,
                "start": period.start,
                "last": period.last,
                "currency": report.currency,
                "accounts_answered": report.answered,
                "accounts_paying": report.paying,
                "accounts_without_rate": report.unknown,
                "mrr": float(report.all_money),
                "themes": [_theme(found, external) for found in report.themes],
            }
        )


def _theme(found: ThemeMoney, external: dict[int, str]) -> dict[str, Any]:
    interval = found.theme.difference_interval
    return {
        "theme": found.theme.slug,
        "name": found.theme.name,
        "difference": found.theme.impact.difference,
        "difference_interval": None if interval is None else shapes.interval(interval),
        "is_real": found.theme.impact.is_real,
        "accounts": len(found.complaints),
        "mrr": float(found.mrr),
        "mrr_due_soon": float(found.due_soon),
        "share": shapes.result(found.share),
        "at_stake": shapes.result(found.at_stake),
        "complaints": [
            {
                "customer": external[complaint.customer],
                "name": complaint.name,
                "mrr": None if complaint.mrr is None else float(complaint.mrr),
                "due_date": complaint.due,
                "comments": complaint.comments,
                "response": complaint.response,
            }
            for complaint in found.complaints
        ],
    }
