from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.success.models.base import Currency


class Conventions(models.Model):
    """Where tools disagree, what this workspace chose. One row at most; none is the defaults."""

    base_currency = Currency(
        _("currency of all totals"),
        blank=True,
        default="",
        help_text=_("Empty: the currency most subscriptions are in."),
    )
    gross_margin = models.DecimalField(
        _("gross margin"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 to 1. Without it, lifetime value is revenue, not profit."),
    )
    lifespan_months = models.PositiveSmallIntegerField(
        _("months a customer stays, for the simple lifetime value"),
        null=True,
        blank=True,
        help_text=_("Empty: one divided by the churn of a month, at most 60."),
    )
    discount_rate = models.DecimalField(
        _("discount rate a year"),
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.1"),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 to 1. What money a year from now is worth less."),
    )
    is_churn_at_request = models.BooleanField(
        _("a customer is lost when they ask to cancel"),
        default=False,
        help_text=_("Otherwise on the day the cancellation takes effect."),
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace to renew"), default=30)
    has_monthly_renewals = models.BooleanField(
        _("terms that renew every month count in the renewal rate"), default=True
    )
    is_refunded_purchase = models.BooleanField(
        _("a fully refunded order still counts as a purchase"),
        default=False,
        help_text=_(
            "For repeat purchase. Lifetime value is less by every refund, whole or in part."
        ),
    )
    trial_days = models.PositiveSmallIntegerField(_("days a trial has to convert"), default=30)
    contact_days = models.PositiveSmallIntegerField(
        _("days without a follow-up that make it solved"), default=7
    )
    is_abandoned_contact = models.BooleanField(
        _("giving up in the queue counts as a contact"), default=False
    )
    is_escalation_solved = models.BooleanField(
        _("an escalated ticket can be solved at first contact"), default=False
    )
    is_other_department_contact = models.BooleanField(
        _("a contact with another department counts"), default=True
    )
    is_mail_hour = models.BooleanField(
        _("mail must be solved within one business hour"), default=False
    )
    adoption_days = models.PositiveSmallIntegerField(_("days to adopt a feature"), default=30)
    first_reply_hours = models.PositiveSmallIntegerField(_("target of the first reply"), default=8)
    resolution_hours = models.PositiveSmallIntegerField(_("target of the solution"), default=48)

    class Meta:
        verbose_name = _("conventions")
        verbose_name_plural = _("conventions")

    def __str__(self) -> str:
        return str(_("Conventions"))


def conventions_in_force() -> Conventions:
    """Return the stored conventions, or the defaults (unsaved)."""
    return Conventions.objects.order_by("pk").first() or Conventions()
