"""Staff pages of what subjects cost; included under /admin/ in the namespace "staff"."""

from django.urls import path

from analytics.worth import pages

urlpatterns = [path("surveys/<survey:slug>/money/", pages.theme_money, name="theme-money")]
