"""Other systems that tell us when to ask: an order was delivered, a ticket was solved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.asking import Invitation
from surveys.models.survey import Survey


class Connector(models.Model):
    """One address a shop or help desk calls, and how its calls become askings.

    The signing secret is derived from `nonce` with a key that is not in the
    database (surveys.signatures). `mapping` is a surveys.events.Mapping as a
    document. Calls with a wrong signature are only counted: whoever sends
    them must not be able to fill a table.
    """

    class Scheme(models.TextChoices):
        STANDARD = "standard", _("Standard Webhooks: id, time and body are signed")
        BODY = "body", _("Body only, as WooCommerce and X-Hub-Signature-256 sign")

    name = models.CharField(_("name"), max_length=80)
    scheme = models.CharField(
        _("how calls are signed"), max_length=8, choices=Scheme, default=Scheme.STANDARD
    )
    public_id = models.CharField(max_length=24, unique=True, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="connectors")
    nonce = models.BinaryField(max_length=16, editable=False)
    key_id = models.CharField(max_length=1, editable=False)
    # After a new secret was made, the former one still opens for a while.
    former_nonce = models.BinaryField(max_length=16, null=True, editable=False)
    former_key_id = models.CharField(max_length=1, blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    mapping = models.JSONField(_("fields"), default=dict, blank=True)
    delay_hours = models.PositiveSmallIntegerField(_("ask after"), default=0)
    is_open = models.BooleanField(_("takes calls"), default=True)
    refused_count = models.PositiveIntegerField(default=0, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_reason = models.CharField(max_length=40, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("connector")
        verbose_name_plural = _("connectors")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ConnectorCall(models.Model):
    """One signed call: what became of it and why. Holds nothing of what it said about people.

    The same `event_id` again is the same call and asks nobody twice; one that
    was refused may come again. `once_key` is the other system's own number of
    the order or ticket, if a field for it is mapped: each asks at most once.
    """

    class Outcome(models.TextChoices):
        ASKED = "asked", _("asked")
        SKIPPED = "skipped", _("not asked")
        IGNORED = "ignored", _("not meant")
        REFUSED = "refused", _("refused")

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="calls")
    event_id = models.CharField(max_length=120)
    once_key = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(_("result"), max_length=7, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    repeats = models.PositiveIntegerField(_("came again"), default=0)
    received_at = models.DateTimeField(_("received"), db_index=True)

    class Meta:
        verbose_name = _("call of a connector")
        verbose_name_plural = _("calls of connectors")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["connector", "event_id"], name="connector_event_once"),
            models.UniqueConstraint(
                fields=["connector", "once_key"],
                condition=~Q(once_key=""),
                name="connector_subject_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="asked") | ~Q(reason=""), name="connector_call_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connector} {self.event_id}"
