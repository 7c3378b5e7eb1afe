"""Contacts: the people we may write to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys import contact_book, contacts
from surveys.api.base import ApiViewSet
from surveys.api.bulk import BulkOut, Outcome, checked, outcome, rows_of, summary
from surveys.api.docs import documented, said, sent
from surveys.api.errors import BadQuery, Conflict
from surveys.api.fields import Address, LanguageCode, Line, Moment, Properties, Strict
from surveys.api.filtering import EmailFilter
from surveys.api.once import IDEMPOTENCY_KEY, Told, once
from surveys.models import Contact, Segment, Suppression
from surveys.roster import Person
from surveys.segments import number_of, segment_q

TAG = "Contacts"
_ADA = {
    "email": "ada@example.com",
    "name": "Ada Byron",
    "customer": "acme-7",
    "language": "en",
    "properties": {"plan": "Growth", "seats": 25},
}


class ContactOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    customer = serializers.CharField(source="customer.external_id", default=None, allow_null=True)
    properties = Properties()
    is_suppressed = serializers.BooleanField(help_text="Gets no survey mail; see suppressions.")
    last_asked_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()

    class Meta:
        model = Contact
        fields = [
            "id", "email", "name", "customer", "language", "properties", "is_suppressed",
            "last_asked_at", "created_at", "updated_at",
        ]  # fmt: skip


class ContactIn(Strict):
    email = Address()
    name = Line(max_length=200, required=False, allow_blank=True)
    customer = Line(max_length=120, required=False, help_text="Its external id; made if new.")
    customer_name = Line(max_length=200, required=False)
    language = LanguageCode(required=False, allow_blank=True)
    properties = Properties(required=False)


class ContactChange(Strict):
    email = Address(required=False)
    name = Line(max_length=200, required=False, allow_blank=True)
    customer = Line(max_length=120, required=False, allow_null=True)
    customer_name = Line(max_length=200, required=False)
    language = LanguageCode(required=False, allow_blank=True)
    properties = Properties(
        takes_away=True, required=False, help_text="Merged; null takes one away."
    )


class ContactsIn(Strict):
    contacts = ContactIn(many=True)


class ContactFilters(filters.FilterSet):
    email = EmailFilter(help_text="Exactly this address.")
    customer = filters.CharFilter(
        field_name="customer__external_id", help_text="The customer's external id."
    )
    segment = filters.CharFilter(method="in_segment", help_text="A segment's short name.")
    property = filters.CharFilter(
        method="with_property", help_text="`name:value`, for example `plan:Growth`; may repeat."
    )

    class Meta:
        model = Contact
        fields: list[str] = []

    def in_segment(self, rows: QuerySet[Contact], name: str, slug: str) -> QuerySet[Contact]:
        segment = Segment.objects.filter(slug=slug).first()
        return rows.filter(segment_q(segment.conditions.all())) if segment else rows.none()

    def with_property(self, rows: QuerySet[Contact], name: str, _v: str) -> QuerySet[Contact]:
        for place, text in enumerate(self.data.getlist(name)[:10]):
            rows = _having(rows, text, alias=f"property_{place}")
        return rows


def _having(rows: QuerySet[Contact], text: str, *, alias: str) -> QuerySet[Contact]:
    """Keep those with `name:value`; the name stays a name, whatever lookup it looks like."""
    name, colon, value = text.partition(":")
    if not (name.strip() and colon):
        raise BadQuery({"property": [_("Write name:value, for example plan:Growth.")]})
    number = number_of(value)
    wanted = Q(**{alias: value}) | (Q(**{alias: number}) if number is not None else Q())
    return rows.alias(**{alias: KeyTransform(name.strip(), "properties")}).filter(wanted)


def with_suppression(rows: QuerySet[Contact]) -> QuerySet[Contact]:
    """Return the contacts with `is_suppressed` and their customer."""
    in_force = Suppression.objects.everywhere().filter(email=OuterRef("email"))
    return rows.select_related("customer").annotate(is_suppressed=Exists(in_force))


def person_of(body: Mapping[str, Any], row: int = 0) -> Person:
    """Return a checked body as the person a contact file would give."""
    return Person(
        row=row,
        email=body["email"],
        name=body.get("name", ""),
        customer_id=body.get("customer", ""),
        customer_name=body.get("customer_name", ""),
        language=body.get("language", ""),
        properties=dict(body.get("properties", {})),
    )


class ContactViewSet(ApiViewSet):
    queryset = Contact.objects.all()
    model = Contact
    serializer_class = ContactOut
    filterset_class = ContactFilters

    def get_queryset(self) -> QuerySet[Contact]:
        return with_suppression(super().get_queryset())

    bulk_actions = ("bulk",)

    @documented("List contacts", {200: ContactOut(many=True)}, tag=TAG)
    def list(self, request: Request) -> Reply:
        """Newest first."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ContactOut(rows, many=True).data)

    @documented("One contact", {200: ContactOut}, tag=TAG, refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(ContactOut(self.get_object()).data)

    @documented(
        "Create or update a contact by e-mail",
        {200: ContactOut, 201: ContactOut},
        tag=TAG,
        request=ContactIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[sent("Ada", _ADA)],
    )
    def create(self, request: Request) -> Reply:
        """201 when the address is new, 200 when the contact was there: what is sent changes,
        properties are merged, the rest stays."""
        person = person_of(self.read_body(ContactIn))

        def act() -> Told:
            stored = contacts.store([person])
            return Told(201 if stored.created else 200, stored.all[0])

        told = once(request, act)
        return self._shown(told.subject_id, status=told.status)

    @documented(
        "Change a contact",
        {200: ContactOut},
        tag=TAG,
        refused=(404, 409),
        request=ContactChange,
        examples=[sent("Off the trial", {"properties": {"plan": "Growth", "trial_ends": None}})],
    )
    def partial_update(self, request: Request, pk: str) -> Reply:
        """Only what is sent changes; a property sent as null is taken away. Answers given before
        keep the properties of their day."""
        contact = self.get_object()
        body = self.read_body(ContactChange)
        try:
            contact_book.amend(contact.pk, body)
        except IntegrityError:
            message = _("Another contact has this address already.")
            raise Conflict(message, code="email_taken") from None
        return self._shown(contact.pk)

    @documented("Delete a contact", {204: None}, tag=TAG, refused=(404,))
    def destroy(self, request: Request, pk: str) -> Reply:
        """Mails still waiting for it are cancelled. Answers stay, without the person."""
        contact_book.remove(self.get_object())
        return Reply(status=204)

    @documented(
        "Create or update many contacts",
        {200: BulkOut},
        tag=TAG,
        request=ContactsIn,
        parameters=[IDEMPOTENCY_KEY],
        refused=(409,),
        examples=[
            sent("Two people", {"contacts": [_ADA, {"email": "bob@"}]}),
            said(
                "One stored, one refused",
                {
                    "counts": {"created": 1, "refused": 1},
                    "results": [
                        {"index": 0, "outcome": "created", "id": 41, "errors": {}},
                        {
                            "index": 1,
                            "outcome": "refused",
                            "id": None,
                            "errors": {"email": ["Enter a valid email address."]},
                        },
                    ],
                },
                status_codes=["200"],
            ),
        ],
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Reply:
        """Up to 1,000 rows. Outcomes: `created`, `updated`, `unchanged`, `repeated` (the same
        address stands further down; that row counts) and `refused` with the reasons."""
        good, outcomes = checked(rows_of(request.data, "contacts"), ContactIn)
        told = once(request, lambda: Told(200, said=summary(outcomes | _store(good))))
        return Reply(told.said)

    def _shown(self, contact_id: int | None, *, status: int = 200) -> Reply:
        found = self.get_queryset().get(pk=contact_id)  # type: ignore[misc]  # stored: it has one
        return Reply(ContactOut(found).data, status=status)


def _store(rows: Mapping[int, dict[str, Any]]) -> dict[int, Outcome]:
    last = {row["email"]: index for index, row in rows.items()}
    stored = contacts.store([person_of(rows[index], index) for index in last.values()])
    word_of = {
        contact_id: word
        for word, ids in (
            ("created", stored.created),
            ("updated", stored.updated),
            ("unchanged", stored.unchanged),
        )
        for contact_id in ids
    }
    ids = dict(Contact.objects.filter(email__in=last).values_list("email", "pk"))
    return {
        index: outcome(
            index,
            word_of[ids[row["email"]]] if last[row["email"]] == index else "repeated",
            ids[row["email"]],
        )
        for index, row in rows.items()
    }
