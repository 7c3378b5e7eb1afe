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
    # The instant (seconds since 1970) up to which this key has used up its rate; see throttles.
    paced_until = models.FloatField(default=0, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class RepeatableCall(models.Model):
    """A creating API call made with an Idempotency-Key: what it asked and what it was told.

    Kept a day. `digest` is the SHA-256 of method, path and body; `subject_id`
    the thing made. `said` holds those parts of the answer that may change
    later or cannot be drawn up again, never an address, a comment or a link.
    """

    holder = models.CharField(max_length=40)  # "key:7" or "user:3": whose Idempotency-Key it is
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField(null=True)
    said = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("repeatable call")
        verbose_name_plural = _("repeatable calls")
        constraints = [
            models.UniqueConstraint(fields=["holder", "key"], name="repeatable_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} {self.key}"


class Rate(models.Model):
    """How far something has used up its rate (surveys.rates). The name holds no address."""

    name = models.CharField(max_length=80, primary_key=True)
    paced_until = models.FloatField(db_index=True)

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")

    def __str__(self) -> str:
        return self.name
