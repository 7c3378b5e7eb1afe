"""Files of facts: CSV and XLSX, worked through like files of contacts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.files import RefusedRow, TableFile, counts_add_up


class FactFile(TableFile):
    """One file of facts; `mapping["columns"]` names a column of its kind for each, or ""."""

    kind = models.CharField(_("kind of facts"), max_length=40)

    class Meta:
        verbose_name = _("file of facts")
        verbose_name_plural = _("files of facts")
        ordering = ["-id"]
        constraints = counts_add_up("fact_file")


class FactFileError(RefusedRow):
    """A refused or repeated row of a file of facts; `code` is the column that is wrong."""

    upload = models.ForeignKey(FactFile, on_delete=models.CASCADE, related_name="errors")
    code = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("refused row of facts")
        verbose_name_plural = _("refused rows of facts")
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["upload", "line"], name="fact_file_error_line")]
