"""Worked cases (`docs/metrics.md`) run through the product's own functions.

The modules here only translate: a case's input into plain facts, and a Result
into the case's names. Every rule is in `analytics.statistics` and
`analytics.success.metrics`.
"""

from analytics.golden.adapters import OFFERED
from analytics.golden.cases import Case, Outcome, Report, load, verify

__all__ = ["OFFERED", "Case", "Outcome", "Report", "load", "verify"]
