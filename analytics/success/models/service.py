"""How customers were helped: tickets, contacts, and when somebody is there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.success.models.base import Fact
from surveys.models import Customer


class Ticket(Fact):
    """One request for help. Without a customer it counts in no segment."""

    class Flag(models.TextChoices):
        NONE = "", "–"
        SPAM = "spam", _("spam")
        MERGED = "merged", _("merged")
        OUTBOUND = "outbound", _("started by us")
        ABANDONED = "abandoned", _("given up")

    class Rating(models.TextChoices):
        NONE = "", _("not rated")
        GOOD = "good", _("good")
        BAD = "bad", _("bad")

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    requester = models.CharField(_("asked by"), max_length=120, blank=True, default="")
    issue = models.CharField(_("issue"), max_length=120, blank=True, default="")
    channel = models.CharField(_("channel"), max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"), db_index=True)
    first_reply_at = models.DateTimeField(_("first reply"), null=True, blank=True)
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)
    inbound_contacts = models.PositiveSmallIntegerField(_("contacts"), default=1)
    reopened = models.PositiveSmallIntegerField(_("reopened"), default=0)
    is_escalated = models.BooleanField(_("escalated"), default=False)
    is_other_department = models.BooleanField(_("other department"), default=False)
    flag = models.CharField(_("mark"), max_length=9, choices=Flag, blank=True, default="")
    rating = models.CharField(_("rating"), max_length=4, choices=Rating, blank=True, default="")
    rated_at = models.DateTimeField(_("rated"), null=True, blank=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.CheckConstraint(
                condition=Q(solved_at__isnull=True) | Q(solved_at__gte=F("opened_at")),
                name="ticket_solved_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(first_reply_at__isnull=True) | Q(first_reply_at__gte=F("opened_at")),
                name="ticket_reply_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(rating="", rated_at__isnull=True)
                | (~Q(rating="") & Q(rated_at__isnull=False) & Q(rated_at__gte=F("opened_at"))),
                name="ticket_rating_has_its_time",
            ),
        ]


class ContactLeg(Fact):
    """One agent's part of a contact; durations are seconds, `ended_at` is when wrap-up ended."""

    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    contact = models.CharField(_("contact"), max_length=120)
    ticket = models.CharField(_("ticket"), max_length=120, blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), db_index=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True, default="")
    talk_seconds = models.FloatField(_("talk"), default=0)
    hold_seconds = models.FloatField(_("hold"), default=0)
    wrap_seconds = models.FloatField(_("wrap-up"), default=0)
    is_abandoned = models.BooleanField(_("given up"), default=False)
    concurrency = models.PositiveSmallIntegerField(_("at the same time"), default=1)
    is_bot = models.BooleanField(_("machine"), default=False)

    class Meta:
        verbose_name = _("part of a contact")
        verbose_name_plural = _("parts of contacts")


class OpeningHours(models.Model):
    """When somebody is there: one span of a weekday (0 Monday .. 6 Sunday), local time."""

    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}–{self.closes}"


class Holiday(models.Model):
    """A local day on which nobody is there."""

    day = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["day"]

    def __str__(self) -> str:
        return str(self.day)
