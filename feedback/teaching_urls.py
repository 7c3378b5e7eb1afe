"""Staff pages by which people teach the reader; under /admin/ in the namespace "staff"."""

from django.urls import path

from feedback.teaching import (
    check_pages,
    coverage_pages,
    history_pages,
    suggestion_pages,
    theme_pages,
    word_pages,
)

urlpatterns = [
    path("reading/", coverage_pages.coverage, name="reading"),
    path("reading/unscored/", coverage_pages.unscored_comments, name="reading-unscored"),
    path("reading/words/", word_pages.own_words, name="reading-words"),
    path("reading/words/apply", word_pages.apply_words, name="reading-words-apply"),
    path("reading/words/<int:pk>/remove", word_pages.remove_word, name="reading-word-remove"),
    path("reading/check/", check_pages.random_check, name="reading-check"),
    path("reading/contradictions/", check_pages.score_and_words, name="reading-contradictions"),
    path("reading/judge/<int:pk>", check_pages.judge_comment, name="reading-judge"),
    path("reading/history/", history_pages.history, name="reading-history"),
    path("themes/new/", theme_pages.new_theme, name="theme-new"),
    path("themes/presets/", theme_pages.presets, name="theme-presets"),
    path("themes/suggestions/", suggestion_pages.suggestions, name="theme-suggestions"),
    path("themes/suggestions/refresh", suggestion_pages.refresh, name="theme-suggestions-refresh"),
    path("themes/suggestions/<int:pk>", suggestion_pages.decide, name="theme-suggestion"),
    path("themes/explorer/", suggestion_pages.explorer, name="theme-explorer"),
    path("themes/edit/<slug:slug>/", theme_pages.edit_theme, name="theme"),
    path("themes/edit/<slug:slug>/switch", theme_pages.switch_theme, name="theme-switch"),
    path("themes/edit/<slug:slug>/delete/", theme_pages.delete_theme, name="theme-delete"),
]
