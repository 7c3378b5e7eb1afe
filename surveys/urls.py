from django.urls import path, re_path

from surveys import hook_views, mail_hooks, staff_views, views

app_name = "surveys"

urlpatterns = [
    path("s/<str:token>/unsubscribe", views.unsubscribe, name="unsubscribe"),
    path("hooks/mail/<str:provider>", mail_hooks.mail_events, name="mail_events"),
    path("hooks/<str:public_id>", hook_views.hook, name="hook"),
    re_path(r"^b/(?P<name>[0-9a-f]{6}-[0-9a-f]{10})\.css$", views.palette, name="palette"),
    re_path(r"^b/(?P<name>[0-9a-f]{6}-[0-9a-f]{10})\.svg$", views.icon, name="icon"),
    re_path(r"^b/(?P<brand_id>[0-9]{1,18})\.(?P<extension>png|jpg|webp)$", views.logo, name="logo"),
    path("admin/preview/<slug:slug>", staff_views.preview, name="preview"),
    path("admin/mailbox/", staff_views.mailbox, name="mailbox"),
    path("admin/mailbox/<str:name>", staff_views.letter, name="letter"),
    path("admin/mailbox/<str:name>/html", staff_views.letter_html, name="letter_html"),
]
