"""Goals, what was judged of them day by day, their alarms, and periods that are closed."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey


class Target(models.Model):
    """A metric with a goal, a direction, an owner and a period (a KPI).

    `goal` is in the metric's own unit: points, a fraction 0..1, steps of a
    scale, seconds, money. `filters` holds the wishes of a slice that are not
    empty ({"segment": "growth"}). Days before `judged_from` were judged by
    another goal and raise no alarm.
    """

    class Direction(models.TextChoices):
        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")

    class Period(models.TextChoices):
        MONTH = "month", _("every month")
        QUARTER = "quarter", _("every quarter")
        YEAR = "year", _("every year")
        DAYS_30 = "30d", _("the last 30 days")
        DAYS_90 = "90d", _("the last 90 days")

    metric = models.CharField(_("metric"), max_length=40)
    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    filters = models.JSONField(_("only"), default=dict, blank=True)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    goal = models.DecimalField(_("goal"), max_digits=16, decimal_places=4)
    period = models.CharField(_("judged on"), max_length=7, choices=Period)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    quiet_days = models.PositiveSmallIntegerField(
        _("days without a second mail"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    judged_from = models.DateField(_("judged from"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=["at_least", "at_most"]), name="target_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(period__in=["month", "quarter", "year", "30d", "90d"]),
                name="target_period_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.direction} {self.goal}"

    @property
    def is_higher_better(self) -> bool:
        return self.direction == self.Direction.AT_LEAST


class Judgement(models.Model):
    """What a figure came to against a goal, over the days `start`..`stop` (excluded).

    `state` is empty when there is nothing to judge; `reason` then says why.
    """

    start = models.DateField(_("first day"))
    stop = models.DateField(_("day after the last"))
    value = models.FloatField(_("value"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=7, blank=True, default="")
    reason = models.CharField(max_length=24, blank=True, default="")

    class Meta:
        abstract = True


class TargetDay(Judgement):
    """How a target stood on one morning, and what that says to each of its alarms.

    The signs are -1 (bad), 0 (neither), 1 (good) or None (nothing to say).
    """

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    level = models.SmallIntegerField(null=True)
    change = models.SmallIntegerField(null=True)
    drift = models.SmallIntegerField(null=True)
    judged_at = models.DateTimeField(_("judged"), auto_now=True)

    class Meta:
        verbose_name = _("day of a target")
        verbose_name_plural = _("days of targets")
        constraints = [
            models.UniqueConstraint(fields=["target", "day"], name="target_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.day} {self.state}"


class TargetClose(Judgement):
    """A period of a target as it was published when it had settled. Never changed."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="closes")
    direction = models.CharField(max_length=8, choices=Target.Direction)
    goal = models.DecimalField(max_digits=16, decimal_places=4)
    definition_version = models.PositiveSmallIntegerField(default=1)
    closed_at = models.DateTimeField(_("closed"), auto_now_add=True)

    class Meta:
        verbose_name = _("closed period of a target")
        verbose_name_plural = _("closed periods of targets")
        ordering = ["-start"]
        constraints = [
            models.UniqueConstraint(fields=["target", "start", "stop"], name="target_close_once"),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.start} {self.state}"


class Alarm(models.Model):
    """One warning about a target, from its start to its end. At most one of a kind is open."""

    class Kind(models.TextChoices):
        LEVEL = "level", _("goal missed")
        CHANGE = "change", _("real change for the worse")
        DRIFT = "drift", _("lasting drift for the worse")

    class End(models.TextChoices):
        RECOVERED = "recovered", _("recovered")
        STEADY = "steady", _("no further move since it was acknowledged")
        CHANGED = "changed", _("the target was changed")

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    started_date = models.DateField(_("started"))
    # When the move likely began: the charts notice a slow one weeks later.
    since_date = models.DateField(_("since"), null=True, blank=True)
    value = models.FloatField(_("value"), null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveIntegerField(default=0)
    goal = models.DecimalField(max_digits=16, decimal_places=4)
    is_told = models.BooleanField(_("told by mail"), default=False)
    ended_date = models.DateField(_("ended"), null=True, blank=True)
    end = models.CharField(max_length=9, choices=End, blank=True, default="")
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-started_date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "kind"],
                condition=Q(ended_date__isnull=True),
                name="target_alarm_open_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["level", "change", "drift"]), name="target_alarm_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.kind} {self.started_date}"

    @property
    def needs_somebody(self) -> bool:
        return self.ended_date is None and self.acknowledged_at is None
