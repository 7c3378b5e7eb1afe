"""What every API view shares: who may see which rows, which survey is meant, how pages run."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from surveys.api.errors import answer_error
from surveys.api.filtering import AllowListed, check_query
from surveys.api.paging import PARAMETERS, Keyset
from surveys.api.parsing import BodyParser, JsonOnly
from surveys.models import ApiKey, Survey
from surveys.throttles import KeyPace

ID = "[0-9]{1,18}"


class ApiViewSet(GenericViewSet):  # type: ignore[type-arg]
    """A resource. `survey_path` is the lookup from its rows to their survey.

    Rows of other surveys do not exist for a key that is limited to one survey;
    a resource without a `survey_path` belongs to the whole workspace, and
    such a key may not use it at all (surveys.access.HasScope).
    """

    http_method_names = ["get", "head", "post", "patch", "delete"]
    throttle_classes = [KeyPace]
    parser_classes = [BodyParser]
    content_negotiation_class = JsonOnly
    filter_backends = [AllowListed]
    pagination_class = Keyset
    model: type[Model]
    survey_path = ""
    keyset: tuple[str, ...] = ("-id",)
    lookup_value_regex = ID
    bulk_actions: tuple[str, ...] = ()  # those whose body may be API_BULK_LIMIT long
    # What an address may ask for: of a list beside its filters, and of anything else.
    list_parameters: tuple[str, ...] = PARAMETERS
    query_parameters: tuple[str, ...] = ()

    def get_exception_handler(self) -> Any:
        return answer_error

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A method there is not has no action; a list's filters know what they allow.
        if self.action not in (None, "list", "export"):
            check_query(request, self.query_parameters)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        reply = super().finalize_response(*args, **kwargs)
        reply.headers.setdefault("Cache-Control", "private, no-store")  # it is about people
        return reply

    def get_queryset(self) -> QuerySet[Any]:
        return visible(super().get_queryset(), self.request, path=self.survey_path)

    def get_object(self) -> Any:
        name = self.lookup_url_kwarg or self.lookup_field
        found = self.get_queryset().filter(**{self.lookup_field: self.kwargs[name]}).first()
        if found is None:
            raise NotFound
        return found

    def read_body(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the checked body; ValidationError becomes 422."""
        form = serializer(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)


def limit_of(request: Request) -> int | None:
    """Return the id of the only survey a key may touch, None when it may touch all."""
    key = getattr(request, "auth", None)
    return key.survey_id if isinstance(key, ApiKey) else None


def visible(rows: QuerySet[Any], request: Request, *, path: str) -> QuerySet[Any]:
    """Return only the rows this caller may see."""
    survey_id = limit_of(request)
    if survey_id is None:
        return rows
    return rows.filter(**{path: survey_id}) if path else rows.none()


def survey_named(slug: str, request: Request) -> Survey:
    """Return the survey of that short name; 404 when this caller sees none."""
    surveys = visible(Survey.objects.select_related("brand"), request, path="pk")
    found = surveys.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no survey '%(slug)s' this key may see.") % {"slug": slug[:60]})
    return found


def survey_in_body(slug: str, request: Request) -> Survey:
    """Return the survey a body names; 422 at `survey` when this caller sees none."""
    try:
        return survey_named(slug, request)
    except NotFound as error:
        raise ValidationError({"survey": [str(error.detail)]}) from None
