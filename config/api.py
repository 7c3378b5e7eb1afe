"""Every address of the API, its schema and its documentation pages."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.defaults import server_error
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.routers import SimpleRouter

from analytics.api.digests import DigestViewSet, IssueViewSet
from analytics.api.export_files import ExportFileViewSet
from analytics.api.exports import EXPORTS
from analytics.api.reports import ReportFileViewSet, ReportViewSet
from analytics.api.scores import SIDE_PARAMETERS, ScoreViewSet
from analytics.api.tables import AccountsFileView, FactsFileView, MetricsFileView
from analytics.care.api import SignViewSet, TaskViewSet
from analytics.care.api_playbooks import PlaybookViewSet
from analytics.success.api_urls import urlpatterns as success
from analytics.targets.api import TargetViewSet
from analytics.worth.api import ThemeMoneyViewSet
from feedback.api.responses import ResponseViewSet
from feedback.api.saved_answers import SavedAnswerViewSet
from feedback.api.themes import ThemeViewSet
from surveys.api.campaigns import CampaignViewSet
from surveys.api.contacts import ContactViewSet
from surveys.api.errors import body_of
from surveys.api.fields import printable
from surveys.api.invitations import InvitationViewSet
from surveys.api.languages import SurveyLanguageViewSet
from surveys.api.people import CustomerViewSet, SegmentViewSet
from surveys.api.suppressions import SuppressionViewSet
from surveys.api.surveys import SurveyViewSet

API_PREFIX = "/api/"

router = SimpleRouter(trailing_slash=False)
router.register("surveys", SurveyViewSet, "survey")
router.register("contacts", ContactViewSet, "contact")
router.register("customers", CustomerViewSet, "customer")
router.register("segments", SegmentViewSet, "segment")
router.register("campaigns", CampaignViewSet, "campaign")
router.register("invitations", InvitationViewSet, "invitation")
router.register("responses", ResponseViewSet, "response")
router.register("themes", ThemeViewSet, "theme")
router.register("saved-answers", SavedAnswerViewSet, "saved-answer")
router.register("suppressions", SuppressionViewSet, "suppression")
router.register("targets", TargetViewSet, "target")
router.register("signs", SignViewSet, "sign")
router.register("tasks", TaskViewSet, "task")
router.register("playbooks", PlaybookViewSet, "playbook")
router.register("exports", ExportFileViewSet, "export")
router.register("reports", ReportViewSet, "report")
router.register("digests", DigestViewSet, "digest")


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the two ways of showing a key."""

    target_class = "surveys.access.ApiKeyAuthentication"
    name = ["key", "keyAsUserName"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "An API key: `vb_…`"},
            {"type": "http", "scheme": "basic", "description": "The key as user name."},
        ]


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 document, as JSON. No key needed: it holds nothing of anyone."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer]


class Docs(SpectacularSwaggerSplitView):
    """The browsable documentation; its page, script and styles are all ours to serve."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    renderer_classes = [TemplateHTMLRenderer]
    content_negotiation_class = SpectacularAPIView.content_negotiation_class
    template_name = "api/docs.html"
    url_name = "api-schema"

    @method_decorator(csp_update({"img-src": [SELF, "data:"], "font-src": [SELF]}))  # its arrows
    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)


def nothing_here(request: HttpRequest) -> JsonResponse:
    """Answer addresses the API does not have."""
    message = _("There is no address %(path)s in the API. GET /api/docs/ lists them all.")
    body = body_of("not_found", message % {"path": printable(request.path)})
    return JsonResponse(body, status=404)


def failed(request: HttpRequest) -> HttpResponseBase:
    """Answer a programming error: in the API's shape under /api/, as a page elsewhere."""
    if request.path.startswith(API_PREFIX):
        message = _("Something went wrong here. It is logged; please report it if it stays.")
        return JsonResponse(body_of("internal", message), status=500)
    return server_error(request)


_exports = [path(name, view.as_view({"get": "export"})) for name, view in EXPORTS.items()]
_exports += [
    path("facts/<slug:kind>/export.<slug:form>", FactsFileView.as_view()),
    path("metrics/export.<slug:form>", MetricsFileView.as_view()),
    path("accounts/export.<slug:form>", AccountsFileView.as_view()),
]
_languages = [
    path("surveys/<slug:slug>/languages", SurveyLanguageViewSet.as_view({"get": "list"})),
    path(
        "surveys/<slug:slug>/languages/<slug:code>",
        SurveyLanguageViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
]
_scores = [
    path(f"surveys/<slug:slug>/{name}", ScoreViewSet.as_view({"get": name}))
    for name in ("score", "trend", "distribution", "report")
]
_scores.append(
    path(
        "surveys/<slug:slug>/compare",
        ScoreViewSet.as_view({"get": "compare"}, query_parameters=SIDE_PARAMETERS),
    )
)
_scores.append(
    path(
        "surveys/<slug:slug>/months",
        ScoreViewSet.as_view({"get": "months"}, query_parameters=("months",)),
    )
)
_reports = [
    re_path(
        r"^digests/(?P<digest>[0-9]{1,18})/issues$",
        IssueViewSet.as_view({"get": "list", "post": "create"}),
    ),
    re_path(
        r"^reports/(?P<report>[0-9]{1,18})/files$",
        ReportFileViewSet.as_view({"get": "list", "post": "create"}),
    ),
    *(
        re_path(
            rf"^reports/(?P<report>[0-9]{{1,18}})/files/(?P<file>[0-9]{{1,18}})\.{form}$",
            ReportFileViewSet.as_view({"get": form}),
        )
        for form in ("pdf", "html")
    ),
]
_worth = [path("surveys/<slug:slug>/money", ThemeMoneyViewSet.as_view({"get": "money"}))]
urlpatterns = [
    path(
        "v1/",
        include([*_exports, *_scores, *_reports, *_worth, *_languages, *success, *router.urls]),
    ),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    path("", lambda request: redirect("api-docs")),
    re_path(r"^[\s\S]*\Z", csrf_exempt(nothing_here)),
]
