"""Share links, the widget and the translator's page in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from feedback.models import Response
from surveys import sharing, translating
from surveys.models import ShareLink
from tests.browser.checker import violations
from tests.browser.test_asking import open_staff as open_staff
from tests.browser.test_survey_page import open_page as open_page
from tests.servers import AppServer
from tests.surveys.worlds import survey

pytestmark = pytest.mark.browser
WAIT = 30_000


def problems(page: Any) -> list[str]:
    return [violation["id"] for violation in violations(page)]


# ---- A share link ------------------------------------------------------------------------------


def test_a_browser_that_answered_is_led_to_its_answer(open_page, live_app):
    link = sharing.new_share_link(survey(), name="Counter")
    link.save()
    page = open_page(f"/a/{link.code}")
    page.locator(".cell").nth(9).click()
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/thanks", timeout=WAIT)
    page.goto(f"{live_app.url}/a/{link.code}")
    expect(page.locator("h1")).to_have_text("You have already answered", timeout=WAIT)
    assert page.context.cookies() == [] and page.said == []
    assert Response.objects.get().channel == "link"
    # When the answer's link has run out, the browser may answer anew.
    page.evaluate(
        """name => { const was = JSON.parse(localStorage.getItem(name));
        localStorage.setItem(name, JSON.stringify({...was, until: Date.now() - 1})); }""",
        f"verbatim:{link.code}",
    )
    page.goto(f"{live_app.url}/a/{link.code}")
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_contain_text("How likely are you")


def test_a_share_link_needs_no_script(open_page):
    link = sharing.new_share_link(survey(), name="Counter")
    link.save()
    page = open_page(f"/a/{link.code}", java_script_enabled=False)
    page.keyboard.press("Tab")
    page.locator("input[name=score][value='7']").check(force=True)
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/thanks", timeout=WAIT)
    assert Response.objects.get().score == 7


# ---- The widget on a page of another origin ------------------------------------------------------


class OtherSite:
    """Somebody's website: one page with a strict policy and the widget's line in it."""

    def __init__(self) -> None:
        self.script = ""
        self.policy = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (
                    "<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop</title>"
                    "<link rel=icon href=data:,></head><body><main><h1>Shop</h1>"
                    f"<p>Pens and paper.</p></main><script src='{site.script}' defer></script>"
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shows(self, link: ShareLink, app: AppServer) -> None:
        self.script = f"{app.url}/w/{link.code}.js"
        self.policy = (
            f"default-src 'none'; script-src {app.url}; frame-src {app.url}; base-uri 'none'; "
            "img-src data:; require-trusted-types-for 'script'"
        )


@pytest.fixture
def shop() -> Iterator[OtherSite]:
    site = OtherSite()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def widget(live_app: AppServer, shop: OtherSite) -> ShareLink:
    link = sharing.new_share_link(
        survey(), channel="widget", name="Shop", origins=[shop.url], properties={"place": "shop"}
    )
    link.save()
    shop.shows(link, live_app)
    return link


@pytest.fixture
def visit(new_context: Any, shop: OtherSite) -> Callable[..., Any]:
    def visit_(page: Any = None, *, width: int = 1280, **more: Any) -> Any:
        if page is None:
            context = new_context(viewport={"width": width, "height": 800}, **more)
            page = context.new_page()
            page.said = []
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(shop.url)
        return page

    return visit_


@pytest.mark.parametrize("width", [360, 1280])
def test_the_widget_asks_on_another_website_under_a_strict_policy(widget, visit, width):
    page = visit(width=width)
    page.get_by_role("button", name="Give feedback").click(timeout=WAIT)
    dialog = page.get_by_role("dialog", name="Survey of Kestrel Ledger")
    expect(dialog).to_be_visible()
    frame = page.frame_locator("iframe")
    frame.locator(".cell").nth(9).click(timeout=WAIT)
    assert problems(page) == []
    frame.get_by_role("button", name="Send my answer").click()
    expect(frame.get_by_text("Thank you. That made our day.")).to_be_visible(timeout=WAIT)
    row = Response.objects.get()
    assert (row.score, row.channel, row.properties) == (9, "widget", {"place": "shop"})
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#verbatim-" + widget.code)).to_have_count(0)
    visit(page)  # the next page of this website, the same browser
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Give feedback")).to_have_count(0)
    assert page.said == []
    assert page.context.cookies() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_widget_is_used_and_dismissed_by_keyboard(widget, visit):
    page = visit()
    button = page.get_by_role("button", name="Give feedback")
    button.focus(timeout=WAIT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # do not show this again
    expect(button).to_have_count(0)
    visit(page)
    page.wait_for_load_state("networkidle")
    expect(button).to_have_count(0)
    assert page.said == []


def test_a_widget_that_opens_by_itself_takes_no_focus_and_is_dismissed_for_good(widget, visit):
    ShareLink.objects.update(opens_after=0)
    page = visit()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=WAIT)
    assert page.evaluate("document.activeElement === document.body")
    page.wait_for_load_state("networkidle")  # the box grows with its page, and its buttons move
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    visit(page)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#verbatim-" + widget.code)).to_have_count(0)


def test_the_widget_stays_away_from_websites_it_was_not_made_for(widget, visit, live_app):
    ShareLink.objects.update(origins=["https://shop.example.com"])
    page = visit()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Give feedback")).to_have_count(0)
    assert "is not among the websites" in page.said[0]


def test_the_frame_refuses_a_website_that_pretends(widget, visit, live_app):
    """The script can be changed by whoever copies it; the browser keeps the frame's own list."""
    page = visit()
    ShareLink.objects.update(origins=["https://shop.example.com"])  # after the script was served
    page.get_by_role("button", name="Give feedback").click(timeout=WAIT)
    page.wait_for_function("() => true")
    expect(page.frame_locator("iframe").get_by_text("How likely are you")).to_have_count(0)
    assert any("frame-ancestors" in text for text in page.said)


# ---- Languages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_a_translator_works_from_right_to_left(open_staff, live_app, width):
    asks = survey(question="How do you like {company}?", thanks="Thank you, friend.")
    translating.add(asks, "ar")
    page = open_staff(reverse("staff:survey-language", args=[asks.slug, "ar"]), width=width)
    fields = page.locator("form[data-guard] :is(textarea, input[lang])")
    expect(fields).to_have_count(2)
    assert fields.first.evaluate("field => getComputedStyle(field).direction") == "rtl"
    fields.nth(0).fill("ما رأيك في {company}؟")
    fields.nth(1).fill("شكرًا يا صديق.")
    page.get_by_role("button", name="Save and open").click()
    expect(page.get_by_text("العربية is open")).to_be_visible(timeout=WAIT)
    preview = page.frame_locator("iframe[name=preview]")
    expect(preview.locator("h1")).to_have_text("ما رأيك في Kestrel Ledger؟", timeout=WAIT)
    assert preview.locator("html").get_attribute("dir") == "rtl"
    assert problems(page) == [] and page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_arabic_browser_reads_a_share_link_from_right_to_left(open_page, live_app):
    asks = survey(question="How do you like {company}?")
    translating.add(asks, "ar")
    translating.store(asks, "ar", {"question": "ما رأيك في {company}؟"})
    translating.set_open(asks, "ar", is_open=True)
    link = sharing.new_share_link(asks, name="Counter")
    link.save()
    page = open_page(f"/a/{link.code}", locale="ar-EG")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("h1")).to_have_text("ما رأيك في Kestrel Ledger؟")
    low, high = (page.locator(f"#score-{n}").bounding_box() for n in (0, 5))
    assert low["x"] > high["x"]  # the scale begins at the right
    assert problems(page) == [] and page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
