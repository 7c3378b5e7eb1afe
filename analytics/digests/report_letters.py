"""The mail a report comes with: what it says in a line, and the file itself or a link to it."""

from __future__ import annotations

from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from analytics.digests import words
from analytics.digests.letters import SUBJECT_LIMIT, frame
from analytics.digests.models import Report, ReportMail
from analytics.digests.report_files import TYPES, bytes_of, file_name
from analytics.digests.scope import window_of
from analytics.digests.stopping import report_link
from analytics.periods import Period
from surveys.headers import one_line

_CARRIED: dict[str, tuple[str, ...]] = {
    Report.Carry.PDF: ("pdf",),
    Report.Carry.HTML: ("html",),
    Report.Carry.BOTH: ("pdf", "html"),
    Report.Carry.LINK: (),
}


def report_message(mail: ReportMail) -> EmailMultiAlternatives:
    """Return the mail of a finished file to one address, in the language in force."""
    file, report = mail.file, mail.file.report
    news = Period(file.start, file.stop)
    window = window_of(report.window, news)
    subject = one_line(f"{report.name}, {words.days_words(window)}", SUBJECT_LIMIT)
    forms = _CARRIED[report.carry]
    stop_url = report_link(mail.pk)
    context = {
        **frame(subject),
        "report": report,
        "days": words.days_words(window),
        "summary": file.summary,
        "is_attached": bool(forms),
        "file_url": settings.BASE_URL + reverse("staff:report-file", args=[file.pk, "pdf"]),
        "stop_url": stop_url,
    }
    text = render_to_string("digests/mail/report.txt", context).strip() + "\n"
    host = urlsplit(settings.BASE_URL).hostname
    message = EmailMultiAlternatives(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.email],
        headers={
            "Message-ID": f"<report-{mail.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"<reports.{host}>",
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    html = css_inline.inline(render_to_string("digests/mail/report.html", context))
    message.attach_alternative(html, "text/html")
    for form in forms:
        message.attach(file_name(file, form), bytes_of(file, form), TYPES[form])
    return message
