"""Paths staff watch: events in the order people should come to them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_STEPS = 12


class Path(models.Model):
    """Names of usage events, first to last; `window_days` is the time for all of them."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    steps = models.JSONField(_("steps"), default=list)
    window_days = models.PositiveSmallIntegerField(
        _("days to come through"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("path")
        verbose_name_plural = _("paths")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_days__gte=1, window_days__lte=365),
                name="path_window_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name
