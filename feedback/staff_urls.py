"""Staff pages around single responses; included under /admin/ in the namespace "staff"."""

from django.urls import path

from feedback import judging_pages, saved_pages
from feedback import staff_views as views

urlpatterns = [
    path("responses/", views.responses, name="responses"),
    path("responses/standing", views.change_standings, name="response_standings"),
    path("responses/judging/", judging_pages.judging, name="judging"),
    path("responses/<int:pk>/", views.responses, name="response"),
    path("responses/<int:pk>/seen", views.mark_seen, name="response_seen"),
    path("responses/<int:pk>/judge", views.judge_reading, name="response_judge"),
    path("responses/<int:pk>/standing", views.change_standing, name="response_standing"),
    path("saved-answers/", saved_pages.saved_answers_page, name="saved-answers"),
    path("saved-answers/new/", saved_pages.new_saved_answer, name="saved-answer-new"),
    path("saved-answers/<int:pk>/", saved_pages.saved_answer, name="saved-answer"),
    path(
        "saved-answers/<int:pk>/switch",
        saved_pages.switch_saved_answer,
        name="saved-answer-switch",
    ),
    path(
        "saved-answers/<int:pk>/delete",
        saved_pages.delete_saved_answer,
        name="saved-answer-delete",
    ),
    path("saved-answers/<int:pk>/used", saved_pages.note_use, name="saved-answer-used"),
]
