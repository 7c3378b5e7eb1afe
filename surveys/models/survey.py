"""Surveys as staff write them, and the wordings people actually saw."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.scales import Scale, kind_choices, scale_of

LANGUAGE_CHOICES = settings.LANGUAGES
TOUCHPOINT_LONGEST = 60  # characters


class Brand(models.Model):
    """Who asks: name, colour and logo on every page and mail of a survey."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    color = models.CharField(
        _("colour"),
        max_length=7,
        default="#125e6b",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour like #125e6b."))],
        help_text=_("Everything else is derived from it, readable in light and dark."),
    )
    logo = models.BinaryField(_("logo"), null=True, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, default="", editable=False)
    sender_name = models.CharField(
        _("sender"), max_length=80, blank=True, help_text=_("A person's name works best.")
    )
    sender_role = models.CharField(
        _("sender's role"), max_length=80, blank=True, help_text=_("For example: Customer care")
    )
    reply_to = models.EmailField(
        _("reply address"), blank=True, help_text=_("Where a reply to the mail arrives.")
    )
    postal_address = models.CharField(
        _("postal address"), max_length=200, blank=True, help_text=_("Mails must name one.")
    )
    privacy_url = models.URLField(_("privacy page"), blank=True)
    help_url = models.URLField(_("help page"), blank=True)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")

    def __str__(self) -> str:
        return self.name


class Survey(models.Model):
    """Questions with one metric: draft, then live, then closed."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        CLOSED = "closed", _("Closed")

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=kind_choices())
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.DRAFT)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, verbose_name=_("brand"))
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGE_CHOICES, default="en")
    product_name = models.CharField(
        _("product or company"),
        max_length=80,
        blank=True,
        help_text=_("Stands where a text says {company}. Empty: the brand's name."),
    )
    question = models.CharField(_("question"), max_length=300, blank=True)
    low_label = models.CharField(_("label of the low end"), max_length=80, blank=True)
    high_label = models.CharField(_("label of the high end"), max_length=80, blank=True)
    comment_prompt = models.CharField(_("comment prompt"), max_length=200, blank=True)
    thanks = models.CharField(_("thank-you text"), max_length=300, blank=True)
    mail_subject = models.CharField(_("mail subject"), max_length=120, blank=True)
    mail_intro = models.CharField(_("sentence before the question"), max_length=300, blank=True)
    reader_note = models.CharField(
        _("who reads the answers"),
        max_length=200,
        blank=True,
        help_text=_("Shown under the button. It must be true."),
    )
    rest_days = models.PositiveSmallIntegerField(
        _("rest between asks, days"),
        default=90,
        help_text=_("Nobody is asked again by this survey sooner than this."),
    )
    link_days = models.PositiveSmallIntegerField(_("links stay open, days"), default=60)
    touchpoint = models.CharField(
        _("touchpoint"),
        max_length=TOUCHPOINT_LONGEST,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where in their journey people are asked: after a purchase. Answers keep it."),
    )
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    wording = models.ForeignKey(
        "surveys.Wording",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_("What new answers see; made when the survey goes live or its text changes."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft") | Q(wording__isnull=False),
                name="survey_live_has_wording",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scale(self) -> Scale:
        return scale_of(self.kind)

    @property
    def company(self) -> str:
        return self.product_name or self.brand.name


class Wording(models.Model):
    """One survey's complete text as people saw it: written once, never changed.

    Responses point here, so a later change of words cannot alter what an old
    answer answered. `content` is a document (surveys.wording.Content), read
    whole to draw a page and never searched: hence JSON.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="wordings")
    number = models.PositiveIntegerField(_("number"))
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="wording_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} #{self.number}"


class BandText(models.Model):
    """What people of one band read: the comment prompt, the thanks, a link."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="band_texts")
    band = models.CharField(_("band"), max_length=24)
    comment_prompt = models.CharField(_("comment prompt"), max_length=200, blank=True)
    thanks = models.CharField(_("thank-you text"), max_length=300, blank=True)
    link_text = models.CharField(_("link text"), max_length=80, blank=True)
    link_url = models.URLField(_("link address"), blank=True)

    class Meta:
        verbose_name = _("text by band")
        verbose_name_plural = _("texts by band")
        constraints = [
            models.UniqueConstraint(fields=["survey", "band"], name="band_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.band}"


class Question(models.Model):
    """One additional prompt of a survey; the score question is the survey's own."""

    class Kind(models.TextChoices):
        FREE_TEXT = "free_text", _("Free text")
        SCALE = "scale", _("Scale")
        ONE_CHOICE = "one_choice", _("One choice")
        MANY_CHOICES = "many_choices", _("Many choices")

    MOST = 10

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = models.CharField(_("text"), max_length=300)
    scale_low = models.SmallIntegerField(_("lowest"), default=1)
    scale_high = models.SmallIntegerField(_("highest"), default=5)
    low_label = models.CharField(_("label of the low end"), max_length=80, blank=True)
    high_label = models.CharField(_("label of the high end"), max_length=80, blank=True)
    bands = models.JSONField(
        _("shown to"), default=list, blank=True, help_text=_("Empty: shown to everyone.")
    )
    is_retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("additional question")
        verbose_name_plural = _("additional questions")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scale_high__gt=models.F("scale_low")), name="question_scale_rises"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    text = models.CharField(_("text"), max_length=200)
    is_retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text
