"""Figures computed ahead for a large workspace, and what was told since."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models import Customer


class KeptFigure(models.Model):
    """What a metric's function returned for some days, and from which facts.

    `rules` stands for the definition, the conventions and the segment's
    conditions it was computed by: under others it is another figure. `result`
    is the Result, `drawn` the chart and the rows behind it by language, `told`
    how many rows of each kind were known: all of them texts of `freezing`.
    `is_page` is True where a page shows these days, which has `drawn`.
    """

    metric = models.CharField(max_length=60)
    segment = models.CharField(max_length=60, blank=True, default="")
    first_date = models.DateField()
    after_date = models.DateField()
    rules = models.CharField(max_length=64)
    result = models.TextField()
    drawn = models.TextField(blank=True, default="")
    told = models.TextField()
    computed_at = models.DateTimeField()
    is_page = models.BooleanField(default=False)
    # When a person last wanted it new.
    asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("kept figure")
        verbose_name_plural = _("kept figures")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "metric", "first_date", "after_date"], name="kept_figure_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.first_date}..{self.after_date}"


class FactsTold(models.Model):
    """How many rows of a kind were written so far, each change counted.

    Several rows a kind, so that calls which bring facts at the same time
    do not wait for one counter.
    """

    kind = models.CharField(max_length=40)
    part = models.PositiveSmallIntegerField()
    rows = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "part"], name="facts_told_one"),
            models.CheckConstraint(condition=models.Q(rows__gte=0), name="facts_told_count"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rows}"


class KeptAccount(models.Model):
    """Where an account of a large workspace stands among all, as last computed.

    `shown` is the band people go by, `told` how many rows of the kinds health is
    made of were known. What a row of the list says is computed when it is
    shown; this is what puts it there.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    mrr = models.DecimalField(max_digits=24, decimal_places=10, null=True)
    due_date = models.DateField(null=True)
    score = models.FloatField(null=True)
    shown = models.CharField(max_length=6, blank=True, default="")
    is_at_risk = models.BooleanField()
    told = models.BigIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("kept account")
        verbose_name_plural = _("kept accounts")
        indexes = [
            models.Index(fields=["is_at_risk", "-mrr"], name="kept_account_money"),
            models.Index(fields=["shown", "score"], name="kept_account_band"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.score}"
