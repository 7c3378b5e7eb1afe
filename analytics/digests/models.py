"""Who gets which numbers when, and what went out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models import Survey


class Window(models.TextChoices):
    """The days the score speaks about, up to the end of the digest's own days."""

    OWN = "own", _("the same days")
    DAYS_30 = "30d", _("30 days")
    WEEKS_13 = "13w", _("13 weeks")
    MONTHS_12 = "12m", _("12 months")


class Scheduled(models.Model):
    """What happens again and again at an hour of the workspace's wall clock.

    `filters`: the wishes of a slice as an address writes them (analytics.scores.slices).
    `next_at`: the next moment; None while paused.
    """

    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    window = models.CharField(_("score of"), max_length=3, choices=Window, default=Window.OWN)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def is_paused(self) -> bool:
        return self.next_at is None


class Digest(Scheduled):
    """A mail of the numbers to one member of staff."""

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every Monday")
        MONTHLY = "monthly", _("on the first of the month")

    rhythm = models.CharField(_("how often"), max_length=9, choices=Rhythm, default=Rhythm.WEEKLY)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests"
    )
    surveys = models.ManyToManyField(Survey, verbose_name=_("surveys"), blank=True)
    has_all = models.BooleanField(_("all surveys"), default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rhythm__in=["daily", "weekly", "monthly"]), name="digest_rhythm_known"
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="digest_hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.rhythm}"


class Issue(models.Model):
    """One digest of some days: sent, or not and why. At most one a digest and period.

    `html` is the mail as it went out, but for people's comments: those are
    looked up by `comment_ids` when it is read, so that an erased one is gone
    here, too. `told`: the alarms it told, so that no later one repeats them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        HANDED = "handed", _("handed over")
        SENT = "sent", _("sent")
        NOTHING = "nothing", _("nothing to say")
        WITHHELD = "withheld", _("withheld")
        DOUBTFUL = "doubtful", _("doubtful")
        FAILED = "failed", _("failed")

    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="issues")
    start = models.DateField()
    stop = models.DateField()
    is_asked = models.BooleanField(default=False)  # somebody pressed "send me one now"
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    html = models.TextField(blank=True)
    comment_ids = models.JSONField(default=list)
    told = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("issue of a digest")
        verbose_name_plural = _("issues of digests")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "start", "stop"],
                condition=Q(is_asked=False),
                name="digest_once_a_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="digest_sent_has_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest_id} {self.start}"


class Report(Scheduled):
    """A document about one survey, made again and again and mailed to addresses."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", _("every Monday, of the last week")
        MONTHLY = "monthly", _("on the first, of the last month")
        QUARTERLY = "quarterly", _("after each quarter")

    class Carry(models.TextChoices):
        PDF = "pdf", _("PDF attached")
        HTML = "html", _("HTML attached")
        BOTH = "both", _("PDF and HTML attached")
        LINK = "link", _("link for people with a login")

    name = models.CharField(_("name"), max_length=120)
    rhythm = models.CharField(_("how often"), max_length=9, choices=Rhythm)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    recipients = models.JSONField(_("recipients"), default=list, blank=True)
    carry = models.CharField(_("as"), max_length=4, choices=Carry, default=Carry.PDF)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rhythm__in=["weekly", "monthly", "quarterly"]),
                name="report_rhythm_known",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return self.name


class ReportFile(models.Model):
    """A report about some days, as made: the same document as HTML and as PDF.

    It holds numbers and names of themes and segments, no comments: nothing in
    it needs to go when a person is erased.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="files")
    start = models.DateField()
    stop = models.DateField()
    is_asked = models.BooleanField(default=False)  # made because somebody wanted it now
    is_mailed = models.BooleanField(default=True)  # goes to the recipients once it is made
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    error = models.CharField(_("error"), max_length=300, blank=True)
    summary = models.CharField(max_length=300, blank=True)  # its score in one line
    html = models.BinaryField(default=b"")
    pdf = models.BinaryField(default=b"")
    html_sha256 = models.CharField(max_length=64, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "start", "stop"],
                condition=Q(is_asked=False),
                name="report_once_a_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(html_sha256="") & ~Q(pdf_sha256="")),
                name="report_done_has_checksums",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.start}"


class ReportMail(models.Model):
    """One file to one address, at most once."""

    State = Issue.State

    file = models.ForeignKey(ReportFile, on_delete=models.CASCADE, related_name="mails")
    email = models.EmailField()
    state = models.CharField(max_length=8, choices=Issue.State, default=Issue.State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail of a report")
        verbose_name_plural = _("mails of reports")
        constraints = [
            models.UniqueConstraint(fields=["file", "email"], name="report_mail_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.pk}"
