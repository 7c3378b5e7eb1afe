from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.models.response import Response


class Seen(models.Model):
    """A member of staff has read this response and needs to do nothing more about it."""

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, related_name="seen", primary_key=True
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)
    by = models.CharField(_("by"), max_length=150)

    class Meta:
        verbose_name = _("seen response")
        verbose_name_plural = _("seen responses")

    def __str__(self) -> str:
        return f"{self.response_id} {self.by}"
