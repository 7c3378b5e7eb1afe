"""The periods of the ground floor, under the name this wing's callers know."""

from analytics.periods import (
    DEFAULT,
    NAMES,
    BadPeriod,
    Period,
    period_named,
    query_of,
    read_period,
    today,
)

__all__ = [
    "DEFAULT",
    "NAMES",
    "BadPeriod",
    "Period",
    "period_named",
    "query_of",
    "read_period",
    "today",
]
