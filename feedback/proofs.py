"""What one post shows, judged: the seam between a request and the rules of `evidence`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from feedback.evidence import GESTURES, Judgement, Trace, agent_class, judge, marks_due
from surveys.networks import network_of

_FETCH = 16  # characters kept of a Sec-Fetch header; all real ones are shorter
_LOOPBACK = ("localhost", "127.", "[::1]")


@dataclass(frozen=True, slots=True)
class Proof:
    trace: Trace
    judgement: Judgement
    network: str

    @property
    def is_held(self) -> bool:
        return self.judgement.is_held

    @property
    def columns(self) -> list[Any]:
        """Return verdict, reasons, rules, trace and network as a Submit stores them."""
        found = self.judgement
        trace = json.dumps(asdict(self.trace), separators=(",", ":"))
        return [found.verdict, ",".join(found.reasons), found.version, trace, self.network]


def proof_of(request: HttpRequest) -> Proof:
    """Judge a post by its headers and the page's `gesture` field; no query, no address kept."""
    headers = request.headers
    kind, marks = _known(headers.get("User-Agent", "")[:400])
    gesture = request.POST.get("gesture", "")
    trace = Trace(
        agent=kind,
        marks=marks,
        gesture=gesture if gesture in GESTURES else "",
        site=_short(headers.get("Sec-Fetch-Site", "")),
        mode=_short(headers.get("Sec-Fetch-Mode", "")),
        user=_short(headers.get("Sec-Fetch-User", "")),
        has_language=bool(headers.get("Accept-Language")),
        has_origin="Origin" in headers,
        is_metadata_due=request.is_secure() or request.get_host().startswith(_LOOPBACK),
    )
    return Proof(trace, judge(trace), network_of(request))


def _short(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isprintable())[:_FETCH]


@lru_cache(maxsize=1024)
def _known(agent: str) -> tuple[str, str]:
    return agent_class(agent), marks_due(agent)
