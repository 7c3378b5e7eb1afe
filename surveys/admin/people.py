"""Lists and forms of contacts and customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from outbox.staff.base import ModelAdmin, TabularInline, action, display
from surveys.models import Contact, Customer, Segment, Suppression
from surveys.segments import segment_q


class SegmentFilter(admin.SimpleListFilter):
    title = _("segment")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Segment.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        if not self.value():
            return queryset
        segment = Segment.objects.filter(slug=self.value()).first()
        return queryset.filter(segment_q(segment.conditions.all())) if segment else queryset.none()


class MailFilter(admin.SimpleListFilter):
    title = _("survey mail")
    parameter_name = "mail"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [("stopped", _("stopped")), ("allowed", _("allowed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("stopped", "allowed"):
            return queryset.filter(is_stopped=self.value() == "stopped")
        return queryset


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Contact
        fields = ("email", "name", "customer", "language", "properties")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_properties(self) -> dict[str, Any]:
        properties = self.cleaned_data["properties"] or {}
        if not isinstance(properties, dict) or any(
            isinstance(value, dict | list) for value in properties.values()
        ):
            raise forms.ValidationError(
                _('Write names and values, for example {"plan": "Growth", "seats": 14}.')
            )
        return properties


@admin.register(Contact)
class ContactAdmin(ModelAdmin):
    form = ContactForm
    list_display = ("shown_name", "email", "customer", "shown_mail", "last_asked_at")
    list_display_links = None
    list_filter = (SegmentFilter, MailFilter, "language")
    list_select_related = ("customer",)
    search_fields = ("email", "name", "customer__name")
    autocomplete_fields = ("customer",)
    readonly_fields = ("last_asked_at", "created_at", "updated_at")
    ordering = ("email",)
    show_full_result_count = False
    actions_list = ("upload_contacts",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        in_force = Suppression.objects.everywhere().filter(email=OuterRef("email"))
        return super().get_queryset(request).annotate(is_stopped=Exists(in_force))

    @display(description=_("contact"), ordering="name")
    def shown_name(self, contact: Contact) -> str:
        address = reverse("staff:contact", args=[contact.pk])
        return format_html('<a class="font-semibold" href="{}">{}</a>', address, contact)

    @display(description=_("survey mail"), label={"stopped": "warning", "allowed": "success"})
    def shown_mail(self, contact: Any) -> tuple[str, Any]:
        return ("stopped", _("stopped")) if contact.is_stopped else ("allowed", _("allowed"))

    @action(description=_("Upload contacts"), url_path="upload", permissions=["add"])
    def upload_contacts(self, request: HttpRequest) -> HttpResponse:
        return redirect("staff:uploads")

    def response_change(self, request: HttpRequest, obj: Contact) -> HttpResponse:
        response = super().response_change(request, obj)
        stays = "_continue" in request.POST or "_addanother" in request.POST
        return response if stays else redirect("staff:contact", obj.pk)


class ContactLines(TabularInline):
    model = Contact
    fields = ("email", "name", "language")
    show_change_link = True
    max_num = 0
    can_delete = False
    per_page = 20
    readonly_fields = fields


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    list_display = ("name", "external_id", "shown_contacts", "is_internal")
    list_filter = ("is_internal",)
    search_fields = ("name", "external_id")
    fields = ("name", "external_id", "is_internal", "properties")
    inlines = (ContactLines,)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).annotate(contact_count=Count("contacts"))

    @display(description=_("contacts"), ordering="contact_count")
    def shown_contacts(self, customer: Any) -> int:
        return int(customer.contact_count)
