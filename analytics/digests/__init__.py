"""The numbers, sent: digests to staff by mail, and reports on a schedule as HTML and PDF.

Nothing is computed here. Both ask the reports of analytics.scores, so a digest, a
report, the dashboard and the API say the same for the same filter.
"""
