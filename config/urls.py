"""Every address of the product."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from analytics.digests.urls import public
from config import health

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
handler500 = "config.api.failed"

staff_pages = [
    path("", include("analytics.scores.urls")),
    path("", include("analytics.exports.urls")),
    path("", include("analytics.digests.urls")),
    path("", include("analytics.worth.urls")),
    path("", include("analytics.success.urls")),
    path("", include("analytics.care.urls")),
    path("", include("analytics.targets.urls")),
    path("", include("feedback.staff_urls")),
    path("", include("feedback.teaching_urls")),
    path("", include("surveys.staff_urls")),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("", include("feedback.urls")),
    path("", include("surveys.urls")),
    path("", include("analytics.success.tracking_urls")),
    path("", include((public, "digests"))),
    # Browsers ask for it wherever no page names one: JSON, exports, an error of the proxy.
    path("favicon.ico", lambda request: redirect(static("staff/favicon.svg"))),
    path("healthz", health.web),
    path("healthz/worker", health.worker),
    path("healthz/mail", health.mail),
    path("api/", include("config.api")),
    path("admin/language/", set_language, name="set_language"),
    path("admin/", include((staff_pages, "staff"))),  # before the admin: ours is its index
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
