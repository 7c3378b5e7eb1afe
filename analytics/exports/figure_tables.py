"""Tables of what is computed: every metric, every account."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from analytics.exports.account_rows import AccountFilters, account_columns, account_rows
from analytics.exports.dataset import Dataset
from analytics.exports.metric_rows import MetricFilters, metric_columns, metric_rows
from analytics.success.models import HealthSnapshot, SubscriptionState

FIGURE_TABLES: Sequence[Dataset] = (
    Dataset(
        "metrics",
        _("Metrics by month"),
        SubscriptionState,
        MetricFilters,
        (),
        metric_columns,
        make=metric_rows,
    ),
    Dataset(
        "accounts",
        _("Accounts and health"),
        HealthSnapshot,
        AccountFilters,
        (),
        account_columns,
        make=account_rows,
    ),
)
