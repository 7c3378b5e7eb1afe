"""One place for each formula. Pure: no Django, no database."""
