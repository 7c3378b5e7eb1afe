"""`{% drawn "staff/charts/trend.html" drawing=… label=… %}`: include, remembering the markup.

A drawing is a frozen value, so the same one in the same language is the same
markup: while a number stands still, its chart is written once a process.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def drawn(partial: str, **variables: Any) -> SafeString:
    """Return a partial's markup. It may use nothing but these (hashable) variables."""
    return _written(partial, get_language(), **variables)


# Typed: a text marked safe is equal to one that is not, but not written the same.
@lru_cache(maxsize=256, typed=True)
def _written(partial: str, language: str | None, **variables: Any) -> SafeString:
    return render_to_string(partial, variables)
