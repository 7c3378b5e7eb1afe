"""What people said. Never edited by staff; people may revise, and every revision is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Choice, Contact, Customer, Invitation, Question, Survey, Wording
from surveys.models.survey import TOUCHPOINT_LONGEST
from surveys.scales import Scale


class Response(models.Model):
    """A whole submission: exactly one per invitation, whatever is posted in parallel."""

    class Standing(models.TextChoices):
        COUNTED = "counted", _("counted")
        QUARANTINED = "quarantined", _("held as a machine's")

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="response")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses"
    )
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    score = models.SmallIntegerField(_("score"))
    comment = models.TextField(_("comment"), blank=True)
    language = models.CharField(_("page language"), max_length=5, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Invitation.Channel)
    # Where in the journey it was asked, as it was called then: the property "touchpoint" of the
    # invitation (a share link, a connector, a call), else the survey's.
    touchpoint = models.CharField(
        _("touchpoint"), max_length=TOUCHPOINT_LONGEST, blank=True, default="", db_default=""
    )
    # The contact's properties at the moment of answering: segments of old
    # answers do not move when a contact changes plan.
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    standing = models.CharField(
        _("standing"), max_length=11, choices=Standing, default=Standing.COUNTED
    )
    # Why it is held (codes of feedback.evidence, with commas between), and who decided its
    # standing: empty for the rules, whose decision a person's outlives.
    held_reasons = models.CharField(
        _("held because"), max_length=120, blank=True, default="", db_default=""
    )
    standing_by = models.CharField(
        _("standing decided by"), max_length=150, blank=True, default="", db_default=""
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    submitted_at = models.DateTimeField(_("answered"))
    # The local day of `submitted_at` in the workspace's zone; tallies are per day.
    submitted_date = models.DateField(_("day"))
    revised_at = models.DateTimeField(_("revised"), null=True, blank=True)
    # What the system an answer comes from calls it: importing it twice stores it once.
    external_id = models.CharField(
        _("external id"), max_length=120, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["-submitted_at", "-id"]
        indexes = [
            models.Index(F("submitted_at").desc(), F("id").desc(), name="response_newest"),
            models.Index(fields=["survey", "submitted_date"], name="response_survey_day"),
            models.Index(
                F("survey"), F("submitted_at").desc(), F("id").desc(), name="response_survey_newest"
            ),
            models.Index(
                fields=["revised_at"],
                condition=Q(revised_at__isnull=False),
                name="response_revised",
            ),
            models.Index(
                fields=["-submitted_at"],
                condition=Q(standing="quarantined"),
                name="response_held",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=["counted", "quarantined"]), name="response_standing_known"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=10), name="response_score_in_range"
            ),
            models.UniqueConstraint(
                fields=["survey", "external_id"],
                condition=~Q(external_id=""),
                name="response_external_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.score}"

    @property
    def scale(self) -> Scale:
        return self.survey.scale


class Revision(models.Model):
    """What a response said before the person changed it."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(_("version"))
    score = models.SmallIntegerField(_("score"))
    comment = models.TextField(_("comment"), blank=True)
    answers = models.JSONField(_("answers"), default=list)
    created_at = models.DateTimeField(_("replaced"), auto_now_add=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["response", "version"]
        constraints = [
            models.UniqueConstraint(fields=["response", "version"], name="revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} v{self.version}"


class Answer(models.Model):
    """What a response says to one additional question: a text, a number or one choice.

    Many choices are many rows.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    choice = models.ForeignKey(
        Choice, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    number = models.SmallIntegerField(_("number"), null=True, blank=True)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question"],
                condition=Q(choice__isnull=True),
                name="answer_once_per_question",
            ),
            models.UniqueConstraint(
                fields=["response", "question", "choice"],
                condition=Q(choice__isnull=False),
                name="answer_once_per_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}/{self.question_id}"


class LinkOpen(models.Model):
    """Evidence: somebody or something fetched the link. Never a vote."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="opens")
    method = models.CharField(max_length=8)
    score = models.SmallIntegerField(null=True, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("link opened")
        verbose_name_plural = _("links opened")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.method} {self.invitation_id}"
