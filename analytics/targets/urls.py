"""Staff pages of targets; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.targets import pages

urlpatterns = [
    path("targets/", pages.targets, name="targets"),
    path("targets/new/", pages.new_target, name="target-new"),
    path("targets/<int:target_id>/", pages.target, name="target"),
    path("targets/<int:target_id>/edit/", pages.edit_target, name="target-edit"),
    path("targets/<int:target_id>/delete/", pages.remove_target, name="target-delete"),
    path("targets/<int:target_id>/alarms/", pages.look_after, name="target-alarms"),
]
