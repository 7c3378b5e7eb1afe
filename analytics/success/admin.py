"""The conventions in force, as a form: one row, shown with every figure it decides."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from analytics.success.daily import plan_now
from analytics.success.models import Conventions
from outbox.jobs import enqueue
from outbox.staff.base import ModelAdmin


@admin.register(Conventions)
class ConventionsAdmin(ModelAdmin):
    list_display = ["__str__", "base_currency", "gross_margin", "grace_days", "trial_days"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Conventions.objects.exists()

    def save_model(self, request: HttpRequest, obj: Conventions, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        enqueue([plan_now()])
