"""A stored file as what it is called, what it weighs, and how it is handed out."""

from __future__ import annotations

import base64

from django.http import HttpResponse

from analytics.digests.models import ReportFile
from analytics.periods import Period

TYPES = {"pdf": "application/pdf", "html": "text/html"}
# One file that needs no other: its own styles, nothing fetched, nothing run.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-modals "
    "allow-top-navigation-by-user-activation"
)


def file_name(file: ReportFile, form: str) -> str:
    """Return the file's name, as people keep it."""
    return f"{file.report.survey.slug}-{file.start}-{Period(file.start, file.stop).last}.{form}"


def bytes_of(file: ReportFile, form: str) -> bytes:
    return bytes(file.pdf if form == "pdf" else file.html)


def file_answer(file: ReportFile, form: str, *, is_download: bool = False) -> HttpResponse:
    """Return a stored file with its checksum (RFC 9530); HTML opens, unless it is a download."""
    response = HttpResponse(bytes_of(file, form), content_type=TYPES[form])
    sha256 = file.pdf_sha256 if form == "pdf" else file.html_sha256
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    way = "attachment" if form == "pdf" or is_download else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{file_name(file, form)}"'
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    response.headers["ETag"] = f'"{sha256}"'
    if form == "html":
        response.headers["Content-Security-Policy"] = _POLICY
    return response
