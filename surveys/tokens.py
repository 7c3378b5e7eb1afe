"""Links that open one invitation: 132 random bits, derived, stored as a hash.

A token is the key's one-letter id and 22 characters of
HMAC-SHA256(link key, purpose + nonce). The nonce lives in the database and
the key in the environment, so a copy of the database opens nothing and a
reminder can repeat the link. Keys rotate without breaking mailed links: the
first of LINK_KEYS signs, all of them are known.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

NONCE_BYTES = 16
TOKEN_LENGTH = 23
_START = re.compile(r"(.)([0-9a-f]{1,12})\.([\w-]{22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A fresh link: `token` goes into the mail, the rest into the database."""

    token: str
    nonce: bytes
    key_id: str
    token_hash: bytes


def new_link(keys: Mapping[str, str]) -> Link:
    """Return a fresh link made with the first of `keys` (id -> secret)."""
    key_id = next(iter(keys))
    nonce = secrets.token_bytes(NONCE_BYTES)
    token = rebuild(keys, key_id=key_id, nonce=nonce)
    return Link(token, nonce, key_id, hash_of(token))


def rebuild(keys: Mapping[str, str], *, key_id: str, nonce: bytes) -> str:
    """Return the token again. KeyError when the key has been thrown away."""
    message = b"survey-link:" + bytes(nonce)
    digest = hmac.digest(keys[key_id].encode(), message, "sha256")
    return key_id + base64.urlsafe_b64encode(digest).decode()[: TOKEN_LENGTH - 1]


@dataclass(frozen=True, slots=True)
class Start:
    """A page that was opened and may be answered. `at`: seconds since 1970."""

    key_id: str
    nonce: bytes
    at: int


def new_start(keys: Mapping[str, str], *, purpose: str, now: float) -> str:
    """Return a signed start for one purpose: key, moment, nonce, seal."""
    key_id = next(iter(keys))
    nonce = base64.urlsafe_b64encode(secrets.token_bytes(NONCE_BYTES)).decode().rstrip("=")
    told = f"{key_id}{int(now):x}.{nonce}"
    return f"{told}.{_seal(keys[key_id], purpose, told)}"


def read_start(keys: Mapping[str, str], text: str, *, purpose: str) -> Start | None:
    """Read a start back; None when it is torn, forged or for something else."""
    told, _dot, seal = text.rpartition(".")
    found = _START.fullmatch(told)
    if not found or found[1] not in keys or not seal.isascii():
        return None
    if not hmac.compare_digest(_seal(keys[found[1]], purpose, told), seal):
        return None
    return Start(found[1], base64.urlsafe_b64decode(f"{found[3]}=="), int(found[2], 16))


def _seal(key: str, purpose: str, told: str) -> str:
    digest = hmac.digest(key.encode(), f"start:{purpose}:{told}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode()[:22]


def hash_of(token: str) -> bytes:
    """Return what is stored and looked up. A lookup by hash leaks nothing by its timing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
