"""Addresses that get no survey mail: added by staff, lifted on record, never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.staff.base import ModelAdmin, action, display
from surveys.models import Suppression
from surveys.services import is_suppressed, lift_suppression


class StopForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Suppression
        fields = ("email", "survey")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        email, survey = facts.get("email"), facts.get("survey")
        if email and is_suppressed(email, survey=survey):
            self.add_error("email", _("This address gets no survey mail already."))
        return facts


class InForceFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [("in_force", _("in force")), ("lifted", _("lifted"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Suppression]
    ) -> QuerySet[Suppression]:
        if self.value() in ("in_force", "lifted"):
            return queryset.filter(lifted_at__isnull=self.value() == "in_force")
        return queryset


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    form = StopForm
    list_display = (
        "email", "shown_reason", "shown_scope", "source", "created_at",
        "lifted_at", "lifted_by", "lifted_why",
    )  # fmt: skip
    list_filter = (InForceFilter, "reason", "survey")
    list_select_related = ("survey",)
    search_fields = ("email",)
    actions = ("allow_mail",)
    show_full_result_count = False

    @display(
        description=_("reason"),
        label={
            Suppression.Reason.UNSUBSCRIBED: "warning",
            Suppression.Reason.BOUNCED: "danger",
            Suppression.Reason.COMPLAINED: "danger",
            Suppression.Reason.BY_STAFF: "info",
        },
    )
    def shown_reason(self, row: Suppression) -> tuple[str, str]:
        return row.reason, row.get_reason_display()

    @display(description=_("for"), ordering="survey")
    def shown_scope(self, row: Suppression) -> str:
        return row.survey.name if row.survey else str(_("all survey mail"))

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        obj.reason = Suppression.Reason.BY_STAFF
        obj.source = request.user.get_username()
        super().save_model(request, obj, form, change)

    @action(description=_("Allow survey mail again"), permissions=["change"])
    def allow_mail(self, request: HttpRequest, rows: QuerySet[Suppression]) -> None:
        in_force = list(rows.filter(lifted_at__isnull=True))
        for row in in_force:
            lift_suppression(row, by=request.user.get_username(), why=str(_("from the list")))
            self.log_change(request, row, "lifted")
        count = len(in_force)
        words = ngettext(
            "%(n)s address may be asked again.", "%(n)s addresses may be asked again.", count
        )
        messages.success(request, words % {"n": count})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The list and its action need it; a single row is a record and stays as it was.
        return obj is None and super().has_change_permission(request)
