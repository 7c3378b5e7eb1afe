"""A link that opens a draft in one's own mail program: mailto, RFC 6068. Pure."""

from __future__ import annotations

from urllib.parse import quote

LONGEST = 1900
"""Characters of a whole link. Windows hands on 2,083 at most, some mail programs fewer."""


def mail_link(address: str, *, subject: str, body: str) -> str:
    """Return the link; "" when it would be too long for some mail programs, which cut it off."""
    local, at, domain = address.rpartition("@")
    to = f"{_encoded(local)}{at}{_encoded(domain)}"
    lines = "\r\n".join(body.splitlines())
    link = f"mailto:{to}?subject={_encoded(' '.join(subject.split()))}&body={_encoded(lines)}"
    return link if len(link) <= LONGEST else ""


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
