"""A table file somebody uploaded, and its rows that were refused: what all kinds of files share."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

BULKY = ("data", "repeats")
"""Columns of a file that are left in the database until they are needed."""


class TableFile(models.Model):
    """One file: kept until it is worked through, then its result is kept.

    Every row that is done was created, updated, unchanged, refused or said
    again further down: the counts add up to `rows_done`.
    """

    class State(models.TextChoices):
        WAITING_FOR_MAPPING = "mapping", _("waiting for you to match columns")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")

    name = models.CharField(_("file"), max_length=200)
    data = models.BinaryField(null=True, blank=True, editable=False)
    # where the next batch begins, and which rows stand again further down (see surveys.repeats)
    place = models.JSONField(default=dict, blank=True, editable=False)
    repeats = models.BinaryField(null=True, blank=True, editable=False)
    # {"encoding": "" or a name, "columns": [what each holds]}
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    header = models.JSONField(_("headings"), default=list, blank=True)
    # Reasons are written for whoever uploaded the file.
    language = models.CharField(max_length=5, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WAITING_FOR_MAPPING
    )
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    created_count = models.PositiveIntegerField(_("created"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    error_count = models.PositiveIntegerField(_("refused"), default=0)
    duplicate_count = models.PositiveIntegerField(_("repeated"), default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def kept(self) -> int:
        """Rows that are stored now, whether they were news or not."""
        return self.created_count + self.updated_count + self.unchanged_count


def counts_add_up(name: str) -> list[models.BaseConstraint]:
    """Return the constraints of a kind of file, named after it."""
    total = F("created_count") + F("updated_count") + F("unchanged_count")
    total = total + F("error_count") + F("duplicate_count")
    return [
        models.CheckConstraint(condition=Q(rows_done=total), name=f"{name}_counts_add_up"),
        models.CheckConstraint(
            condition=Q(rows_done__lte=F("rows")), name=f"{name}_does_no_more_than_its_rows"
        ),
    ]


class RefusedRow(models.Model):
    """One refused row, or one that was kept with a remark: which, why, what to do.

    `line` is the row as a spreadsheet numbers it; `cells` is the row itself,
    so that refused rows can be downloaded, corrected and uploaded again.
    """

    line = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=120, blank=True)
    message = models.CharField(_("reason"), max_length=300)
    is_refusal = models.BooleanField(_("refused"), default=True)
    cells = models.JSONField(_("cells"), default=list, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"
