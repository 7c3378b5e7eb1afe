"""The outbox screen: what waits, what was given up and why; dead work can be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from outbox.jobs import retry
from outbox.models import Job
from outbox.staff.base import ModelAdmin, action, display

_TONES = {
    Job.State.PENDING: "info",
    Job.State.CLAIMED: "info",
    Job.State.HANDED: "warning",
    Job.State.DONE: "success",
    Job.State.DOUBTFUL: "warning",
    Job.State.DEAD: "danger",
}


class StateFilter(admin.SimpleListFilter):
    """By state; without a wish everything that is not finished."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Job.State.choices, ("any", _("any"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        if self.value() is None:
            return queryset.exclude(state=Job.State.DONE)
        return queryset if self.value() == "any" else queryset.filter(state=self.value())

    def choices(self, changelist: Any) -> Iterator[Any]:
        default, *others = super().choices(changelist)
        yield {**default, "display": _("not finished")}
        yield from others


@admin.register(Job)
class JobAdmin(ModelAdmin):
    """Read-only: rows are written by the facts that cause them, and finished by workers."""

    list_display = ("kind", "subject_id", "shown_state", "due_at", "attempts", "last_error")
    list_filter = (StateFilter, "kind")
    list_filter_submit = False
    search_fields = ("last_error", "subject_id")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("try_again",)
    fields = (
        "kind", "subject_id", "detail", "state", "due_at", "attempts", "last_error",
        "created_at", "done_at", "lease_until", "claimed_by", "dedupe_key",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        # Opening a row shows it; there is nothing to save. "Try again" asks for this, too.
        return obj is None and super().has_change_permission(request)

    @display(description=_("state"), ordering="state", label=dict(_TONES))
    def shown_state(self, job: Job) -> tuple[str, str]:
        return job.state, str(job.get_state_display())

    @action(description=_("Try again (work that was given up)"), permissions=["change"])
    def try_again(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        count = retry(jobs.values_list("pk", flat=True))
        left = jobs.count() - count
        if count:
            text = ngettext("%(n)s job is due again.", "%(n)s jobs are due again.", count)
            self.message_user(request, text % {"n": count}, messages.SUCCESS)
        if left:
            text = ngettext(
                "%(n)s job was left alone: only work that was given up can be tried again. "
                "What is doubtful may have happened; its own page says what to do.",
                "%(n)s jobs were left alone: only work that was given up can be tried again. "
                "What is doubtful may have happened; its own page says what to do.",
                left,
            )
            self.message_user(request, text % {"n": left}, messages.WARNING)
