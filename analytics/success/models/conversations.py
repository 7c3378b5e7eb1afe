"""Support conversations: what was said, what was read in it, and the model that predicts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.success.models.base import Fact
from surveys.models import Customer


class ConversationMessage(Fact):
    """One message of a ticket, or that it was solved or reopened (then without words)."""

    class Who(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        AGENT = "agent", _("agent")

    class Event(models.TextChoices):
        MESSAGE = "", _("message")
        SOLVED = "solved", _("solved")
        REOPENED = "reopened", _("reopened")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("customer"),
    )  # fmt: skip
    ticket = models.CharField(_("ticket"), max_length=120)
    at = models.DateTimeField(_("when"))
    who = models.CharField(_("who"), max_length=8, choices=Who)
    event = models.CharField(_("event"), max_length=8, choices=Event, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")

    class Meta:
        verbose_name = _("message of a conversation")
        verbose_name_plural = _("messages of conversations")
        indexes = [models.Index(fields=["ticket", "at"], name="message_of_ticket")]


class SatisfactionModel(models.Model):
    """A trained model with its proof. Never changed; the newest one that may be used predicts.

    `coefficients` and `means` are by feature; `evaluation` is how it did on
    newer conversations it had not seen. `doubts` says why it may not be used,
    [] = it may. No text of anybody is in here.
    """

    trained_at = models.DateTimeField(_("trained"), auto_now_add=True)
    rated = models.PositiveIntegerField(_("rated conversations"))
    rarer = models.PositiveIntegerField(_("of the rarer kind"))
    intercept = models.FloatField(default=0)
    coefficients = models.JSONField(default=dict)
    means = models.JSONField(default=dict)
    evaluation = models.JSONField(default=dict)
    doubts = models.JSONField(default=list)
    reader_version = models.CharField(max_length=40, blank=True, default="")
    disabled_at = models.DateTimeField(_("switched itself off"), null=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("model of satisfaction")
        verbose_name_plural = _("models of satisfaction")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_usable(self) -> bool:
        return not self.doubts and self.disabled_at is None


class Conversation(models.Model):
    """What is derived of one ticket's messages; recomputed whenever they change.

    `is_satisfied` is what the customer measured (None: not rated), everything
    from `probability` on is predicted; neither ever stands in for the other.
    `due` counts changes, `seen` those that are computed. `course` is one entry
    for each message of the customer: [message id, polarity, probability].
    """

    ticket = models.CharField(_("ticket"), max_length=120, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("customer")
    )
    is_demo = models.BooleanField(default=False, editable=False)
    due = models.PositiveIntegerField(default=1)
    seen = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(_("last message of the customer"), null=True)
    is_resolved = models.BooleanField(default=False)
    is_satisfied = models.BooleanField(_("rated satisfied"), null=True)
    rated_at = models.DateTimeField(_("rated"), null=True)
    features = models.JSONField(default=dict)
    course = models.JSONField(default=list)
    reason = models.CharField(max_length=30, blank=True, default="")
    probability = models.FloatField(null=True)
    decision = models.CharField(max_length=12, blank=True, default="")
    contributions = models.JSONField(default=dict)
    model = models.ForeignKey(
        SatisfactionModel, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    rules = models.JSONField(default=list)
    # Once in a conversation's life; only `cleared_at` may change afterwards.
    alerted_at = models.DateTimeField(_("supervisor told"), null=True)
    alerted_by = models.CharField(max_length=5, blank=True, default="")  # "model" or "rules"
    cleared_at = models.DateTimeField(_("better since"), null=True)
    handled_at = models.DateTimeField(_("looked at"), null=True)
    handled_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__gte=0, probability__lte=1),
                name="conversation_probability_range",
            ),
        ]
        indexes = [
            models.Index(fields=["-last_at"], name="conversation_newest"),
            models.Index(
                fields=["alerted_at"],
                condition=Q(alerted_at__isnull=False, handled_at__isnull=True),
                name="conversation_alerts",
            ),
            models.Index(
                fields=["id"], condition=~Q(seen=models.F("due")), name="conversation_due"
            ),
        ]

    def __str__(self) -> str:
        return self.ticket
