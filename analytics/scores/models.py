"""Counted histograms: recounted and replaced per survey and day, never added to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey


class Tally(models.Model):
    """How many responses of one survey and day had one score, seen by one facet.

    Facets: all "", quarantined "", segment <slug>, channel <channel>,
    language <code>, sentiment <label>, emotion <name>, theme <slug>,
    mention <slug>:<sentiment>. Keys of one facet may overlap (themes), so only
    "all" is the whole.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    facet = models.CharField(_("facet"), max_length=12)
    key = models.CharField(_("key"), max_length=80, blank=True, default="")
    score = models.SmallIntegerField(_("score"))
    count = models.PositiveIntegerField(_("count"))

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "facet", "day", "key", "score"], name="tally_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.day} {self.facet} {self.key} {self.score}: {self.count}"


class FunnelTally(models.Model):
    """How far the invitations of one survey sent on one day came."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day sent"))
    sent = models.PositiveIntegerField(_("sent"), default=0)
    bounced = models.PositiveIntegerField(_("bounced"), default=0)
    doubtful = models.PositiveIntegerField(_("doubtful"), default=0)
    opened = models.PositiveIntegerField(_("opened"), default=0)
    answered = models.PositiveIntegerField(_("answered"), default=0)
    commented = models.PositiveIntegerField(_("commented"), default=0)

    class Meta:
        verbose_name = _("funnel")
        verbose_name_plural = _("funnels")
        constraints = [
            models.UniqueConstraint(fields=["survey", "day"], name="funnel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.day}"
