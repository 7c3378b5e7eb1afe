"""Staff pages of exports; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.exports import pages

urlpatterns = [
    path("exports/", pages.exports, name="exports"),
    path("exports/<int:export_id>/file/", pages.fetch, name="export-file"),
    path("exports/<int:export_id>/remove/", pages.remove, name="export-remove"),
    path("responses/seen.csv", pages.seen_responses, name="responses-export"),
]
