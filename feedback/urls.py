from django.urls import path

from feedback import share_views, views

app_name = "feedback"

urlpatterns = [
    path("s/<str:token>", views.survey_page, name="survey"),
    path("s/<str:token>/thanks", views.thanks_page, name="thanks"),
    path("a/<str:code>", share_views.share_page, name="share"),
    path("w/<slug:code>.js", share_views.widget_script, name="widget-script"),
    path("w/<slug:code>", share_views.widget_page, name="widget"),
]
