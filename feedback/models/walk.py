"""Work through all of history in the background: in batches, resumable, with progress."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Walk(models.Model):
    """One walk through responses by id. `total` is counted when a worker begins (`started_at`)."""

    total = models.PositiveIntegerField(_("in all"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    last_id = models.BigIntegerField(default=0)  # keyset position: responses up to here are done
    is_overtaken = models.BooleanField(_("overtaken by a later one"), default=False)
    created_by = models.CharField(_("by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    progressed_at = models.DateTimeField(_("last progress"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        abstract = True
