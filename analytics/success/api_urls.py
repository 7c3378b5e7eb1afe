"""Addresses of this wing's API, below /api/v1/."""

from django.urls import path

from analytics.success.api import FactKindsView, FactsView
from analytics.success.api_accounts import AccountHealthView, AccountsView, OverridesView
from analytics.success.api_conventions import ConventionsView
from analytics.success.api_conversations import (
    ConversationsView,
    ConversationView,
    SatisfactionView,
)
from analytics.success.api_friction import PlacesView
from analytics.success.api_health import DefinitionView, ValidationView
from analytics.success.api_live import LiveView
from analytics.success.api_metrics import (
    CohortsView,
    MetricSegmentsView,
    MetricSeriesView,
    MetricsView,
    MetricValueView,
)
from analytics.success.api_paths import PathsView, PathView, StoppedView

urlpatterns = [
    path("facts", FactKindsView.as_view(), name="fact-kinds"),
    path("facts/<slug:kind>", FactsView.as_view(), name="facts"),
    path("accounts", AccountsView.as_view(), name="accounts"),
    path("accounts/health/definition", DefinitionView.as_view(), name="health-definition"),
    path("accounts/health/validation", ValidationView.as_view(), name="health-validation"),
    path("accounts/<path:customer>/health", AccountHealthView.as_view(), name="account-health"),
    path("accounts/<path:customer>/overrides", OverridesView.as_view(), name="overrides"),
    path("conversations", ConversationsView.as_view(), name="conversations"),
    path("conversations/satisfaction", SatisfactionView.as_view(), name="satisfaction"),
    path("conversations/<path:ticket>", ConversationView.as_view(), name="conversation"),
    path("live", LiveView.as_view(), name="live"),
    path("paths", PathsView.as_view(), name="paths"),
    path("paths/<slug:slug>", PathView.as_view(), name="path"),
    path("paths/<slug:slug>/stopped", StoppedView.as_view(), name="path-stopped"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("metrics/conventions", ConventionsView.as_view(), name="conventions"),
    path("metrics/cohorts", CohortsView.as_view(), name="cohorts"),
    path("metrics/friction/places", PlacesView.as_view(), name="friction-places"),
    path("metrics/<slug:slug>", MetricValueView.as_view(), name="metric"),
    path("metrics/<slug:slug>/series", MetricSeriesView.as_view(), name="metric-series"),
    path("metrics/<slug:slug>/segments", MetricSegmentsView.as_view(), name="metric-segments"),
]
