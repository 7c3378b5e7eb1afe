"""Open doors: a share link (also as a QR code) or a widget, answered by people we do not know."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from surveys.models.survey import Survey


class ShareLink(models.Model):
    """One place where anybody may answer, with limits of its own.

    `properties` are facts of the place; they travel with each answer.
    `answers` counts them and never passes `most_answers`.
    """

    class Channel(models.TextChoices):
        LINK = "link", _("Share link")
        WIDGET = "widget", _("Widget")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="share_links")
    channel = models.CharField(_("kind"), max_length=8, choices=Channel, default=Channel.LINK)
    code = models.CharField(max_length=16, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    is_open = models.BooleanField(_("takes answers"), default=True)
    is_once = models.BooleanField(_("one answer per browser"), default=True)
    per_hour = models.PositiveSmallIntegerField(_("answers an hour from one network"), default=30)
    most_answers = models.PositiveIntegerField(_("answers at most"), null=True, blank=True)
    answers = models.PositiveIntegerField(_("answers"), default=0, editable=False)
    # Widgets only: where it may stand, what its button says, when it opens by itself.
    origins = models.JSONField(_("websites"), default=list, blank=True)
    label = models.CharField(_("text of the button"), max_length=40, blank=True)
    opens_after = models.PositiveSmallIntegerField(
        _("opens by itself after"), null=True, blank=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_answer_at = models.DateTimeField(_("last answer"), null=True, editable=False)

    class Meta:
        verbose_name = _("share link")
        verbose_name_plural = _("share links")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most_answers__isnull=True) | Q(answers__lte=F("most_answers")),
                name="share_link_keeps_its_cap",
            ),
            models.CheckConstraint(condition=Q(per_hour__gte=1), name="share_link_has_a_rate"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_widget(self) -> bool:
        return self.channel == self.Channel.WIDGET

    @property
    def is_full(self) -> bool:
        return self.most_answers is not None and self.answers >= self.most_answers
