"""Answers staff write once and use again, always as a draft."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from feedback.models.reading import Theme


class SavedAnswer(models.Model):
    """An own answer with what it is for; suggested beside what people say, never sent.

    It is for what all of `themes` (any one of them), `sentiment` and `tone` say; empty = whatever.
    Its text may have gaps such as {name} (see feedback.gaps).
    """

    LONGEST = 4000

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", _("positive words")
        NEUTRAL = "neutral", _("neutral words")
        NEGATIVE = "negative", _("negative words")
        MIXED = "mixed", _("mixed words")

    class Tone(models.TextChoices):
        """What the band of a score means, on every scale (surveys.scales.Band.tone)."""

        POSITIVE = "positive", _("a good score")
        NEUTRAL = "neutral", _("a middling score")
        NEGATIVE = "negative", _("a bad score")

    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=LONGEST)
    language = models.CharField(_("language"), max_length=5)
    themes = models.ManyToManyField(Theme, blank=True, related_name="+", verbose_name=_("themes"))
    sentiment = models.CharField(
        _("words"), max_length=8, choices=Sentiment, blank=True, default=""
    )
    tone = models.CharField(_("score"), max_length=8, choices=Tone, blank=True, default="")
    is_active = models.BooleanField(_("in use"), default=True)
    # Counted when a draft is copied or opened in a mail program, as far as the browser tells.
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    created_by = models.CharField(_("written by"), max_length=150, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    changed_by = models.CharField(_("changed by"), max_length=150, editable=False)
    changed_at = models.DateTimeField(_("last changed"), default=timezone.now, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["title", "language"], name="saved_answer_titled_once"),
            models.CheckConstraint(condition=~Q(text=""), name="saved_answer_says_something"),
            models.CheckConstraint(condition=~Q(language=""), name="saved_answer_has_a_language"),
            models.CheckConstraint(
                condition=Q(sentiment__in=["", "positive", "neutral", "negative", "mixed"]),
                name="saved_answer_sentiment_known",
            ),
            models.CheckConstraint(
                condition=Q(tone__in=["", "positive", "neutral", "negative"]),
                name="saved_answer_tone_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title
