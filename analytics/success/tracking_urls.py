"""Public addresses of tracking, below /u/: no cookies, no sessions (feedback.public)."""

from django.urls import path

from analytics.success import tracking_views

app_name = "tracking"
urlpatterns = [
    path("u/track.js", tracking_views.script, name="script"),
    path("u/<slug:key>", tracking_views.events, name="events"),
]
