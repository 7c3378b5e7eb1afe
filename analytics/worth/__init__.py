"""What subjects cost: the score and the money of those who complain about them.

Stands above both wings of analytics: themes come from the scores, money and
renewals from the facts about customers.
"""
