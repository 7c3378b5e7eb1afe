"""Themes over the API, for reading."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Reply

from feedback.models import Theme
from surveys.api.base import ApiViewSet
from surveys.api.docs import documented


class ThemeOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    words = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Theme
        fields = ["slug", "name", "words", "is_active"]


class ThemeViewSet(ApiViewSet):
    queryset = Theme.objects.all()
    model = Theme
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    serializer_class = ThemeOut
    filterset_class: Any = None

    @documented("List themes", {200: ThemeOut(many=True)}, tag="Themes")
    def list(self, request: Request) -> Reply:
        """What comments are searched for. How they score is in a survey's `report`."""
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ThemeOut(rows, many=True).data)

    @documented("One theme", {200: ThemeOut}, tag="Themes", refused=(404,))
    def retrieve(self, request: Request, slug: str) -> Reply:
        return Reply(ThemeOut(self.get_object()).data)
