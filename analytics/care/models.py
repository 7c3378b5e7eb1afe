"""Warning signs of accounts, who looks after an account, and what is to be done for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Customer


def _person(label: Any) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=label,
    )


class AccountOwner(models.Model):
    """Who looks after an account; an account nobody looks after has no row."""

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("owner of an account")
        verbose_name_plural = _("owners of accounts")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.owner_id}"


class WarningSign(models.Model):
    """Something about an account that wants a person: raised by a rule, ended by a person or over.

    `about` tells two of a kind apart (the term a renewal is about). `evidence` holds
    what raised it, by kind (analytics.care.rules): numbers as they stood, or the
    keys of rows, whose words are looked up when they are shown, so that what is
    erased there is gone here, too. `confirmed_date` is the day on which the customer
    left or cancelled, when that came within 90 days.
    """

    class Kind(models.TextChoices):
        HEALTH_FALL = "health_fall", _("Health fell")
        RENEWAL = "renewal", _("Term ends in poor health")
        CONVERSATION = "conversation", _("Conversation wants a supervisor")
        DETRACTOR = "detractor", _("Detractor answered")

    class State(models.TextChoices):
        OPEN = "open", _("new")
        SEEN = "seen", _("seen")
        ACTED = "acted", _("acted on")
        DISMISSED = "dismissed", _("dismissed")
        PASSED = "passed", _("over by itself")

    class Confirmed(models.TextChoices):
        NO = "", _("not confirmed")
        CANCELLED = "cancelled", _("a term was cancelled")
        LEFT = "left", _("the customer left")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    about = models.CharField(max_length=40, blank=True, default="")
    evidence = models.JSONField(_("evidence"), default=dict)
    owner = _person(_("owner"))
    due_date = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    raised_at = models.DateTimeField(_("raised"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    seen_by = models.CharField(_("seen by"), max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=150, blank=True, default="")
    confirmed_date = models.DateField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.CharField(max_length=9, choices=Confirmed, blank=True, default="")

    class Meta:
        verbose_name = _("warning sign")
        verbose_name_plural = _("warning signs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(ended_at__isnull=True),
                name="sign_one_open_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["health_fall", "renewal", "conversation", "detractor"]),
                name="sign_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "seen"], ended_at__isnull=True)
                | Q(state__in=["acted", "dismissed", "passed"], ended_at__isnull=False),
                name="sign_state_fits_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="sign_dismissed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_date__isnull=True, confirmed_by="")
                | Q(confirmed_date__isnull=False, confirmed_by__in=["cancelled", "left"]),
                name="sign_confirmed_by_something",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date", "id"], condition=Q(ended_at__isnull=True), name="sign_open_due"
            ),
            models.Index(fields=["customer", "-raised_at"], name="sign_of_account"),
            models.Index(
                fields=["-ended_at", "-id"],
                condition=Q(ended_at__isnull=False),
                name="sign_ended_newest",
            ),
            models.Index(
                fields=["raised_at"],
                condition=Q(confirmed_date__isnull=True),
                name="sign_unconfirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class Playbook(models.Model):
    """What is done when an account shows a sign, or when somebody starts it: steps in order.

    `segment` is the short name of the segment an account must be in, "" for all
    accounts; a segment that is no more holds nobody. Changing or deleting a playbook
    leaves the tasks it made as they are.
    """

    class Trigger(models.TextChoices):
        HAND = "hand", _("by hand only")
        HEALTH_FALL = "health_fall", _("Health fell")
        RENEWAL = "renewal", _("Term ends in poor health")
        CONVERSATION = "conversation", _("Conversation wants a supervisor")
        DETRACTOR = "detractor", _("Detractor answered")

    name = models.CharField(_("name"), max_length=80, unique=True)
    trigger = models.CharField(_("starts with"), max_length=12, choices=Trigger)
    segment = models.CharField(_("only accounts of"), max_length=80, blank=True, default="")
    is_active = models.BooleanField(_("starts by itself"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="playbook_has_a_name"),
            models.CheckConstraint(
                condition=Q(
                    trigger__in=["hand", "health_fall", "renewal", "conversation", "detractor"]
                ),
                name="playbook_trigger_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaybookStep(models.Model):
    """One step: due `after_days` after the start; without `owner` it is the account's owner's."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("step"), max_length=200)
    note = models.TextField(_("note"), max_length=2000, blank=True, default="")
    after_days = models.PositiveSmallIntegerField(_("due after days"), default=1)
    owner = _person(_("who"))

    class Meta:
        verbose_name = _("step of a playbook")
        verbose_name_plural = _("steps of a playbook")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["playbook", "position"], name="playbook_step_in_order"),
            models.CheckConstraint(condition=~Q(title=""), name="playbook_step_has_a_title"),
            models.CheckConstraint(
                condition=Q(after_days__lte=365), name="playbook_step_within_a_year"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlaybookRun(models.Model):
    """One start of a playbook on an account; `name` is what the playbook was called then."""

    playbook = models.ForeignKey(
        Playbook, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    name = models.CharField(_("playbook"), max_length=80)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    sign = models.ForeignKey(
        WarningSign, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    started_at = models.DateTimeField(_("started"))
    started_by = models.CharField(_("started by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("start of a playbook")
        verbose_name_plural = _("starts of playbooks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "sign"],
                condition=Q(sign__isnull=False),
                name="playbook_once_a_sign",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-started_at"], name="playbook_run_of_account")]

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """One thing to do for an account, by whoever owns it, until a day.

    `origin` says where it came from; a task outlives the sign it came from.
    """

    class Origin(models.TextChoices):
        HAND = "hand", _("by hand")
        SIGN = "sign", _("warning sign")
        PLAYBOOK = "playbook", _("playbook")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("account")
    )
    title = models.CharField(_("task"), max_length=200)
    note = models.TextField(_("note"), max_length=2000, blank=True, default="")
    owner = _person(_("owner"))
    due_date = models.DateField(_("due"), null=True, blank=True)
    origin = models.CharField(_("from"), max_length=8, choices=Origin, default=Origin.HAND)
    sign = models.ForeignKey(
        WarningSign, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    run = models.ForeignKey(
        PlaybookRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    # Which step of the playbook it was, from 1; None for what no playbook made.
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.CharField(_("made by"), max_length=150, blank=True, default="")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.CharField(_("done by"), max_length=150, blank=True, default="")

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
            models.UniqueConstraint(
                fields=["run", "step"], condition=Q(run__isnull=False), name="task_once_a_step"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by="")
                | Q(done_at__isnull=False) & ~Q(done_by=""),
                name="task_done_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date", "id"], condition=Q(done_at__isnull=True), name="task_open_due"
            ),
            models.Index(
                fields=["owner", "due_date"],
                condition=Q(done_at__isnull=True),
                name="task_of_owner",
            ),
            models.Index(fields=["customer", "-created_at"], name="task_of_account"),
            models.Index(
                fields=["-done_at", "-id"],
                condition=Q(done_at__isnull=False),
                name="task_done_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.title
