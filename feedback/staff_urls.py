"""Staff pages around single responses; included under /admin/ in the namespace "staff"."""

from django.urls import path

from feedback import judging_pages
from feedback import staff_views as views

urlpatterns = [
    path("responses/", views.responses, name="responses"),
    path("responses/standing", views.change_standings, name="response_standings"),
    path("responses/judging/", judging_pages.judging, name="judging"),
    path("responses/<int:pk>/", views.responses, name="response"),
    path("responses/<int:pk>/seen", views.mark_seen, name="response_seen"),
    path("responses/<int:pk>/judge", views.judge_reading, name="response_judge"),
    path("responses/<int:pk>/standing", views.change_standing, name="response_standing"),
]
