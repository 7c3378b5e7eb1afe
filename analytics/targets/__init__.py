"""Targets: a metric with a goal, a direction, an owner and a period, and the alarms about it.

Stands above both wings of analytics: a goal may be set on a survey's figures
as well as on the facts about customers.
"""
