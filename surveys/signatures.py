"""Signed calls to us, after the Standard Webhooks specification (standardwebhooks.com). Pure.

Three headers: `webhook-id` (the same for every repeat of one event),
`webhook-timestamp` (seconds since 1970) and `webhook-signature`, one or more
of `v1,<base64 of HMAC-SHA256(secret, id.timestamp.body)>` with spaces
between. The secret is written `whsec_<base64 of its bytes>`.

Shops that cannot do that sign the body alone: WooCommerce as base64 in
`x-wc-webhook-signature`, many others as `x-hub-signature-256: sha256=<hex>`,
the secret's text being the key. Their time is not signed, so the body itself
is the event: the same body is the same event, however often it is sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

TOLERANCE = 300  # seconds a call may be old, or our clocks apart
MOST_ID = 120
_PREFIX = "whsec_"
_ID = re.compile(r"[\x21-\x7e]{1,120}")


class Flaw(StrEnum):
    """Why a call is not believed."""

    NO_ID = "no_id"
    NO_TIME = "no_time"
    NO_SIGNATURE = "no_signature"
    OLD = "old"
    EARLY = "early"
    WRONG = "wrong"


def secret_of(keys: Mapping[str, str], *, key_id: str, nonce: bytes) -> str:
    """Return the secret of a connector again. KeyError when its key has been thrown away."""
    digest = hmac.digest(keys[key_id].encode(), b"connector:" + bytes(nonce), "sha256")
    return _PREFIX + base64.b64encode(digest).decode()


def sign(secret: str, *, event_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`. ValueError for a torn secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret is not whsec_ and base64") from None
    digest = hmac.digest(key, f"{event_id}.{timestamp}.".encode() + body, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def sign_body(secret: str, body: bytes) -> bytes:
    return hmac.digest(secret.encode(), body, "sha256")


def check_body(headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str]) -> Flaw | None:
    """Return why a call whose body alone is signed is not believed, None when it is."""
    in_base64 = headers.get("x-wc-webhook-signature", "").strip()
    in_hex = headers.get("x-hub-signature-256", "").strip().removeprefix("sha256=").lower()
    if not (in_base64 or in_hex):
        return Flaw.NO_SIGNATURE
    digests = [sign_body(secret, body) for secret in secrets]
    given = in_base64 or in_hex
    expected = [
        base64.b64encode(digest).decode() if in_base64 else digest.hex() for digest in digests
    ]
    is_ours = sum(hmac.compare_digest(given.encode(), one.encode()) for one in expected)
    return None if is_ours else Flaw.WRONG


def event_of_body(body: bytes) -> str:
    """Return the id of an event that brought none."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def check(
    headers: Mapping[str, str], body: bytes, *, secrets: Iterable[str], now: float
) -> Flaw | None:
    """Return why a call is not believed, None when it is. `now`: seconds since 1970."""
    event_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")[:8]
    if not _ID.fullmatch(event_id):
        return Flaw.NO_ID
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return Flaw.NO_TIME
    if not any(one.startswith("v1,") for one in given):
        return Flaw.NO_SIGNATURE
    expected = [
        sign(secret, event_id=event_id, timestamp=int(stamp), body=body) for secret in secrets
    ]
    pairs = [(one, other) for one in given for other in expected]
    # Compared all, each in constant time: how long it takes says nothing.
    if not sum(hmac.compare_digest(one.encode(), other.encode()) for one, other in pairs):
        return Flaw.WRONG
    age = now - int(stamp)
    if age > TOLERANCE:
        return Flaw.OLD
    return Flaw.EARLY if age < -TOLERANCE else None
