"""Reading the facts: each table once, as the plain rows the metrics take.

A `Facts` is made for one page or call. Whatever is asked of it first reads a
table, everything later (twelve months of a trend) is computed from the same
rows, unless they are too many to hold: then each period is read in parts.
Internal customers and events are left out here, once for all metrics.
"""

from analytics.success.friction_facts import FrictionFacts
from analytics.success.revenue_facts import MissingRates, RevenueFacts
from analytics.success.service_facts import Served, ServiceFacts
from analytics.success.subscription_facts import State


class Facts(RevenueFacts, FrictionFacts, ServiceFacts):
    """All facts of some days, as known at one instant."""


__all__ = ["Facts", "MissingRates", "Served", "State"]
