"""Counted histograms: recounted and replaced per survey and day, never added to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey


class Tally(models.Model):
    """How many responses of one survey and day had one score, seen by one facet.

    Facets: all "", quarantined "", segment <slug>, channel <channel>,
    language <code>, sentiment <label>, emotion <name>, theme <slug>,
    mention <slug>:<sentiment>, any "theme" or "emotion" (comments with at least
    one). Keys of one facet may overlap (themes), so only "all" is the whole.
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


class WeekTally(models.Model):
    """The tallies of one week, summed: a row a facet and key, a column a score.

    A year of one survey is up to 130,000 tallies but 1,700 of these. A column
    for each score there can be (`response_score_in_range`).
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    week = models.DateField(_("Monday of the week"))
    facet = models.CharField(_("facet"), max_length=12)
    key = models.CharField(_("key"), max_length=80, blank=True, default="")
    score_0 = models.PositiveIntegerField(default=0)
    score_1 = models.PositiveIntegerField(default=0)
    score_2 = models.PositiveIntegerField(default=0)
    score_3 = models.PositiveIntegerField(default=0)
    score_4 = models.PositiveIntegerField(default=0)
    score_5 = models.PositiveIntegerField(default=0)
    score_6 = models.PositiveIntegerField(default=0)
    score_7 = models.PositiveIntegerField(default=0)
    score_8 = models.PositiveIntegerField(default=0)
    score_9 = models.PositiveIntegerField(default=0)
    score_10 = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tallies of a week")
        verbose_name_plural = _("tallies of weeks")
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "facet", "week", "key"], name="week_tally_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.week} {self.facet} {self.key}"


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


class TallyStamp(models.Model):
    """Names the tallies of one survey as they are now; drawn anew by every recount.

    What was made of them may be kept as long as the stamp stands. It is drawn and
    not counted up: after a restored backup no number comes back with other tallies.
    """

    survey = models.OneToOneField(
        Survey, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    stamp = models.BigIntegerField(_("stamp"))

    class Meta:
        verbose_name = _("stamp of tallies")
        verbose_name_plural = _("stamps of tallies")

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.stamp}"


class Snapshot(models.Model):
    """A closed month of one survey, as it was published. Never changed and never recomputed.

    `counts` is the histogram of counted answers then ({"9": 40}), `held` how
    many were quarantined; value and interval are bare, in the unit of the
    survey's kind: the guard for small samples is applied when they are shown.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    month = models.DateField(_("first day of the month"))
    value = models.FloatField(_("value"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=30, blank=True, default="")
    n = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(_("held"), default=0)
    counts = models.JSONField(default=dict)
    zone = models.CharField(max_length=64)
    definition_version = models.PositiveSmallIntegerField(default=1)
    closed_at = models.DateTimeField(_("closed"), auto_now_add=True)

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        constraints = [
            models.UniqueConstraint(fields=["survey", "month"], name="snapshot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.month:%Y-%m}"
