"""The list of contacts: search, filters, order, and an export of exactly what is seen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from outbox.staff.pages import staff_page
from surveys.models import Contact, Customer, Segment, Suppression
from surveys.segments import NOBODY, segment_q
from surveys.sheets import safe_cell

_VIEW = "surveys.view_contact"
_SHOWN_PROPERTIES = 3
_ORDERS = {
    "name": ("name", "email"),
    "-name": ("-name", "-email"),
    "customer": ("customer__name", "email"),
    "-customer": ("-customer__name", "email"),
    "asked": (F("last_asked_at").asc(nulls_first=True), "email"),
    "-asked": (F("last_asked_at").desc(nulls_last=True), "email"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; every part may be empty."""

    q: str
    segment: str
    mail: str
    customer: str
    sort: str

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in self._pairs() if value})

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.segment or self.mail or self.customer)

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, getattr(self, name)) for name in self.__slots__]


def read_wish(request: HttpRequest) -> Wish:
    def word(name: str) -> str:
        return request.GET.get(name, "").strip()[:120]

    sort = word("sort")
    return Wish(
        word("q"), word("segment"), word("mail"), word("customer"), sort if sort in _ORDERS else ""
    )


def found(wish: Wish) -> QuerySet[Any]:
    """Return the contacts that fit, each with `is_stopped`."""
    in_force = Suppression.objects.everywhere().filter(email=OuterRef("email"))
    rows = Contact.objects.select_related("customer").annotate(is_stopped=Exists(in_force))
    for part in wish.q.split():
        rows = rows.filter(
            Q(email__icontains=part) | Q(name__icontains=part) | Q(customer__name__icontains=part)
        )
    if wish.segment:
        rows = rows.filter(_segment(wish.segment))
    if wish.customer:
        rows = rows.filter(customer__external_id=wish.customer)
    if wish.mail in ("stopped", "allowed"):
        rows = rows.filter(is_stopped=wish.mail == "stopped")
    return rows.order_by(*_ORDERS.get(wish.sort, ("email",)))


def _segment(slug: str) -> Q:
    segment = Segment.objects.prefetch_related("conditions").filter(slug=slug).first()
    return segment_q(segment.conditions.all()) if segment else NOBODY


@dataclass(frozen=True, slots=True)
class Heading:
    """A sortable column: what its link asks for, and how it is sorted now."""

    label: str
    query: str
    aria: str


def _headings(wish: Wish) -> list[Heading]:
    labels = {"name": _("Contact"), "customer": _("Customer"), "asked": _("Last asked")}
    return [_heading(wish, key, label) for key, label in labels.items()]


def _heading(wish: Wish, key: str, label: str) -> Heading:
    state = {key: "ascending", f"-{key}": "descending"}.get(wish.sort, "")
    turned = f"-{key}" if wish.sort == key else key
    kept = Wish(wish.q, wish.segment, wish.mail, wish.customer, turned)
    return Heading(label, kept.query, state)


@require_safe
@staff_page(_VIEW)
def contacts(request: HttpRequest) -> HttpResponse:
    """Who can be asked? Searchable by every word of name, address and customer."""
    wish = read_wish(request)
    page = Paginator(found(wish), 50).get_page(request.GET.get("page"))
    context = {
        "wish": wish,
        "page": page,
        "lines": [(contact, _properties(contact)) for contact in page],
        "headings": _headings(wish),
        "segments": Segment.objects.all(),
        "customer": Customer.objects.filter(external_id=wish.customer).first(),
        "query": f"{wish.query}&" if wish.query else "",
    }
    return render(request, "surveys/staff/contacts.html", context)


def _properties(contact: Contact) -> list[tuple[str, Any]]:
    return sorted(contact.properties.items())[:_SHOWN_PROPERTIES]


@require_safe
@staff_page(_VIEW)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Download what the list shows, in its order, with every property a column of its own."""
    rows = found(read_wish(request))
    response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="contacts.csv"'
    return response


def _csv(rows: QuerySet[Any]) -> Iterator[str]:
    names = sorted({name for properties in _all_properties(rows) for name in properties})
    yield "\ufeff" + _line(["email", "name", "customer id", "customer", "language", *names])
    for contact in rows.iterator(chunk_size=1000):
        customer = contact.customer
        yield _line(
            [
                contact.email,
                contact.name,
                customer.external_id if customer else "",
                customer.name if customer else "",
                contact.language,
                *(str(contact.properties.get(name, "")) for name in names),
            ]
        )


def _all_properties(rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return rows.order_by().values_list("properties", flat=True).iterator(chunk_size=2000)


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()
