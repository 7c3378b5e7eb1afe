"""Whom we may ask: contacts, the customers they belong to, segments, uploads."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """A paying account; has contacts."""

    external_id = models.CharField(_("external id"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    is_internal = models.BooleanField(
        _("internal"), default=False, help_text=_("Test and own accounts count nowhere.")
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person we may write to. The address is kept in lower case and is unique."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("customer"),
    )
    language = models.CharField(_("language"), max_length=5, blank=True)
    properties = models.JSONField(
        _("properties"),
        default=dict,
        blank=True,
        help_text=_("Free facts such as plan or country; they travel with each answer."),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    last_asked_at = models.DateTimeField(_("last asked"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="contact_email_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.strip() else ""


class Segment(models.Model):
    """A named slice of contacts (and of their answers): all conditions must hold."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120, unique=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SegmentCondition(models.Model):
    """One test on one property, for example plan is Growth."""

    class Operator(models.TextChoices):
        IS = "is", _("is")
        IS_NOT = "is_not", _("is not")
        CONTAINS = "contains", _("contains")
        AT_LEAST = "at_least", _("is at least")
        AT_MOST = "at_most", _("is at most")
        IS_SET = "is_set", _("is known")

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="conditions")
    property = models.CharField(_("property"), max_length=80)
    operator = models.CharField(_("test"), max_length=10, choices=Operator, default=Operator.IS)
    value = models.CharField(_("value"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.property} {self.get_operator_display()} {self.value}".strip()


class Upload(models.Model):
    """One contact file: kept until it is worked through, then its result is kept.

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
    # {"encoding": "" or a name, "columns": [a roster.Meaning each]}
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    header = models.JSONField(_("headings"), default=list, blank=True)
    # Reasons are written for whoever uploaded the file.
    language = models.CharField(max_length=5, blank=True, default="")
    contacts = models.ManyToManyField(
        Contact, through="UploadedContact", related_name="uploads", verbose_name=_("contacts")
    )
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
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rows_done=F("created_count")
                    + F("updated_count")
                    + F("unchanged_count")
                    + F("error_count")
                    + F("duplicate_count")
                ),
                name="upload_counts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(rows_done__lte=F("rows")), name="upload_does_no_more_than_its_rows"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kept(self) -> int:
        """Rows that are stored now, whether they were news or not."""
        return self.created_count + self.updated_count + self.unchanged_count


class UploadedContact(models.Model):
    """This contact stands in that file: so that a file can be an audience."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("uploaded contact")
        verbose_name_plural = _("uploaded contacts")
        constraints = [
            models.UniqueConstraint(fields=["upload", "contact"], name="uploaded_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.contact_id}"


class UploadError(models.Model):
    """One refused row, or one that was kept with a remark: which, why, what to do.

    `line` is the row as a spreadsheet numbers it; `cells` is the row itself,
    so that refused rows can be downloaded, corrected and uploaded again.
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="errors")
    line = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=120, blank=True)
    code = models.CharField(max_length=10, blank=True, default="")
    message = models.CharField(_("reason"), max_length=300)
    is_refusal = models.BooleanField(_("refused"), default=True)
    cells = models.JSONField(_("cells"), default=list, blank=True)

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["upload", "line"], name="upload_error_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"
