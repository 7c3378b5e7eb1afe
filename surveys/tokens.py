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
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

NONCE_BYTES = 16
TOKEN_LENGTH = 23


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


def hash_of(token: str) -> bytes:
    """Return what is stored and looked up. A lookup by hash leaks nothing by its timing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
