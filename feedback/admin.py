"""Themes as staff edit them: a name, and lists of words with one a line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from feedback import rereading
from feedback.models import Mention, Rereading, Theme
from outbox.staff.base import ModelAdmin, Textarea, display

RECENT = timedelta(days=30)
_LISTS = ("words", "stems", "phrases", "exclusions")


class LinesField(forms.CharField):
    """A list of short texts, one a line: trimmed, in lower case, each once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Textarea(attrs={"rows": 8}), required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = (" ".join(line.split()).lower() for line in (value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(self.prepare_value(initial or [])) != self.clean(data)


class ThemeForm(forms.ModelForm):  # type: ignore[type-arg]
    words = LinesField(
        label=_("Words"),
        help_text=_("One a line. “price” also finds “prices” and “pricing”: all its forms."),
    )
    stems = LinesField(
        label=_("Beginnings of words"), help_text=_("“deliver” finds delivery, delivered, …")
    )
    phrases = LinesField(label=_("Phrases"), help_text=_("Several words in this order."))
    exclusions = LinesField(
        label=_("Not when it says"), help_text=_("“free of charge” does not mean billing.")
    )

    class Meta:
        model = Theme
        fields = ("name", "slug", "is_active", *_LISTS)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("words", "stems", "phrases")):
            raise forms.ValidationError(
                _("A theme needs at least one word, beginning or phrase to be found by.")
            )
        return cleaned


def _recent_counts() -> dict[int, int]:
    """Return how many comments named each theme lately, in one query."""
    recent = Mention.objects.filter(response__submitted_at__gte=timezone.now() - RECENT)
    return dict(recent.order_by().values_list("theme").annotate(n=Count("response", distinct=True)))


@admin.register(Theme)
class ThemeAdmin(ModelAdmin):
    """Saving new words reads all past comments again, in the background."""

    form = ThemeForm
    list_display = ("name", "recent", "shown_words", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "words", "phrases")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "is_active")}),
        (_("Found by"), {"fields": _LISTS}),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        counts = _recent_counts()
        for theme in changelist.result_list:
            theme.recent_count = counts.get(theme.pk, 0)
        return changelist

    @display(description=_("comments in 30 days"))
    def recent(self, theme: Any) -> str:
        return number_format(theme.recent_count, force_grouping=True)

    @display(description=_("found by"))
    def shown_words(self, theme: Theme) -> str:
        found = [*theme.words, *(f"{stem}…" for stem in theme.stems), *theme.phrases]
        return ", ".join(found[:8]) + (" …" if len(found) > 8 else "")

    def save_model(self, request: HttpRequest, obj: Theme, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if set(form.changed_data) & {*_LISTS, "is_active"}:
            begun = rereading.start(
                reason=f"theme {obj.name}"[:200], by=request.user.get_username()
            )
            count = number_format(begun.total, force_grouping=True)
            text = _("%s past comments are being read again; numbers follow by themselves.")
            self.message_user(request, text % count, messages.INFO)


@admin.register(Rereading)
class RereadingAdmin(ModelAdmin):
    """How far the reading of past comments has come. Nothing to edit."""

    list_display = ("reason", "progress", "changed", "created_by", "created_at", "finished_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Rereading | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Rereading | None = None) -> bool:
        return False

    @display(description=_("read again"))
    def progress(self, item: Rereading) -> str:
        return _("%(done)s of %(total)s") % {
            "done": number_format(item.done, force_grouping=True),
            "total": number_format(item.total, force_grouping=True),
        }
