"""Staff pages of signs, tasks and playbooks; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.care import playbook_pages, sign_pages, task_pages

urlpatterns = [
    path("signs/", sign_pages.signs, name="signs"),
    path("signs/<int:pk>/", sign_pages.sign, name="sign"),
    path("signs/<int:pk>/state/", sign_pages.change_state, name="sign-state"),
    path("signs/<int:pk>/take/", sign_pages.take, name="sign-take"),
    path("signs/<int:pk>/give/", sign_pages.give, name="sign-give"),
    path("tasks/", task_pages.tasks, name="tasks"),
    path("tasks/<int:pk>/", task_pages.edit_task, name="task"),
    path("tasks/<int:pk>/done/", task_pages.finish_task, name="task-done"),
    path("tasks/<int:pk>/reopen/", task_pages.reopen_task, name="task-reopen"),
    path("tasks/<int:pk>/delete/", task_pages.delete_task, name="task-delete"),
    path("signs/<int:pk>/drop/", playbook_pages.drop_tasks, name="sign-drop"),
    path("playbooks/", playbook_pages.playbooks, name="playbooks"),
    path("playbooks/new/", playbook_pages.new_playbook, name="playbook-new"),
    path("playbooks/<int:pk>/", playbook_pages.edit_playbook, name="playbook"),
    path("playbooks/<int:pk>/delete/", playbook_pages.delete_playbook, name="playbook-delete"),
    path("accounts/<int:pk>/start/", playbook_pages.start_playbook, name="account-start"),
    path("accounts/<int:pk>/tasks/", task_pages.add_task, name="account-task"),
    path("accounts/<int:pk>/owner/", task_pages.change_owner, name="account-owner"),
]
