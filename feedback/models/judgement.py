"""What people teach the reader: verdicts on single readings, own words, themes accepted."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from feedback.models.response import Response
from feedback.models.walk import Walk


class Verdict(models.Model):
    """A person's word on one thing that was read in one comment; outlives every re-reading.

    `said` is what the person says, `read` what the reader had said at that
    moment: equal means confirmed. Sentiment: a label, or "unclear" where a
    person who was asked could not tell either. Theme and emotion: "yes" or
    "no" for the `key` (theme's short name, emotion). Mention: a label for how
    the comment speaks of the theme `key`. Language: a code.

    It is in force while the comment says the words that were judged
    (`comment_digest`); a comment that is rewritten is read afresh, and one
    that is put back finds its verdict again.
    """

    class What(models.TextChoices):
        SENTIMENT = "sentiment", _("sentiment")
        THEME = "theme", _("theme")
        MENTION = "mention", _("sentiment of a theme")
        EMOTION = "emotion", _("emotion")
        LANGUAGE = "language", _("language")

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="verdicts")
    what = models.CharField(_("about"), max_length=9, choices=What)
    key = models.CharField(max_length=60, blank=True, default="")
    said = models.CharField(_("says"), max_length=8)
    read = models.CharField(_("was read as"), max_length=8)
    reader_version = models.CharField(max_length=40)
    comment_digest = models.CharField(max_length=16, default="")
    # A comment drawn at random for checking counts towards the installation's
    # accuracy; one corrected because it caught the eye does not.
    is_sampled = models.BooleanField(_("drawn at random"), default=False)
    by = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["response", "what", "key"], name="verdict_once"),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.what} {self.key}: {self.said}"


class OwnWord(models.Model):
    """A word or phrase whose weight this installation sets itself.

    `weight` as in VADER's lexicon: -4 (very bad) to 4 (very good), 0 = no
    feeling. It takes effect when it is applied: `applied_weight` is the one in
    force, None where there is none yet.
    """

    text = models.CharField(_("word"), max_length=60, unique=True)
    weight = models.FloatField(
        _("weight"), validators=[MinValueValidator(-4.0), MaxValueValidator(4.0)]
    )
    applied_weight = models.FloatField(_("weight in force"), null=True, editable=False)
    created_by = models.CharField(_("by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("own word")
        verbose_name_plural = _("own words")
        ordering = ["text"]
        constraints = [
            models.CheckConstraint(condition=Q(text=Lower("text")), name="own_word_lower_case"),
            models.CheckConstraint(
                condition=Q(weight__gte=-4.0, weight__lte=4.0), name="own_word_weight_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} {self.weight:+g}"

    @property
    def is_waiting(self) -> bool:
        return self.applied_weight != self.weight


class Rereading(Walk):
    """History read again after words or themes changed.

    `shares_before` is counted when a worker begins.
    """

    reason = models.CharField(_("because"), max_length=200)
    total = models.PositiveIntegerField(_("comments"), default=0)
    done = models.PositiveIntegerField(_("read again"), default=0)
    shares_before = models.JSONField(default=dict)  # sentiment -> number of comments
    shares_after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("re-reading")
        verbose_name_plural = _("re-readings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reason


class ThemeSuggestion(models.Model):
    """A phrase many comments use and no theme holds: to accept, merge or dismiss."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting for you")
        ACCEPTED = "accepted", _("made a theme")
        MERGED = "merged", _("added to a theme")
        DISMISSED = "dismissed", _("dismissed")

    phrase = models.CharField(_("phrase"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    comments = models.PositiveIntegerField(_("comments"), default=0)
    before = models.PositiveIntegerField(_("period before"), default=0)
    growth = models.FloatField(_("change of share"), null=True, blank=True)
    examples = models.JSONField(default=list, blank=True)  # response ids
    found_at = models.DateTimeField(_("found"))
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("suggested theme")
        verbose_name_plural = _("suggested themes")
        ordering = ["-comments"]

    def __str__(self) -> str:
        return self.phrase
