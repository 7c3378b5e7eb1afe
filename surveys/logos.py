"""Logos: three kinds of picture, told apart by their first bytes, small, and never SVG. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

MOST_BYTES = 200_000


class BadLogo(ValueError):
    """No picture we show; the text says why and what to do."""


def type_of(data: bytes) -> str:
    """Return the content type of a logo. BadLogo for anything but a small PNG, JPEG or WebP.

    The name and the type a browser claims are not looked at: an SVG or HTML
    file with another ending could run scripts in our pages.
    """
    if len(data) > MOST_BYTES:
        raise BadLogo(
            _("The picture has %(size)s kB; 200 kB are the most. Save it smaller.")
            % {"size": round(len(data) / 1000)}
        )
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise BadLogo(_("Only PNG, JPEG and WebP pictures can be a logo."))
