"""Append-only records behind the decision whether an answer is a person's."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.models.response import Response
from feedback.models.walk import Walk
from surveys.models import Invitation


class Submit(models.Model):
    """One post to a link, and how the rules judged it. Also what a post could not change is kept.

    `trace` is a feedback.evidence.Trace, so history can be judged again by
    newer rules. `network` is a keyed hash, never an address.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="submits")
    score = models.SmallIntegerField()
    verdict = models.CharField(max_length=7)
    reasons = models.CharField(max_length=120)
    rules = models.PositiveSmallIntegerField()
    trace = models.JSONField()
    network = models.CharField(max_length=24)
    # False: a held post to an answer a person had given; it changed nothing.
    is_in_force = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("post to a link")
        verbose_name_plural = _("posts to links")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.verdict}"


class StandingChange(models.Model):
    """Who held an answer or counted it, when and why. `by` is empty for the rules."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="standing_changes"
    )
    standing = models.CharField(max_length=11, choices=Response.Standing)
    by = models.CharField(max_length=150, blank=True)
    reasons = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("change of standing")
        verbose_name_plural = _("changes of standing")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.response_id} {self.standing}"


class Rejudging(Walk):
    """History judged again by newer rules: looked at first (`is_applied` False), then done.

    `done`: answers judged, `changed`: those that the rules treat otherwise now,
    `decided`: those that staff settled, which stay. `by_survey`: survey id ->
    [answers judged, held before, held after]; `by_reason`: code -> answers newly
    held for it; `freed`: answers that count now.
    """

    rules = models.PositiveSmallIntegerField(_("version of the rules"))
    is_applied = models.BooleanField(_("applied"), default=False)
    decided = models.PositiveIntegerField(_("decided by staff"), default=0)
    freed = models.PositiveIntegerField(_("counted after all"), default=0)
    by_survey = models.JSONField(default=dict)
    by_reason = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("re-judging")
        verbose_name_plural = _("re-judgings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"rules {self.rules}"
