"""The one place that knows which admin theme is installed.

Every ModelAdmin and inline of the product comes from here; falling back to
Django's plain admin means changing these imports.
"""

from unfold.admin import ModelAdmin as ThemedModelAdmin
from unfold.admin import StackedInline as ThemedStackedInline
from unfold.admin import TabularInline as ThemedTabularInline
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminTextareaWidget as Textarea


class ModelAdmin(ThemedModelAdmin):  # type: ignore[misc]
    list_per_page = 25
    list_filter_submit = True
    warn_unsaved_form = True


class StackedInline(ThemedStackedInline):  # type: ignore[misc]
    extra = 0


class TabularInline(ThemedTabularInline):  # type: ignore[misc]
    extra = 0


__all__ = [
    "AdminPasswordChangeForm",
    "ModelAdmin",
    "StackedInline",
    "TabularInline",
    "Textarea",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]
