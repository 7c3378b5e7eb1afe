"""Who asks: name, colour, logo, sender."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from outbox.staff.base import ModelAdmin, display
from surveys.logos import BadLogo, type_of
from surveys.models import Brand
from surveys.pages import LOGO_TYPES


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]
    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 200 kB. It is shown about 32 pixels high."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    removes_logo = forms.BooleanField(label=_("Take the logo away"), required=False)

    class Meta:
        model = Brand
        fields = (
            "name", "color", "sender_name", "sender_role", "reply_to", "postal_address",
            "privacy_url", "help_url",
        )  # fmt: skip
        widgets = {"color": forms.TextInput(attrs={"type": "color"})}

    def clean_logo_file(self) -> tuple[bytes, str] | None:
        """Return the picture and its type; None when no file was chosen."""
        file = self.cleaned_data["logo_file"]
        if not file:
            return None
        data = file.read()
        try:
            return data, type_of(data)
        except BadLogo as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Brand)
class BrandAdmin(ModelAdmin):
    form = BrandForm
    list_display = ("name", "shown_color", "sender_name", "reply_to")
    search_fields = ("name",)
    readonly_fields = ("shown_logo",)
    fieldsets = (
        (_("On every page and mail"), {"fields": ("name", "color")}),
        (_("Logo"), {"fields": ("shown_logo", "logo_file", "removes_logo")}),
        (_("The mail"), {"fields": ("sender_name", "sender_role", "reply_to", "postal_address")}),
        (_("Links at the foot of the page"), {"fields": ("privacy_url", "help_url")}),
    )

    @display(description=_("colour"))
    def shown_color(self, brand: Brand) -> str:
        return format_html(
            '<svg width="16" height="16" aria-hidden="true"><rect width="16" height="16" rx="4" '
            'fill="{}"></rect></svg> {}',
            brand.color,
            brand.color,
        )

    @display(description=_("logo now"))
    def shown_logo(self, brand: Brand) -> str:
        extension = LOGO_TYPES.get(brand.logo_type) if brand.pk else None
        if not extension:
            return str(_("none: pages show the first letter of the name"))
        address = reverse("surveys:logo", args=[brand.pk, extension])
        return format_html('<img src="{}?{}" alt="" height="40">', address, len(brand.logo or b""))

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        picture = form.cleaned_data.get("logo_file")
        if picture:
            obj.logo, obj.logo_type = picture
        elif form.cleaned_data.get("removes_logo"):
            obj.logo, obj.logo_type = None, ""
        super().save_model(request, obj, form, change)
