"""E-mail addresses as people write them into files and forms. Pure.

The rules are those of Django's EmailField (without quoted names and bare
hosts), so that what is accepted here can be stored, edited and sent to.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from surveys.sheets import clean_text

MOST_EMAIL = 254
_LOCAL = re.compile(r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+(\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# As people see it, before any Punycode: no hyphen at an edge of a label, no emoji.
_ANY = "[^.@\U00010000-\U0010ffff]"
_SHOWN_LABEL = f"(?!-){_ANY}+(?<!-)"
_SHOWN = re.compile(rf"{_SHOWN_LABEL}(\.{_SHOWN_LABEL})+")
_DOMAIN = re.compile(rf"({_LABEL}\.)+([a-z]{{2,63}}|xn--[a-z0-9-]{{1,58}}[a-z0-9])")


def address_of(text: str) -> tuple[str, str]:
    """Return the address in lower case and a name beside it (`Ada <ada@example.com>`)."""
    text = clean_text(text)
    name, opened, rest = text.rpartition("<")
    if opened and rest.endswith(">"):
        return rest[:-1].strip().removeprefix("mailto:").lower(), name.strip(" \"'")
    return text.removeprefix("mailto:").rstrip(";,").strip().lower(), ""


def flaw_of(email: str) -> str:
    """Say what keeps a text from being an address; "" when nothing does."""
    if not email:
        return _("There is no e-mail address.")
    shown = email if len(email) <= 60 else f"{email[:57]}…"
    if len(email) > MOST_EMAIL:
        return _("“%(text)s” is too long for an e-mail address.") % {"text": shown}
    if email.count("@") > 1:
        return _("“%(text)s” is more than one address; give each its own row.") % {"text": shown}
    if " " in email:
        return _("“%(text)s” is not an e-mail address: it contains a space.") % {"text": shown}
    if odd := [char for char in email.partition("@")[0] if not char.isascii()]:
        return _("“%(text)s”: before the @ of an address there can be no “%(letter)s”.") % {
            "text": shown,
            "letter": odd[0],
        }
    return "" if is_address(email) else _("“%(text)s” is not an e-mail address.") % {"text": shown}


def is_address(email: str) -> bool:
    """True for an address in lower case that Django's EmailField takes."""
    local, _at, domain = email.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return False
    return (
        len(email) <= MOST_EMAIL
        and _LOCAL.fullmatch(local) is not None
        and _SHOWN.fullmatch(domain) is not None
        and _is_top(domain.rpartition(".")[2])
        and _DOMAIN.fullmatch(ascii_domain) is not None
    )


def _is_top(label: str) -> bool:
    """True for a top-level label as people see it: two letters or more and no digits."""
    return label.startswith("xn--") or (
        len(label) > 1 and all(char == "-" or char.isalpha() for char in label)
    )
