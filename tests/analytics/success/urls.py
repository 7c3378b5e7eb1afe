"""Only this wing's API, so that its tests depend on nothing above it."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("analytics.success.api_urls"))]
