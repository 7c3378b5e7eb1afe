"""Contact files from the form to the report."""

import io

import pytest
from django.urls import reverse

from outbox.drain import drain
from outbox.models import Job
from surveys import uploads
from surveys.models import (
    Contact,
    Upload,
)
from tests.surveys.staff.files import file

pytestmark = pytest.mark.django_db


def columns_of(upload: Upload, **changes) -> dict[str, str]:
    meanings = upload.mapping["columns"]
    return {f"column-{n}": m for n, m in enumerate(meanings)} | changes | {"encoding": ""}


def test_a_file_is_matched_stored_and_reported(staff_client):
    data = "E-Mail;Name;Tarif\nzoe@example.com;Zoë;Growth\nzoë@;x;y\n".encode("cp1252")
    page = staff_client.post(reverse("staff:uploads"), {"file": file(data)})
    upload = Upload.objects.get()
    assert page.url == reverse("staff:upload", args=[upload.pk])
    assert "1 person can be stored, 1 row cannot" in staff_client.get(page.url).content.decode()
    staff_client.post(page.url, columns_of(upload) | {"start": ""})
    assert "0 of 2 rows" in staff_client.get(page.url).content.decode()
    drain("upload")
    html = staff_client.get(page.url).content.decode()
    assert "1 person is stored, 1 row was refused" in html
    assert "“zoë@”" in html
    refused = staff_client.get(reverse("staff:upload-refused", args=[upload.pk]))
    assert "zoë@" in b"".join(refused.streaming_content).decode()
    assert Contact.objects.get().properties == {"tarif": "Growth"}


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1", "no table"), (b"email\n", "nothing below it"), (b" \n", "is empty")],
)
def test_a_file_that_is_no_table_is_refused_at_once(staff_client, data, words):
    response = staff_client.post(reverse("staff:uploads"), {"file": file(data)})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Upload.objects.count() == 0


def test_an_empty_form_and_an_empty_file_are_said(staff_client):
    assert staff_client.post(reverse("staff:uploads"), {}).status_code == 422
    empty = staff_client.post(reverse("staff:uploads"), {"file": file(b"")})
    assert "The file is empty." in empty.content.decode()


def test_a_file_needs_exactly_one_address_column(staff_client):
    staff_client.post(reverse("staff:uploads"), {"file": file(b"a,b\nx,y\n")})
    upload = Upload.objects.get()
    address = reverse("staff:upload", args=[upload.pk])
    html = staff_client.post(address, columns_of(upload) | {"start": ""}).content.decode()
    assert "Choose the one column that holds the e-mail address." in html
    both = {"column-0": "email", "column-1": "email"}
    html = staff_client.post(address, columns_of(upload) | both | {"start": ""}).content.decode()
    assert "Two columns are “E-mail address”" in html
    assert Job.objects.count() == 0


@pytest.mark.parametrize("change", [{"column-0": "vibes"}, {"encoding": "rot13"}])
def test_a_forged_mapping_is_refused(staff_client, change):
    staff_client.post(reverse("staff:uploads"), {"file": file(b"email\na@example.com\n")})
    upload = Upload.objects.get()
    address = reverse("staff:upload", args=[upload.pk])
    data = columns_of(upload) | change | {"start": ""}
    assert "That choice is not possible" in staff_client.post(address, data).content.decode()
    assert Job.objects.count() == 0


def test_starting_twice_stores_once(staff_client):
    staff_client.post(reverse("staff:uploads"), {"file": file(b"email\na@example.com\n")})
    upload = Upload.objects.get()
    address = reverse("staff:upload", args=[upload.pk])
    for _ in range(2):
        staff_client.post(address, columns_of(upload) | {"start": ""})
    drain("upload")
    upload.refresh_from_db()
    assert (upload.created_count, Contact.objects.count()) == (1, 1)


def test_a_file_can_be_discarded_before_and_not_after(staff_client):
    staff_client.post(reverse("staff:uploads"), {"file": file(b"email\na@example.com\n")})
    upload = Upload.objects.get()
    discard = reverse("staff:upload-discard", args=[upload.pk])
    uploads.start(upload)
    staff_client.post(discard)
    assert Upload.objects.count() == 1
    Upload.objects.update(state="mapping")
    staff_client.post(discard)
    assert Upload.objects.count() == 0


def test_a_running_file_can_be_stopped(staff_client):
    staff_client.post(reverse("staff:uploads"), {"file": file(b"email\na@example.com\n")})
    upload = Upload.objects.get()
    uploads.start(upload)
    staff_client.post(reverse("staff:upload-stop", args=[upload.pk]))
    drain("upload")
    assert Contact.objects.count() == 0
    html = staff_client.get(reverse("staff:upload", args=[upload.pk])).content.decode()
    assert "Stopped after 0 of 1 rows" in html


def test_an_xlsx_file_takes_the_same_way(staff_client):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Email", "Seats"])
    book.active.append(["ada@example.com", 14])
    buffer = io.BytesIO()
    book.save(buffer)
    staff_client.post(reverse("staff:uploads"), {"file": file(buffer.getvalue(), "p.xlsx")})
    uploads.start(Upload.objects.get())
    drain("upload")
    assert Contact.objects.get().properties == {"seats": 14}
