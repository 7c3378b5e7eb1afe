"""How each kind of facts comes in: when last, and how often."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactSource(models.Model):
    """The deliveries of one kind of facts, by REST, by file or by the script.

    A delivery counts also when it changed nothing: its sender lives. `days`
    is on how many local days something came, `pause` how many days usually lie
    between two of them (recent ones weigh more).
    """

    kind = models.CharField(_("kind of facts"), max_length=40, unique=True)
    received_at = models.DateTimeField(_("received last"))
    days = models.PositiveIntegerField(default=1)
    pause = models.FloatField(default=0)

    class Meta:
        verbose_name = _("source of facts")
        verbose_name_plural = _("sources of facts")
        constraints = [
            models.CheckConstraint(condition=models.Q(pause__gte=0), name="fact_source_pause")
        ]

    def __str__(self) -> str:
        return self.kind
