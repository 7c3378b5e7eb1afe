from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work that must happen, written in the transaction of the fact that causes it.

    The row is the work; a Celery message is only a bell. `due_at` and
    `lease_until` are set and compared by the database's clock only.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        CLAIMED = "claimed", _("being done")
        HANDED = "handed", _("handed over")  # at-most-once work has left the house
        DONE = "done", _("done")
        DOUBTFUL = "doubtful", _("doubtful")  # handed over, outcome never recorded
        DEAD = "dead", _("given up")

    kind = models.CharField(_("kind"), max_length=32)
    subject_id = models.BigIntegerField(_("subject"))
    detail = models.CharField(_("detail"), max_length=64, blank=True, default="")
    dedupe_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    # True when the same work was asked for again while it was being done.
    is_wanted_again = models.BooleanField(default=False)
    due_at = models.DateTimeField(_("due"))
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=models.Q(state="pending"),
                name="job_pending",
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["claimed", "handed"]),
                name="job_leased",
            ),
            models.Index(
                fields=["state", "kind"],
                condition=models.Q(state__in=["dead", "doubtful"]),
                name="job_stuck",
            ),
            models.Index(fields=["done_at"], condition=models.Q(state="done"), name="job_done"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["pending", "claimed", "handed", "done", "doubtful", "dead"]
                ),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["claimed", "handed"])
                | models.Q(lease_until__isnull=False),
                name="job_claim_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} {self.detail}".strip()
