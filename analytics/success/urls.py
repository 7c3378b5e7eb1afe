"""Staff pages of this wing; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.success import accounts, pages

urlpatterns = [
    path("metrics/", pages.overview, name="metrics"),
    path("metrics/<slug:slug>/", pages.metric, name="metric"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/notes/", accounts.add_note, name="account-note"),
]
