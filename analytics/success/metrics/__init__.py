"""Customer-success metrics as pure functions over plain facts. No Django, no database."""
