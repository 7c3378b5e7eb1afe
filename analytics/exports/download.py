"""A finished file as an answer that can be taken up again where it broke off (RFC 9110, 14)."""

from __future__ import annotations

import base64
import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from analytics.exports.models import ExportFile
from analytics.exports.service import pieces

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def answer(request: HttpRequest, export: ExportFile) -> HttpResponseBase:
    """Stream a finished file, or the range of bytes asked for, with its checksum."""
    start, end = 0, export.size
    asked = _range(request, export)
    if asked is not None:
        if asked[0] >= export.size:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{export.size}"})
        start, end = asked
    reply = StreamingHttpResponse(
        pieces(export, start, end),
        status=200 if asked is None else 206,
        content_type=TYPES[export.form],
    )
    if asked is not None:
        reply["Content-Range"] = f"bytes {start}-{end - 1}/{export.size}"
    checksum = base64.b64encode(bytes.fromhex(export.sha256)).decode()
    reply["Content-Length"] = str(end - start)
    reply["Content-Disposition"] = f'attachment; filename="{export.name}"'
    reply["Accept-Ranges"] = "bytes"
    reply["ETag"] = f'"{export.sha256}"'
    reply["Repr-Digest"] = f"sha-256=:{checksum}:"  # RFC 9530, of the whole file
    reply["X-Accel-Buffering"] = "no"
    return reply


def _range(request: HttpRequest, export: ExportFile) -> tuple[int, int] | None:
    """Return the one range asked for as [start, end), None for the whole file.

    What cannot be understood, several ranges and a range of another file are
    answered with all of it, as the RFC allows.
    """
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", ""))
    if not found or request.headers.get("If-Range", f'"{export.sha256}"') != f'"{export.sha256}"':
        return None
    first, last = found.groups()
    if not first:
        return (max(0, export.size - int(last)), export.size) if last and int(last) else None
    if last and int(last) < int(first):
        return None
    return int(first), min(export.size, int(last) + 1) if last else export.size
