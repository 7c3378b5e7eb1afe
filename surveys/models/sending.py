"""What sending remembers: the pace per domain, what came back, and when it was stopped."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.asking import Campaign, Invitation


class MailDomain(models.Model):
    """How far ahead one recipient domain is booked, for all workers together (surveys.pace).

    Both are seconds since 1970 by the database's clock: the next free moment
    for a mail, and the end of the queue of those that were put off.
    """

    name = models.CharField(max_length=255, unique=True)
    free_at = models.FloatField(default=0)
    queue_until = models.FloatField(default=0)

    class Meta:
        verbose_name = _("mail domain")
        verbose_name_plural = _("mail domains")

    def __str__(self) -> str:
        return self.name


class MailEvent(models.Model):
    """Something a mail server, provider or mailbox said about a mail. Append-only.

    `event_id` is the sender's own id for it, so that a repeated report is one
    row and has one effect.
    """

    class Kind(models.TextChoices):
        BOUNCED = "bounced", _("address does not exist")
        RETURNED = "returned", _("came back")  # this mail, this time: a full mailbox, a filter
        COMPLAINED = "complained", _("marked as spam")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        DELIVERED = "delivered", _("delivered")
        DELAYED = "delayed", _("delayed")

    event_id = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    source = models.CharField(_("said by"), max_length=60)
    said = models.CharField(_("words"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("mail event")
        verbose_name_plural = _("mail events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "created_at"], name="mail_event_kind"),
            models.Index(fields=["email", "kind"], name="mail_event_email"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.source})"


class SendingStop(models.Model):
    """Sending was stopped: one campaign, or (no campaign) everything.

    Either too much came back, or a person paused the campaign.

    Lifted by a person only; who did it and when stays on record.
    """

    class Cause(models.TextChoices):
        BOUNCES = "bounces", _("too many mails came back")
        COMPLAINTS = "complaints", _("too many people marked a mail as spam")
        PAUSED = "paused", _("paused by staff")

    EVERYTHING = "everything"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="stops"
    )
    scope = models.CharField(max_length=40)  # "campaign:7" or EVERYTHING; NOT NULL for the key
    cause = models.CharField(_("because"), max_length=10, choices=Cause)
    mailed = models.PositiveIntegerField(_("mails"))
    bad = models.PositiveIntegerField(_("of them bad"))
    created_at = models.DateTimeField(_("stopped"), auto_now_add=True)
    stopped_by = models.CharField(_("stopped by"), max_length=150, blank=True, default="")
    resumed_at = models.DateTimeField(_("resumed"), null=True, blank=True)
    resumed_by = models.CharField(_("resumed by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("stop of sending")
        verbose_name_plural = _("stops of sending")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(resumed_at__isnull=True),
                name="sending_stop_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign or _('everything')}: {self.get_cause_display()}"


class Outage(models.Model):
    """A server that asking stands on and that does not answer now; gone once it does again."""

    class Service(models.TextChoices):
        MAIL_SERVER = "mail_server", _("mail server")
        BOUNCE_MAILBOX = "bounce_mailbox", _("mailbox of bounces")

    service = models.CharField(_("what"), max_length=14, choices=Service, unique=True)
    error = models.CharField(_("error"), max_length=400)
    since = models.DateTimeField(_("since"))
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")

    def __str__(self) -> str:
        return f"{self.get_service_display()}: {self.error}"


class UnreadReport(models.Model):
    """A mail of the bounce mailbox that could not be read; it is kept there, flagged."""

    digest = models.CharField(max_length=40, unique=True)
    error = models.CharField(_("error"), max_length=300)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("unreadable report")
        verbose_name_plural = _("unreadable reports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.error
