"""The tracking script on somebody else's page: silent before consent, then what was tracked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from analytics.success.models import ProductUser, TrackingKey, UsageEvent
from tests.servers import AppServer

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><title>Shop</title><p>Secret text of the page</p>
<section data-verbatim-feature="checkout"><button data-verbatim="pay">Secret</button></section>
<p data-verbatim-ignore><button id="more">More</button></p><input>
<script>window.verbatim = []; verbatim.push(["identify", "ann", {role: "admin"}]);
verbatim.push(["track", "Report saved", {feature: "reports"}]);</script>
<script async src="%s/u/track.js" data-key="%s" data-consent="required" data-flush-after="50"
data-friction="clicks errors"></script>"""
CLOCK = """let now = 0;
Object.defineProperty(Event.prototype, "timeStamp", { get: () => (now += 100) });"""
FAIL = """addEventListener("unhandledrejection", () => {
  for (let n = 0; n < 30; n++) setTimeout(() => { throw new TypeError("Secret, ann@x.example"); });
}, { once: true });
setTimeout(() => Promise.reject(new Error("Secret"))); null"""


class OtherSite(BaseHTTPRequestHandler):
    html = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.html.encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtherSite)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_events_leave_a_page_only_after_consent_and_hold_no_text_of_it(
    live_app: AppServer, new_context: Any, shop: str
) -> None:
    key = TrackingKey.objects.create(name="Shop", origins=[shop])
    page = new_context().new_page()
    page.add_init_script(CLOCK)
    sent: list[str] = []
    page.on("request", lambda r: r.method == "POST" and sent.append(r.post_data or ""))
    OtherSite.html = PAGE % (live_app.url, key.key)
    page.goto(f"{shop}/orders/2041?mail=ann@x.example")
    page.wait_for_function("!Array.isArray(window.verbatim)", timeout=30_000)
    page.evaluate("verbatim.track('Opened')")
    page.click("[data-verbatim=pay]", click_count=3)
    page.evaluate(FAIL)
    page.wait_for_timeout(400)
    assert sent == []
    assert page.evaluate("localStorage.length + document.cookie.length") == 0
    with page.expect_response(lambda r: "/u/wk_" in r.url, timeout=30_000) as answered:
        page.evaluate("verbatim.consent(true)")
    assert answered.value.json() == {"stored": 2, "errors": []}
    assert "Secret" not in "".join(sent)
    assert set(UsageEvent.objects.values_list("user", "name", "feature")) == {
        ("ann", "Report saved", "reports"), ("ann", "Opened", "")
    }  # fmt: skip
    assert ProductUser.objects.get().role == "admin"
    page.click("#more", click_count=5)
    page.click("input", click_count=3)
    page.keyboard.press("Tab")
    page.click("[data-verbatim=pay]", click_count=5)
    page.evaluate(FAIL)
    trouble = UsageEvent.objects.exclude(kind="")
    for _ in range(100):
        page.wait_for_timeout(100)
        if trouble.count() > 10:
            break
    rows = sorted(trouble.values_list("kind", "name", "feature", "page"))
    assert rows[-1] == ("rage-click", "pay", "checkout", "/orders/…")  # a burst is one
    assert len(rows) == 11  # a broken page does not flood
    kinds = {(kind, name.split(":")[0], where) for kind, name, _feature, where in rows[:-1]}
    assert kinds == {
        ("error", "TypeError page", "/orders/…"),
        ("error", "Error page", "/orders/…"),
    }
    assert not any(word in body for body in sent for word in ("Secret", "x.example", "2041"))
    sent_before = len(sent)
    page.evaluate("verbatim.consent(false); verbatim.track('Later')")
    page.wait_for_timeout(300)
    assert len(sent) == sent_before
