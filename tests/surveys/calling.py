"""Calling the API in tests: `api = caller("read", "write")`, `api.post("contacts", {...})`."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from surveys.access import create_key
from surveys.models import Survey


class Caller:
    """Django's client with an API key; paths are relative to /api/v1/."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._client = Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        more: dict[str, Any] = {} if body is None else {"data": content}
        reply: Any = self._client.generic(
            method,
            f"/api/v1/{path}",
            content_type=headers.pop("content_type", "application/json"),
            headers={"authorization": f"Bearer {self.text}", **headers},
            **more,
        )
        if reply.streaming:
            # Read to its end, as a server does: an export left half read keeps its transaction
            # open beyond the test's own, and its rows stay for the tests after it.
            reply.streaming_content = [b"".join(reply.streaming_content)]
        return reply

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)


def caller(*scopes: str, survey: Survey | None = None) -> Caller:
    """Return a caller with a fresh key; without scopes it has all of them."""
    _, text = create_key(name="test", scopes=scopes or ("read", "invite", "write"), survey=survey)
    return Caller(text)


def error_of(reply: Any) -> dict[str, Any]:
    """Return what a refusal says; every refusal has this shape."""
    body = reply.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "fields"}
    return dict(body["error"])
