"""The staff screens in Chromium: accessible, quiet, usable by keyboard, deaf to hostile text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics.targets.models import Target
from feedback.models import Reading, Response, Seen
from surveys.models import Contact, Survey
from tests.analytics.targets.making import nps
from tests.browser import checker
from tests.feedback.making import a_survey, answers

pytestmark = pytest.mark.browser
HOSTILE = '<div x-data x-init="window.stolen=1">hi</div><script>window.stolen=1</script> terrible'
VIEWS = [(1280, "dark"), (360, "light")]
SCREENS = ["/admin/", "/admin/surveys/relation/", "/admin/responses/", "/admin/targets/"]


@pytest.fixture
def survey(transactional_db: None, drain: Any) -> Survey:
    """Return a survey with half a year of answers, read and counted."""
    survey = a_survey()
    now = timezone.now()
    for week in range(26):
        at = now - timedelta(weeks=week, minutes=5)
        answers(survey, ["The app is great", "Very easy to use", ""], score=9, at=at)
        answers(survey, ["Support is terrible", "Too expensive", ""], score=week % 7, at=at)
    alice = Contact.objects.create(email="alice@example.com", name=HOSTILE)
    hostile = answers(survey, [HOSTILE], score=1)[0]
    Response.objects.filter(pk=hostile.pk).update(contact=alice, properties={"plan": HOSTILE})
    drain()
    nps(survey, goal="90")
    drain()
    return survey


@pytest.fixture
def quiet(staff_page: Page) -> Iterator[Page]:
    """Yield the page; fail when the console, a script or a request complained."""
    complaints: list[str] = []
    staff_page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    staff_page.on("pageerror", lambda error: complaints.append(str(error)))
    staff_page.on("dialog", lambda dialog: complaints.append(dialog.message))
    staff_page.on(
        "response",
        lambda answer: (
            complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    yield staff_page
    assert complaints == []


def violations(page: Page) -> list[str]:
    found = checker.violations(page)
    return [f"{item['id']}: {[node['target'] for node in item['nodes']]}" for item in found]


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
@pytest.mark.parametrize("width, scheme", VIEWS)
def test_screens_are_accessible_and_fit(
    quiet: Page, live_app: Any, survey: Survey, width: int, scheme: str
) -> None:
    quiet.set_viewport_size({"width": width, "height": 800})
    quiet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    target = f"/admin/targets/{Target.objects.get().pk}/"
    for screen in (*SCREENS, target, f"{target}edit/"):
        quiet.goto(live_app.url + screen)
        assert violations(quiet) == [], screen
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert quiet.evaluate(sideways) == 0, screen


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
def test_a_fresh_installation_is_accessible(quiet: Page, live_app: Any) -> None:
    for screen in ("/admin/", "/admin/responses/", "/admin/surveys/brand/"):
        quiet.goto(live_app.url + screen)
        assert violations(quiet) == [], screen


def test_a_hostile_comment_does_not_run(quiet: Page, live_app: Any, survey: Survey) -> None:
    pages = [*SCREENS, "/admin/responses/?q=stolen", f"/admin/surveys/{survey.slug}/?feed="]
    for screen in pages:
        quiet.goto(live_app.url + screen)
        assert quiet.evaluate("window.stolen") is None, screen
    quiet.goto(live_app.url + "/admin/responses/?q=stolen")
    expect(quiet.locator(".say")).to_contain_text("<script>window.stolen=1</script>")


def test_the_inbox_is_driven_by_keys(quiet: Page, live_app: Any, survey: Survey) -> None:
    quiet.goto(live_app.url + "/admin/responses/?show=commented")
    rows = quiet.locator("[data-row]")
    second = rows.nth(1).get_attribute("data-row")
    quiet.keyboard.press("j")
    quiet.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(quiet).to_have_url(re.compile(f"/admin/responses/{second}/"))
    expect(quiet.locator("[data-row][aria-current]")).to_have_count(1)
    quiet.keyboard.press("e")
    third = rows.nth(2).get_attribute("data-row")
    expect(quiet).to_have_url(re.compile(f"/admin/responses/{third}/"))
    assert list(Seen.objects.values_list("response_id", flat=True)) == [int(second or 0)]
    quiet.keyboard.press("/")
    assert quiet.evaluate("document.activeElement.name") == "q"


def test_a_sentiment_is_corrected_in_one_click_and_undone(
    quiet: Page, live_app: Any, survey: Survey
) -> None:
    reading = Reading.objects.filter(sentiment="positive").first()
    assert reading is not None
    quiet.goto(f"{live_app.url}/admin/responses/{reading.pk}/")
    quiet.get_by_role("button", name="negative", exact=True).click()
    expect(quiet.get_by_text("alice decided")).to_be_visible()
    assert Reading.objects.get(pk=reading.pk).sentiment == "negative"
    quiet.get_by_role("button", name="Undo").click()
    expect(quiet.get_by_text("alice decided")).to_have_count(0)
    assert Reading.objects.get(pk=reading.pk).sentiment == "positive"


def test_the_inbox_works_without_javascript(
    quiet: Page, live_app: Any, survey: Survey, browser: Any
) -> None:
    context = browser.new_context(
        java_script_enabled=False, storage_state=quiet.context.storage_state()
    )
    page = context.new_page()
    page.goto(live_app.url + "/admin/responses/?show=commented")
    page.locator("[data-row]").nth(2).click()
    expect(page.locator(".reading-head")).to_be_visible()
    page.locator("summary", has_text="Filter").click()
    page.locator("select[name=band]").select_option("detractor")
    page.get_by_role("button", name="Show these").click()
    expect(page.locator(".chip.accent", has_text="Detractors")).to_be_visible()
    context.close()


def test_dark_and_light_are_one_choice_for_all_pages(
    quiet: Page, live_app: Any, survey: Survey
) -> None:
    quiet.emulate_media(color_scheme="light")
    quiet.goto(live_app.url + "/admin/")
    quiet.locator(".account summary").click()
    quiet.get_by_role("button", name="Dark").click()
    expect(quiet.locator("html")).to_have_class("dark")
    quiet.goto(live_app.url + "/admin/surveys/brand/")
    expect(quiet.locator("html")).to_have_class(re.compile("dark"))


def test_the_menu_of_phones_opens_and_closes_by_button_and_key(
    quiet: Page, live_app: Any, survey: Survey
) -> None:
    quiet.set_viewport_size({"width": 360, "height": 740})
    for screen in ("/admin/", "/admin/surveys/brand/"):
        quiet.goto(live_app.url + screen)
        button = quiet.get_by_role("button", name="Menu")
        size = button.bounding_box()
        assert size and min(size["width"], size["height"]) >= 44
        button.click()
        expect(quiet.locator("#menu")).to_be_visible()
        quiet.keyboard.press("Escape")
        expect(quiet.locator("#menu")).to_be_hidden()


def test_explain_opens_and_closes_by_key(quiet: Page, live_app: Any, survey: Survey) -> None:
    quiet.goto(live_app.url + "/admin/surveys/relation/")
    summary = quiet.locator("summary", has_text="Explain this number")
    summary.focus()
    quiet.keyboard.press("Enter")
    expect(quiet.get_by_text("Share of 9–10 minus share of 0–6")).to_be_visible()
    quiet.keyboard.press("Escape")
    expect(quiet.get_by_text("Share of 9–10 minus share of 0–6")).to_be_hidden()
