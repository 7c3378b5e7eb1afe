"""Customers and segments, for reading."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from surveys.api.base import ApiViewSet
from surveys.api.docs import documented
from surveys.api.fields import Moment, Properties
from surveys.models import Customer, Segment, SegmentCondition


class CustomerOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    properties = Properties()
    created_at = Moment()

    class Meta:
        model = Customer
        fields = ["id", "external_id", "name", "properties", "is_internal", "created_at"]


class CustomerFilters(filters.FilterSet):
    external_id = filters.CharFilter(help_text="Exactly this id.")
    name = filters.CharFilter(lookup_expr="icontains", help_text="A part of the name.")

    class Meta:
        model = Customer
        fields: list[str] = []


class CustomerViewSet(ApiViewSet):
    queryset = Customer.objects.all()
    model = Customer
    serializer_class = CustomerOut
    filterset_class = CustomerFilters

    @documented("List customers", {200: CustomerOut(many=True)}, tag="Contacts")
    def list(self, request: Request) -> Reply:
        """Paying accounts, newest first. They are made by naming them on a contact."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CustomerOut(rows, many=True).data)

    @documented("One customer", {200: CustomerOut}, tag="Contacts", refused=(404,))
    def retrieve(self, request: Request, pk: str) -> Reply:
        return Reply(CustomerOut(self.get_object()).data)


class ConditionOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = SegmentCondition
        fields = ["property", "operator", "value"]


class SegmentOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    conditions = ConditionOut(many=True)

    class Meta:
        model = Segment
        fields = ["slug", "name", "conditions"]


class SegmentViewSet(ApiViewSet):
    queryset = Segment.objects.prefetch_related("conditions")
    model = Segment
    serializer_class = SegmentOut
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    filterset_class: Any = None

    @documented("List segments", {200: SegmentOut(many=True)}, tag="Contacts")
    def list(self, request: Request) -> Reply:
        """Named slices of contacts and of their answers: all conditions hold."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(SegmentOut(rows, many=True).data)

    @documented("One segment", {200: SegmentOut}, tag="Contacts", refused=(404,))
    def retrieve(self, request: Request, slug: str) -> Reply:
        return Reply(SegmentOut(self.get_object()).data)
