"""Staff pages of this wing; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.success import pages

urlpatterns = [
    path("metrics/", pages.overview, name="metrics"),
    path("metrics/<slug:slug>/", pages.metric, name="metric"),
]
