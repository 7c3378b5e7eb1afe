"""Staff pages of this wing; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.success import (
    accounts,
    backtest_pages,
    conversation_pages,
    definition_pages,
    file_pages,
    live_pages,
    override_pages,
    pages,
    path_pages,
    tracking_pages,
)

urlpatterns = [
    path("metrics/", pages.overview, name="metrics"),
    path("metrics/compute/", pages.compute, name="metrics-compute"),
    path("metrics/<slug:group>/compute/", pages.compute, name="metric-compute"),
    path("metrics/<slug:slug>/", pages.metric, name="metric"),
    path("paths/", path_pages.paths, name="paths"),
    path("paths/<slug:slug>/", path_pages.path, name="path"),
    path("paths/<slug:slug>/change/", path_pages.change_path, name="path-change"),
    path("paths/<slug:slug>/delete/", path_pages.delete_path, name="path-delete"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/judge/", accounts.judge_accounts, name="accounts-judge"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/notes/", accounts.add_note, name="account-note"),
    path("accounts/<int:pk>/health/", override_pages.set_health, name="account-health"),
    path("accounts/<int:pk>/health/end/", override_pages.end_health, name="account-health-end"),
    path("health/", definition_pages.definition, name="health-definition"),
    path("health/validation/", backtest_pages.validation, name="health-validation"),
    path("conversations/", conversation_pages.conversations, name="conversations"),
    path("conversations/<int:pk>/", conversation_pages.conversation, name="conversation"),
    path(
        "conversations/<int:pk>/handled/",
        conversation_pages.handle_conversation,
        name="conversation-handled",
    ),
    path("conversations/model/", conversation_pages.satisfaction_model, name="satisfaction-model"),
    path(
        "conversations/model/train/",
        conversation_pages.train_satisfaction,
        name="satisfaction-train",
    ),
    path("facts/", file_pages.fact_files, name="fact-files"),
    path("facts/<int:file_id>/", file_pages.fact_file, name="fact-file"),
    path("facts/<int:file_id>/stop/", file_pages.stop_fact_file, name="fact-file-stop"),
    path("facts/<int:file_id>/retry/", file_pages.retry_fact_file, name="fact-file-retry"),
    path("facts/<int:file_id>/discard/", file_pages.discard_fact_file, name="fact-file-discard"),
    path("facts/<int:file_id>/refused.csv", file_pages.refused_facts, name="fact-file-refused"),
    path("live/", live_pages.live_page, name="live"),
    path("tracking/", tracking_pages.tracking_keys, name="tracking"),
    path("tracking/<int:pk>/switch/", tracking_pages.switch_tracking_key, name="tracking-switch"),
]
