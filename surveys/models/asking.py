"""One contact asked once, reminders of it, and who must not be asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.campaigns import Campaign
from surveys.models.people import Contact
from surveys.models.sharing import ShareLink
from surveys.models.survey import Survey
from surveys.reasons import words


class Invitation(models.Model):
    """One contact asked once; holds the link. The states of a campaign add up to its audience.

    Every response has exactly one invitation, also imported and anonymous
    ones (channel says so), so that "one response per invitation" is a plain
    NOT NULL unique key without a hole.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        LINK = "link", _("Share link")
        WIDGET = "widget", _("Widget")
        API = "api", _("API")
        IMPORT = "import", _("Import")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        HANDED = "handed", _("handed over")
        SENT = "sent", _("sent")
        DOUBTFUL = "doubtful", _("doubtful")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        SKIPPED = "skipped", _("skipped")
        CANCELLED = "cancelled", _("cancelled")
        OPEN = "open", _("open")  # no mail is involved: share link, API answer, import

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    share_link = models.ForeignKey(
        ShareLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.EMAIL)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    # The link is derived from `nonce` with a key that is not in the database
    # (surveys.tokens), so a reminder can repeat it and a dump cannot open it.
    nonce = models.BinaryField(max_length=16)
    key_id = models.CharField(max_length=1)
    token_hash = models.BinaryField(max_length=32, unique=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    send_at = models.DateTimeField(_("to be sent"), null=True, blank=True)  # empty: at once
    # Somebody who rests is waited for until then; empty: not at all.
    give_up_at = models.DateTimeField(_("waited for until"), null=True, blank=True)
    handed_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    opened_at = models.DateTimeField(_("link first opened"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    expires_at = models.DateTimeField(_("link open until"))

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["survey", "sent_at"], name="invitation_survey_sent"),
            models.Index(fields=["campaign", "state"], name="invitation_campaign_state"),
            # Was this contact asked by this survey? Without statistics SQLite would walk
            # through all invitations of the survey for every contact.
            models.Index(fields=["contact", "survey", "sent_at"], name="invitation_contact_asked"),
            # The outbox screen's counts: few rows, whatever the number of mails sent.
            models.Index(
                fields=["state", "id"],
                condition=Q(channel="email") & ~Q(state="sent"),
                name="invitation_not_sent",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contact"],
                condition=Q(campaign__isnull=False, contact__isnull=False),
                name="invitation_once_per_campaign",
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(reason=""), name="invitation_skip_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.pk}"

    @property
    def rest_days(self) -> int:
        """Return the days between two asks of this survey; its waves may lie further apart."""
        series = self.campaign.wave_of if self.campaign else None
        return max(self.survey.rest_days, series.every_days if series else 0)

    @property
    def reason_words(self) -> str:
        return words(self.reason)


class Reminder(models.Model):
    """One more mail about an invitation that was sent and not answered; each step once.

    A row is made when the step is due. `step`: 1 for the first of the ladder.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        HANDED = "handed", _("handed over")
        SENT = "sent", _("sent")
        DOUBTFUL = "doubtful", _("doubtful")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        STOPPED = "stopped", _("not needed")

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="reminders")
    step = models.PositiveSmallIntegerField(_("step"))
    is_last = models.BooleanField(default=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    handed_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["invitation", "step"], name="reminder_step_once"),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(reason=""), name="reminder_stop_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id}/{self.step}"

    @property
    def reason_words(self) -> str:
        return words(self.reason)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> SuppressionQuerySet:
        return self.filter(lifted_at__isnull=True)

    def everywhere(self) -> SuppressionQuerySet:
        """Return those in force that stop all survey mail."""
        return self.in_force().filter(survey__isnull=True)

    def against(self, survey: object) -> SuppressionQuerySet:
        """Return those in force that stop mail of one survey (a survey, an id or an OuterRef)."""
        return self.in_force().filter(Q(survey__isnull=True) | Q(survey=survey))


class Suppression(models.Model):
    """An address that gets no mail of one survey, or (no survey) of any; why, and who said so.

    Lifted, never deleted.
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("address does not exist")
        COMPLAINED = "complained", _("marked as spam")
        BY_STAFF = "by_staff", _("by staff")

    email = models.EmailField(_("e-mail"), max_length=254)
    survey = models.ForeignKey(
        Survey,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("survey"),
        help_text=_("Empty: no survey mail at all."),
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    source = models.CharField(_("how"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=150, blank=True)
    lifted_why = models.CharField(_("why lifted"), max_length=200, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(lifted_at__isnull=True, survey__isnull=True),
                name="suppression_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["email", "survey"],
                condition=Q(lifted_at__isnull=True, survey__isnull=False),
                name="suppression_once_per_survey",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_reason_display()})"
