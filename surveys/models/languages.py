"""A survey in more languages than its own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.survey import LANGUAGE_CHOICES, Survey


class SurveyLanguage(models.Model):
    """One more language of a survey. People read it while it is open and no text is missing."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="languages")
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGE_CHOICES)
    is_open = models.BooleanField(_("open"), default=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("language of a survey")
        verbose_name_plural = _("languages of surveys")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "language"], name="survey_language_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.language}"


class Translation(models.Model):
    """One text of a survey in another language.

    `place` says which text (surveys.translations). `source` is what it was
    translated from: when the original says something else by now, the
    translation may be out of date.
    """

    language = models.ForeignKey(SurveyLanguage, on_delete=models.CASCADE, related_name="texts")
    place = models.CharField(max_length=60)
    text = models.CharField(_("text"), max_length=300)
    source = models.CharField(_("translated from"), max_length=300)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["language", "place"], name="translation_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="translation_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.place}"
