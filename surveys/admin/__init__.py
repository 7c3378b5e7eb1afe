"""Model forms and lists of this app; everything with a flow of its own is in surveys.staff."""

from surveys.admin import brands, people, suppressions

__all__ = ["brands", "people", "suppressions"]
