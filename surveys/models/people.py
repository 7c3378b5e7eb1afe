"""Whom we may ask: contacts, the customers they belong to, segments, uploads."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from surveys.models.files import RefusedRow, TableFile, counts_add_up


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


class Upload(TableFile):
    """A contact file."""

    contacts = models.ManyToManyField(
        Contact, through="UploadedContact", related_name="uploads", verbose_name=_("contacts")
    )

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        constraints = counts_add_up("upload")


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


class UploadError(RefusedRow):
    """A refused or remarkable row of a contact file; `code` is a key of roster.REMEDIES."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="errors")
    code = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["upload", "line"], name="upload_error_line")]
