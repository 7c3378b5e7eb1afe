"""Parts of pages that are the same for thousands of visits, drawn once."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def drawn_once(template_name: str, **context: Hashable) -> SafeString:
    """Include a template that depends on nothing but what it is given here, and the language.

    What is given must be hashable, so it cannot change: frozen dataclasses and text.
    """
    return _draw(template_name, get_language(), **context)


# Typed: a text marked safe is equal to one that is not, but is written otherwise.
@lru_cache(maxsize=512, typed=True)
def _draw(template_name: str, language: str | None, **context: Hashable) -> SafeString:
    return render_to_string(template_name, context)
