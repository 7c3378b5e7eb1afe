"""Staff pages of this wing; included under /admin/ in the namespace "staff"."""

from django.apps import apps
from django.urls import path, register_converter

from analytics.scores import (
    accuracy_pages,
    asked_page,
    compare_pages,
    dashboards,
    survey_page,
    theme_list,
)


class SurveySlug:
    """A survey's short name beside the model forms of the same folder.

    /admin/surveys/contact/ is the list of contacts; a survey called "contact"
    is found at /admin/surveys/~contact/.
    """

    regex = r"~[-a-zA-Z0-9_]+|(?!(?:{})/)[-a-zA-Z0-9_]+".format(
        "|".join(
            model._meta.model_name or "" for model in apps.get_app_config("surveys").get_models()
        )
    )

    def to_python(self, value: str) -> str:
        return value.removeprefix("~")

    def to_url(self, value: str) -> str:
        names = {m._meta.model_name for m in apps.get_app_config("surveys").get_models()}
        return f"~{value}" if value in names else value


register_converter(SurveySlug, "survey")

urlpatterns = [
    path("", dashboards.home, name="home"),
    path("surveys/<survey:slug>/", survey_page.survey, name="survey"),
    path("surveys/<survey:slug>/compare/", compare_pages.comparison, name="compare"),
    path("surveys/<survey:slug>/asked/", asked_page.asked, name="asked"),
    path("reading/accuracy/", accuracy_pages.accuracy, name="reading-accuracy"),
    path("themes/", theme_list.themes, name="themes"),
]
