"""What customers pay: subscriptions, terms, orders, trials; what keeping them costs."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.success.models.base import Currency, CustomerFact, Fact, Money
from surveys.models import Customer


class SubscriptionState(models.Model):
    """How one subscription stands from `at` on, until its next state.

    The history of a subscription is its states in order, so spells cannot
    overlap. `amount` is per unit and charge including `tax`; `discount` is a
    share of it, `discount_amount` money off the whole charge; `monthly` is
    what it adds to MRR in its own currency. `until` and `monthly` are derived
    when rows come in.
    """

    class Status(models.TextChoices):
        TRIALING = "trialing", _("trial")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("past due")
        UNPAID = "unpaid", _("unpaid")
        PAUSED = "paused", _("paused")
        CANCELLED = "cancelled", _("cancelled")

    class Interval(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    external_id = models.CharField(_("subscription"), max_length=120)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("customer")
    )
    at = models.DateTimeField(_("from"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    plan = models.CharField(_("plan"), max_length=120, blank=True, default="")
    amount = Money(_("amount"), default=Decimal(0))
    currency = Currency(_("currency"))
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    interval = models.CharField(
        _("interval"), max_length=5, choices=Interval, default=Interval.MONTH
    )
    interval_count = models.PositiveSmallIntegerField(_("intervals a charge"), default=1)
    tax = Money(_("tax"), default=Decimal(0))
    discount = models.DecimalField(
        _("discount"), max_digits=7, decimal_places=6, default=Decimal(0)
    )
    discount_amount = Money(_("discount as an amount"), default=Decimal(0))
    is_forever = models.BooleanField(_("discount for good"), default=False)
    is_metered = models.BooleanField(_("metered"), default=False)
    cause = models.CharField(_("reason"), max_length=200, blank=True, default="")
    cancel_requested_at = models.DateTimeField(_("cancellation asked"), null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True, editable=False)
    monthly = models.DecimalField(
        max_digits=24, decimal_places=10, default=Decimal(0), editable=False
    )
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("subscription state")
        verbose_name_plural = _("subscription states")
        ordering = ["external_id", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "at"], name="subscription_state_one_per_instant"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=1), name="subscription_discount_share"
            ),
            models.CheckConstraint(
                condition=Q(discount_amount__gte=0), name="subscription_discount_amount"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, tax__gte=0, tax__lte=F("amount")),
                name="subscription_tax_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(interval_count__gte=1), name="subscription_interval_count"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("at")), name="subscription_until"
            ),
        ]
        indexes = [models.Index(fields=["customer", "at"], name="subscription_customer")]

    def __str__(self) -> str:
        return f"{self.external_id} {self.status}"


class Term(CustomerFact):
    """One contract term; `due_date` is its last covered local day.

    Terms of one subscription do not overlap.
    """

    subscription = models.CharField(
        _("subscription"), max_length=120, blank=True, default="", db_index=True
    )
    first_date = models.DateField(_("first day"), null=True, blank=True)
    due_date = models.DateField(_("due"), db_index=True)
    amount = Money(_("amount due"))
    currency = Currency(_("currency"))
    renewed_date = models.DateField(_("renewed"), null=True, blank=True)
    amount_renewed = Money(_("amount renewed"), null=True, blank=True)
    cancelled_date = models.DateField(_("cancelled"), null=True, blank=True)
    is_refunded = models.BooleanField(_("refunded"), default=False)
    is_monthly = models.BooleanField(_("renews every month"), default=False)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_date__isnull=True) | Q(due_date__gte=F("first_date")),
                name="term_due_after_start",
            )
        ]


class Order(CustomerFact):
    """One order of a checkout; `amount` is net of tax and shipping."""

    class Status(models.TextChoices):
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")
        REFUNDED = "refunded", _("refunded")
        TEST = "test", _("test")

    checkout = models.CharField(_("checkout"), max_length=120)
    placed_at = models.DateTimeField(_("placed"), db_index=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PAID)
    amount = Money(_("amount"))
    currency = Currency(_("currency"))
    refund = Money(_("refunded"), default=Decimal(0))
    serving_cost = Money(_("cost of serving"), default=Decimal(0))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")


class Trial(CustomerFact):
    """A free trial and the first payment after it."""

    started_at = models.DateTimeField(_("started"), db_index=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    first_paid_at = models.DateTimeField(_("first paid"), null=True, blank=True)
    amount = Money(_("first payment"), default=Decimal(0))
    is_refunded = models.BooleanField(_("refunded"), default=False)

    class Meta:
        verbose_name = _("trial")
        verbose_name_plural = _("trials")


class Cost(Fact):
    """Money spent over the local days first..last, for keeping customers or winning new ones.

    The two shares never add up to more than the whole; the rest was for neither.
    """

    category = models.CharField(_("category"), max_length=80)
    amount = Money(_("amount"))
    currency = Currency(_("currency"))
    retention_share = models.DecimalField(
        _("share for keeping customers"), max_digits=7, decimal_places=6, default=Decimal(1)
    )
    acquisition_share = models.DecimalField(
        _("share for winning customers"),
        max_digits=7,
        decimal_places=6,
        default=Decimal(0),
        db_default=Decimal(0),
    )
    first_date = models.DateField(_("first day"))
    last_date = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")), name="cost_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(retention_share__gte=0, retention_share__lte=1), name="cost_share"
            ),
            models.CheckConstraint(
                condition=Q(acquisition_share__gte=0)
                & Q(acquisition_share__lte=1 - F("retention_share")),
                name="cost_is_spent_once",
            ),
        ]


class ExchangeRate(models.Model):
    """What one unit of `currency` was worth in `to_currency` from a day on."""

    day = models.DateField(_("day"))
    currency = Currency(_("from"))
    to_currency = Currency(_("to"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "currency", "to_currency"], name="exchange_rate_once_a_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}/{self.to_currency}"
