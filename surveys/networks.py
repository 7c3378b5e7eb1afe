"""From where a request comes, as far as limits need it: a network, never kept in the clear."""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """Return a name for the caller's network: of an IPv6 address its /64. Not an address.

    Behind TRUSTED_PROXIES proxies it is the address the outermost of them
    saw; what a client writes into the header itself stands further left.
    """
    digest = hmac.digest(settings.SECRET_KEY.encode(), _network(request).encode(), "sha256")
    return digest.hex()[:24]


def _network(request: HttpRequest) -> str:
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    count = settings.TRUSTED_PROXIES
    text = hops[-count] if count and len(hops) >= count else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(int(address) >> 64)
    return str(address)
