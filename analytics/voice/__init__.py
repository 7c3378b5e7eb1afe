"""What customers say, among the metrics of success: sentiment, themes, emotions, response rate.

Stands above both wings of analytics: the counts come from the scores, and the
metrics join the catalogue of success, so that they have its pages, API and targets.
"""
