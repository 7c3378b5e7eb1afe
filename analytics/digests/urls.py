"""Staff pages of digests and reports, and the page that stops them.

`urlpatterns` is included under /admin/ in the namespace "staff"; `public`
stands at the root in the namespace "digests".
"""

from django.urls import path, re_path

from analytics.digests import pages, report_pages, stop_pages

urlpatterns = [
    path("digests/", pages.digests, name="digests"),
    path("digests/<int:digest_id>/", pages.digest, name="digest"),
    re_path(
        r"^digests/(?P<digest_id>[0-9]{1,18})/(?P<what>pause|resume|now|remove)/$",
        pages.act,
        name="digest-act",
    ),
    path("digests/<int:digest_id>/preview/", pages.preview, name="digest-preview"),
    path("digests/<int:digest_id>/mail/", pages.preview_mail, name="digest-mail"),
    path("digests/sent/<int:issue_id>/", pages.issue, name="issue"),
    path("digests/sent/<int:issue_id>/mail/", pages.issue_mail, name="issue-mail"),
    path("reports/", report_pages.reports, name="reports"),
    path("reports/<int:report_id>/", report_pages.report, name="report"),
    re_path(
        r"^reports/(?P<report_id>[0-9]{1,18})/(?P<what>pause|resume|now|mail|remove)/$",
        report_pages.act,
        name="report-act",
    ),
    re_path(
        r"^reports/files/(?P<file_id>[0-9]{1,18})\.(?P<form>pdf|html)$",
        report_pages.file,
        name="report-file",
    ),
]

public = [path("d/<str:token>", stop_pages.stop, name="stop")]
