from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.survey import Survey


class ApiKey(models.Model):
    """A key for the REST API. Only its prefix and SHA-256 are stored; it is shown once."""

    class Scope(models.TextChoices):
        READ = "read", _("read everything")
        INVITE = "invite", _("ask people")
        WRITE = "write", _("write contacts and responses")

    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=16, unique=True)
    key_hash = models.CharField(max_length=64)
    scopes = models.JSONField(_("may"), default=list)
    survey = models.ForeignKey(
        Survey,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("only this survey"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
