"""What customers do: usage events, what they are entitled to, whom they bring."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.success.models.base import CustomerFact, Fact
from surveys.models import Customer


class ProductUser(Fact):
    """A person who uses the product, under the product's own id of them.

    Nobody needs to be known here for their events to count; who is internal
    (staff, bots, tests) keeps all of theirs out.
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    created_at = models.DateTimeField(_("since"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=80, blank=True, default="")
    language = models.CharField(_("language"), max_length=20, blank=True, default="")
    zone = models.CharField(_("time zone"), max_length=60, blank=True, default="")
    is_internal = models.BooleanField(_("internal"), default=False, db_index=True)

    class Meta:
        verbose_name = _("user of the product")
        verbose_name_plural = _("users of the product")


class UsageEvent(Fact):
    """A person did something in the product; only core events make an active user.

    `user` is the product's own id of the person, `day` the workspace's day of `at`.
    A rage click or an error is friction: it says where somebody struggled and is
    part of no figure of use.
    """

    class Kind(models.TextChoices):
        USE = "", _("use")
        RAGE_CLICK = "rage-click", _("rage click")
        ERROR = "error", _("error")

    user = models.CharField(_("user"), max_length=120)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    at = models.DateTimeField(_("at"))
    day = models.DateField(editable=False)
    name = models.CharField(_("event"), max_length=80)
    feature = models.CharField(_("feature"), max_length=80, blank=True, default="")
    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind.choices, blank=True, default=Kind.USE
    )
    page = models.CharField(_("page"), max_length=120, blank=True, default="")
    is_core = models.BooleanField(_("core event"), default=True)
    is_internal = models.BooleanField(_("internal"), default=False)

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        indexes = [
            models.Index(fields=["day", "user", "customer"], name="usage_event_user_day"),
            models.Index(fields=["feature", "day"], name="usage_event_feature"),
            models.Index(fields=["at"], name="usage_event_at"),
            models.Index(fields=["day"], condition=~Q(kind=""), name="usage_event_friction"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="") | Q(kind__in=("rage-click", "error"), is_core=False),
                name="usage_event_friction_is_no_core",
            )
        ]


class Entitlement(CustomerFact):
    """What a customer may use, for how many seats; an empty feature is the whole product."""

    feature = models.CharField(_("feature"), max_length=80, blank=True, default="")
    first_date = models.DateField(_("first day"))
    last_date = models.DateField(_("last day"), null=True, blank=True)
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__isnull=True) | Q(last_date__gte=F("first_date")),
                name="entitlement_ends_after_start",
            )
        ]


class Referral(Fact):
    """Somebody named a person; without a customer it came from no customer of ours."""

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("referred by"),
    )
    referred = models.CharField(_("person referred"), max_length=254)
    at = models.DateTimeField(_("at"), db_index=True)
    converted_at = models.DateTimeField(_("converted"), null=True, blank=True)
    is_customer_already = models.BooleanField(_("was a customer before"), default=False)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
