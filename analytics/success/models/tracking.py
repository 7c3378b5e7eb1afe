"""Keys under which a website's own pages say what people do there."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


def write_key() -> str:
    return f"wk_{secrets.token_hex(10)}"


class TrackingKey(models.Model):
    """A public key: it stands in the pages of `origins` and can only add usage events."""

    key = models.CharField(_("key"), max_length=40, unique=True, default=write_key, editable=False)
    name = models.CharField(_("name"), max_length=80)
    origins = models.JSONField(_("websites"), default=list)
    needs_consent = models.BooleanField(
        _("nothing is sent before the page says that people agreed"), default=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    used_at = models.DateTimeField(_("last event"), null=True, blank=True)

    class Meta:
        verbose_name = _("tracking key")
        verbose_name_plural = _("tracking keys")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
