"""Who works here: staff accounts and what they may do, in the look of all other pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as PlainGroupAdmin
from django.contrib.auth.admin import UserAdmin as PlainUserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

from outbox.staff.base import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm
from outbox.staff.shell import Entry, add_entry

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(PlainUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "last_login")
    list_filter = ("is_staff", "is_active")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    autocomplete_fields = ()


@admin.register(Group)
class GroupAdmin(PlainGroupAdmin, ModelAdmin):
    filter_horizontal = ()


add_entry(
    Entry(
        group="run",
        order=70,
        label=_("Team"),
        url_name="admin:auth_user_changelist",
        icon="people",
        permission="auth.view_user",
        covers=("/admin/auth/",),
    )
)
