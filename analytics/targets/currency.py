"""The currency a target's money is in: that of the workspace."""

from __future__ import annotations

from analytics.periods import month_of, today
from analytics.success.catalogue import facts_for
from analytics.targets.judging import measure_of
from analytics.targets.models import Target


def currency_of(target: Target) -> str:
    """Return the code of the workspace's currency; "" for what is no money."""
    return facts_for(month_of(today())).base if measure_of(target).unit == "money" else ""
