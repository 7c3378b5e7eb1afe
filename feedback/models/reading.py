"""What we read in a comment: derived, versioned, recomputable."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.models.response import Response


class Theme(models.Model):
    """A subject comments are about, with the words it is recognised by."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    words = models.JSONField(
        _("words"), default=list, blank=True, help_text=_("With all their forms.")
    )
    stems = models.JSONField(_("beginnings of words"), default=list, blank=True)
    phrases = models.JSONField(_("phrases"), default=list, blank=True)
    exclusions = models.JSONField(_("not when it says"), default=list, blank=True)
    is_seeded = models.BooleanField(_("came with Verbatim"), default=False, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Sentiment(models.TextChoices):
    POSITIVE = "positive", _("positive")
    NEUTRAL = "neutral", _("neutral")
    NEGATIVE = "negative", _("negative")
    MIXED = "mixed", _("mixed")
    UNSCORED = "unscored", _("unscored")


class Reading(models.Model):
    """The reading of one response's comment by one version of the reader.

    `sentiment` is what counts: a person's verdict if there is one (see
    Verdict), else what was read. `read_sentiment` always keeps what was read.
    """

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, related_name="reading", primary_key=True
    )
    version = models.CharField(_("reader version"), max_length=40)
    response_version = models.PositiveIntegerField(default=1)
    language = models.CharField(_("language"), max_length=5, blank=True)
    sentiment = models.CharField(_("sentiment"), max_length=8, choices=Sentiment)
    read_sentiment = models.CharField(_("as read"), max_length=8, choices=Sentiment)
    reason = models.CharField(_("why unscored"), max_length=24, blank=True)
    compound = models.FloatField(_("compound"), null=True, blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    clauses = models.JSONField(
        default=list, blank=True
    )  # [[start, end, sentiment], …] to underline
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.CheckConstraint(
                condition=Q(compound__isnull=True) | Q(compound__gte=-1.0, compound__lte=1.0),
                name="reading_compound_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(read_sentiment="unscored") | ~Q(reason=""),
                name="reading_unscored_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.sentiment}"


class Emotion(models.Model):
    """One emotion recognised in a comment; a comment may have several or none."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="emotions")
    name = models.CharField(_("emotion"), max_length=24)

    class Meta:
        verbose_name = _("emotion")
        verbose_name_plural = _("emotions")
        constraints = [
            models.UniqueConstraint(fields=["response", "name"], name="emotion_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Mention(models.Model):
    """One comment touching one theme, with the sentiment of the clause it stands in.

    `start` and `end` are character offsets into the comment.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="mentions")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    sentiment = models.CharField(_("sentiment"), max_length=8, choices=Sentiment)
    compound = models.FloatField(_("compound"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint(fields=["response", "theme", "start"], name="mention_once"),
        ]

    def __str__(self) -> str:
        return f"{self.theme_id} in {self.response_id}"
