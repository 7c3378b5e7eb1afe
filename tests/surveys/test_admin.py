"""Lists and forms of contacts, customers, brands and suppressions."""

import pytest
from django.urls import reverse

from surveys.models import (
    Brand,
    Contact,
    Customer,
    Suppression,
)
from surveys.services import suppress
from tests.surveys.staff.files import file

pytestmark = pytest.mark.django_db


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40


MODEL_PAGES = ["contact", "customer", "brand", "suppression"]


@pytest.mark.parametrize("model", MODEL_PAGES)
def test_model_lists_and_forms_open(staff_client, world, model):
    suppress("gone@example.com", reason="bounced", source="smtp")
    for name in ("changelist", "add"):
        assert staff_client.get(reverse(f"admin:surveys_{model}_{name}")).status_code == 200
    row = {"contact": Contact, "customer": Customer, "brand": Brand, "suppression": Suppression}
    address = reverse(f"admin:surveys_{model}_change", args=[row[model].objects.first().pk])
    assert staff_client.get(address).status_code == 200


def test_the_contact_form_keeps_addresses_in_lower_case(staff_client):
    data = {"email": "ADA@Example.com", "properties": '{"plan": "Growth"}'}
    staff_client.post(reverse("admin:surveys_contact_add"), data)
    assert Contact.objects.get().email == "ada@example.com"
    data = {"email": "bob@example.com", "properties": '{"plan": ["nested"]}'}
    response = staff_client.post(reverse("admin:surveys_contact_add"), data)
    assert "Write names and values" in response.content.decode()


def test_the_contact_list_filters_by_segment_and_by_stops(staff_client, world):
    suppress("p1@example.com", reason="bounced", source="test")
    address = reverse("admin:surveys_contact_changelist")
    html = staff_client.get(address, {"segment": "growth", "mail": "stopped"}).content.decode()
    assert "p1@example.com" in html and "p2@example.com" not in html
    assert staff_client.get(address, {"segment": "gone"}).status_code == 200


def brand_form(**more):
    return {"name": "Kestrel", "color": "#125e6b", **more}


def test_a_logo_is_stored_by_what_it_is_and_can_be_taken_away(staff_client):
    add = reverse("admin:surveys_brand_add")
    staff_client.post(add, brand_form(logo_file=file(PNG, "logo.svg")))
    brand = Brand.objects.get()
    assert (bytes(brand.logo), brand.logo_type) == (PNG, "image/png")
    change = reverse("admin:surveys_brand_change", args=[brand.pk])
    staff_client.post(change, brand_form(name="Renamed"))
    assert Brand.objects.get().logo_type == "image/png"
    staff_client.post(change, brand_form(removes_logo="on"))
    assert Brand.objects.get().logo is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Only PNG, JPEG and WebP"),
        (b"<html><script>alert(1)</script>", "Only PNG, JPEG and WebP"),
        (b"GIF89a" + b"\x00" * 50, "Only PNG, JPEG and WebP"),
        (PNG + b"\x00" * 200_000, "200 kB are the most"),
    ],
)
def test_anything_else_is_no_logo(staff_client, data, words):
    add = reverse("admin:surveys_brand_add")
    html = staff_client.post(add, brand_form(logo_file=file(data, "logo.png"))).content.decode()
    assert words in html
    assert Brand.objects.count() == 0


def test_staff_stop_an_address_once_and_lift_it_on_record(staff_client):
    add = reverse("admin:surveys_suppression_add")
    staff_client.post(add, {"email": "ADA@example.com"})
    row = Suppression.objects.get()
    assert (row.email, row.reason, row.source) == ("ada@example.com", "by_staff", "alice")
    html = staff_client.post(add, {"email": "ada@example.com"}).content.decode()
    assert "gets no survey mail already" in html
    action = {"action": "allow_mail", "_selected_action": [row.pk]}
    staff_client.post(reverse("admin:surveys_suppression_changelist"), action)
    row.refresh_from_db()
    assert row.lifted_by == "alice"
    delete = reverse("admin:surveys_suppression_delete", args=[row.pk])
    assert staff_client.post(delete, {"post": "yes"}).status_code == 403
