"""Audiences asked to take a survey, and the rules that hold for all asking."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.people import Segment, Upload
from surveys.models.survey import Survey


class AskingRules(models.Model):
    """What holds for every survey: how often one person, and one customer, may be asked at all.

    One row; without it the defaults hold. 0 days or people means no such rule.
    """

    rest_days = models.PositiveSmallIntegerField(
        _("rest between asks of any survey, days"),
        default=0,
        help_text=_("After a mail of one survey no other survey asks the person sooner."),
    )
    customer_most = models.PositiveSmallIntegerField(
        _("people asked at one customer, at most"),
        default=0,
        help_text=_("Counted over all surveys, within the days below. 0: no limit."),
    )
    customer_days = models.PositiveSmallIntegerField(
        _("within days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    patience_days = models.PositiveSmallIntegerField(
        _("a resting person is waited for, days"),
        default=14,
        help_text=_("Whose rest ends within these days is asked then; who rests longer is not."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("rules of asking")
        verbose_name_plural = _("rules of asking")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="asking_rules_once"),
            models.CheckConstraint(
                condition=Q(customer_days__gte=1), name="asking_rules_customer_days"
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> AskingRules:
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Campaign(models.Model):
    """An audience asked to take a survey: once, or again and again in waves.

    A large audience is written down in batches: while `is_preparing`,
    contacts up to `cursor` (their id) have their invitation.

    With `every_days` it recurs: it holds no invitations itself, and every so
    many days a campaign of its own is made for its next wave (`wave_of`).
    """

    name = models.CharField(_("name"), max_length=120)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="campaigns")
    segment = models.ForeignKey(
        Segment, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("segment")
    )
    upload = models.ForeignKey(
        Upload, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("upload")
    )
    # surveys.audience.Audience as a document: who was meant, in the words of the form.
    audience = models.JSONField(default=dict, blank=True, editable=False)
    # One per confirm form: pressing its button twice makes one campaign.
    token = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    is_preparing = models.BooleanField(_("being prepared"), default=False, editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    audience_size = models.PositiveIntegerField(_("audience"), default=0)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)  # empty: at once
    spread_days = models.PositiveSmallIntegerField(_("spread over days"), default=0)
    is_morning = models.BooleanField(_("weekday mornings only"), default=False)
    every_days = models.PositiveSmallIntegerField(_("again every, days"), default=0)
    # Days after the mail on which somebody who has not answered is reminded, rising.
    reminder_days = models.JSONField(_("reminders after, days"), default=list, blank=True)
    wave_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="waves"
    )
    wave = models.PositiveIntegerField(_("wave"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["wave_of", "wave"],
                condition=Q(wave_of__isnull=False),
                name="campaign_wave_once",
            ),
            models.CheckConstraint(
                condition=Q(every_days=0) | Q(wave_of__isnull=True), name="campaign_wave_is_single"
            ),
        ]

    def __str__(self) -> str:
        return self.name
