"""Files written in background. They live in the database: workers share no disk with the web."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models import ApiKey, Survey


class ExportFile(models.Model):
    """One file: what is asked for, how far it is, what it came to.

    Rows are gathered in parts, each committed with `cursor` (the keyset of its
    last row), so a killed worker's successor goes on where it stopped. The
    typed forms are then assembled from the gathered parts in one go.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GATHERING = "gathering", _("reading rows")
        ASSEMBLING = "assembling", _("writing the file")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    class Form(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook")
        JSONL = "jsonl", _("JSON lines")
        PARQUET = "parquet", _("Parquet")

    dataset = models.CharField(_("holds"), max_length=40)  # a name of analytics.exports.datasets
    form = models.CharField(_("form"), max_length=8, choices=Form)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)  # ids; empty: all
    is_raw = models.BooleanField(_("texts exactly as stored"), default=False)
    # The one survey the asking key may see; empty: all.
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    rows_expected = models.PositiveBigIntegerField(_("rows counted at the start"), null=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    parts = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(null=True, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    requested_with = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("begun"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("kept until"))

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(sha256=""), name="export_done_has_checksum"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The file's name, as people keep it."""
        day = timezone.localdate(self.created_at).isoformat()
        return f"{self.dataset}-{day}-{self.pk}.{self.form}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.GATHERING, self.State.ASSEMBLING)

    @property
    def is_exact(self) -> bool:
        """Whether as many rows were written as were counted at the start."""
        return self.rows == self.rows_expected


class ExportPart(models.Model):
    """A piece of a file, or of the rows it is made of (`is_final` False)."""

    export = models.ForeignKey(ExportFile, on_delete=models.CASCADE, related_name="pieces")
    is_final = models.BooleanField()
    number = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an export")
        verbose_name_plural = _("parts of exports")
        constraints = [
            models.UniqueConstraint(
                fields=["export", "is_final", "number"], name="export_part_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
