"""The pages of teaching in Chromium: accessible, quiet, usable by keys and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from feedback import suggestions, words
from feedback.judging import Opinion, judge
from feedback.models import Rereading, Response, Theme, Verdict
from surveys.models import Survey
from tests.browser.checker import violations
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.browser

VIEWS = [(1280, "light"), (360, "dark")]
SPANISH = "El nuevo enlace bancario me salva cada viernes por la tarde."
HOSTILE = "<script>window.stolen=1</script> The greenhouse lamp was terrible"
SCREENS = [
    "reading/", "reading/unscored/", "reading/words/", "reading/check/", "reading/accuracy/",
    "reading/contradictions/", "reading/history/", "themes/", "themes/new/",
    "themes/edit/lamps/", "themes/edit/lamps/delete/", "themes/suggestions/", "themes/presets/",
    "themes/explorer/?survey=&days=90&groups=5",
]  # fmt: skip


@pytest.fixture
def lamps(transactional_db: None) -> Theme:
    return Theme.objects.create(slug="lamps", name="Lamps", words=["lamp"])


@pytest.fixture
def taught(lamps: Theme, drain: Any) -> Survey:
    """Return a survey whose answers have been read, judged, mined and read again."""
    survey = a_survey()
    subjects = ["The greenhouse lamp was flumpy", "Wooden fence posts were late", HOSTILE]
    answers(survey, subjects * 9, score=9)
    answers(survey, [f"I have nothing more to say, number {n}" for n in range(60)], score=8)
    rows = answers(survey, [SPANISH, "n/a", "Worst, terrible, awful lamp ever!"], score=10)
    drain()
    for row in Response.objects.all()[:12]:
        judge(row, Opinion("sentiment", "negative", is_sampled=True), by="alice")
    judge(rows[0], Opinion("theme", "yes", key="lamps"), by="alice")
    words.put("flumpy", 3.5, by="alice")
    words.apply(by="alice")
    drain()
    suggestions.refresh()
    words.put("fence", -3, by="alice")
    return survey


@pytest.fixture
def quiet(staff_page: Page) -> Iterator[Page]:
    """Yield the page; fail when the console, a script or a request complained."""
    complaints: list[str] = []

    def note(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    staff_page.on("console", note)
    staff_page.on("pageerror", lambda error: complaints.append(str(error)))
    yield staff_page
    assert complaints == []


def open_all(page: Page, address: str, views: Iterable[tuple[int, str]]) -> None:
    for screen, (width, scheme) in zip(SCREENS, cycle(views), strict=False):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{address}/admin/{screen}")
        assert [(v["id"], v["nodes"][0]["target"]) for v in violations(page)] == [], screen
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) == 0, screen
        assert page.evaluate("window.stolen") is None, screen


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
def test_every_page_is_accessible_and_fits(quiet: Page, live_app: Any, taught: Survey) -> None:
    open_all(quiet, live_app.url, VIEWS)


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
def test_every_page_of_a_fresh_installation_is_accessible_and_fits(
    quiet: Page, live_app: Any, lamps: Theme
) -> None:
    open_all(quiet, live_app.url, reversed(VIEWS))


def test_a_random_check_is_done_by_digits(quiet: Page, live_app: Any, taught: Survey) -> None:
    before = Verdict.objects.filter(is_sampled=True).count()
    quiet.goto(f"{live_app.url}/admin/reading/check/")
    for digit in ("1", "2", "3", "4", "5"):
        with quiet.expect_navigation():
            quiet.keyboard.press(digit)
        expect(quiet.locator(".message.success")).to_be_visible()
    said = list(Verdict.objects.filter(is_sampled=True).order_by("-pk").values_list("said")[:5])
    assert Verdict.objects.filter(is_sampled=True).count() == before + 5
    assert {word for (word,) in said} == {"positive", "neutral", "negative", "mixed", "unclear"}


def test_a_theme_is_tried_out_while_it_is_written(
    quiet: Page, live_app: Any, taught: Survey
) -> None:
    quiet.goto(f"{live_app.url}/admin/themes/new/")
    expect(quiet.locator("[data-trial]")).to_contain_text("Write some words")
    quiet.get_by_label("Words", exact=True).fill("fence")
    expect(quiet.locator("[data-trial] h2")).to_contain_text("9 of the newest")
    expect(quiet.locator("[data-trial] mark").first).to_have_text("fence")
    quiet.get_by_label("Not when it says").fill("fence posts")
    expect(quiet.locator("[data-trial] h2")).to_contain_text("0 of the newest")
    assert Theme.objects.count() == 1


def test_progress_comes_to_its_end_by_itself(
    quiet: Page, live_app: Any, taught: Survey, drain: Any
) -> None:
    words.apply(by="alice")
    quiet.goto(f"{live_app.url}/admin/reading/history/")
    expect(quiet.locator("h1")).to_have_text("Past comments are being read again")
    drain()
    expect(quiet.locator("h1")).to_contain_text("Every comment is read", timeout=10_000)
    assert Rereading.objects.count() == 2


@pytest.fixture
def plain(live_app: Any, staff_client: Any, browser: Any) -> Iterator[Page]:
    """Yield a page without JavaScript, signed in as Alice."""
    context = browser.new_context(java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": staff_client.cookies[name].value, "url": live_app.url}
    context.add_cookies([cookie])
    yield context.new_page()
    context.close()


def test_teaching_works_without_javascript(plain: Page, live_app: Any, taught: Survey) -> None:
    plain.goto(f"{live_app.url}/admin/themes/new/")
    plain.get_by_label("Words", exact=True).fill("fence")
    plain.get_by_label("Name", exact=True).fill("Fences")
    plain.get_by_role("button", name="Try it").click()
    expect(plain.locator("[data-trial] h2")).to_contain_text("9 of the newest")
    plain.get_by_role("button", name="Save and read").click()
    expect(plain.locator(".message.success")).to_contain_text("“Fences” is saved")

    plain.goto(f"{live_app.url}/admin/reading/check/")
    plain.get_by_role("button", name="Negative").click()
    expect(plain.locator(".message.success")).to_be_visible()

    plain.goto(f"{live_app.url}/admin/reading/words/")
    plain.get_by_label("Word or phrase").fill("wooden")
    plain.get_by_label("Weight").fill("-3")
    plain.get_by_role("button", name="See what it changes").click()
    plain.get_by_role("button", name="Apply").click()
    expect(plain.locator(".message.success")).to_contain_text("In force")

    plain.goto(f"{live_app.url}/admin/themes/suggestions/")
    plain.get_by_role("button", name="Make it a theme").first.click()
    expect(plain.locator(".message.success")).to_contain_text("is a theme now")
