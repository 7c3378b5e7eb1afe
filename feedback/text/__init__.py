"""Reading one comment: language, sentiment, emotions and themes. Pure: no Django, no database."""
