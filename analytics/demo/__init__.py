"""A demo one can believe: an invented company, a year of asking, a story in the numbers."""
