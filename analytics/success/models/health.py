"""How accounts fare, day by day, and what people noted about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Customer


class HealthSnapshot(models.Model):
    """One account's health of a day, as it stood: never recomputed later.

    Each component is 0..100 or null when missing; `score` is null when too
    little of the weight is covered.
    """

    class Band(models.TextChoices):
        RED = "red", _("poor")
        YELLOW = "yellow", _("fair")
        GREEN = "green", _("good")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    score = models.FloatField(null=True)
    band = models.CharField(max_length=6, choices=Band, blank=True, default="")
    coverage = models.FloatField()
    usage = models.FloatField(null=True)
    feedback = models.FloatField(null=True)
    support = models.FloatField(null=True)
    adoption = models.FloatField(null=True)
    commercial = models.FloatField(null=True)
    relationship = models.FloatField(null=True)
    definition_version = models.PositiveSmallIntegerField(default=1)
    # Whose weights the account took: "" of all, "new:", or a segment's short name.
    weights_of = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("health of a day")
        verbose_name_plural = _("health by day")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "day"], name="health_once_a_day"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100),
                name="health_score_range",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="health_day")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.day}"


class HealthDefinition(models.Model):
    """Weights and curves as somebody set them; never changed, only followed by the next version.

    `weights` is group -> component -> weight, `curves` measure -> [[value,
    score], ...] (analytics.success.metrics.health_definition). Version 1 ships
    with the product and has no row.
    """

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    weights = models.JSONField()
    curves = models.JSONField()
    reason = models.CharField(_("why"), max_length=200)
    by = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("definition of health")
        verbose_name_plural = _("definitions of health")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(condition=Q(version__gt=1), name="health_definition_follows"),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class HealthOverride(models.Model):
    """A person's word on an account beside the computed score, until it expires.

    In force from `created_at` until `expires_at`, or until somebody ended it
    before (`ended_at`). Rows stay: they are the record of who said what.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    band = models.CharField(_("health"), max_length=6, choices=HealthSnapshot.Band)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("said"))
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("health set by hand")
        verbose_name_plural = _("health set by hand")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="health_override_expires"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="health_override_reason"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("created_at")),
                name="health_override_ends_after",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-created_at"], name="health_override_newest")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.band}"


class AccountNote(models.Model):
    """What somebody who looks after an account noted; with a pulse it is a judgement, too."""

    class Pulse(models.TextChoices):
        NONE = "", _("no judgement")
        GOOD = "good", _("good")
        FAIR = "fair", _("fair")
        POOR = "poor", _("poor")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_("note"), max_length=2000)
    pulse = models.CharField(_("pulse"), max_length=4, choices=Pulse, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("note on an account")
        verbose_name_plural = _("notes on accounts")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["customer", "-created_at"], name="account_note_newest")]

    def __str__(self) -> str:
        return self.text[:40]
