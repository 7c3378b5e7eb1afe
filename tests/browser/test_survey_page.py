"""The customer's pages in a real browser: readable, reachable, small, working without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from django.utils import timezone

from feedback.models import Response, Revision
from surveys.models import BandText, Brand, Choice, Invitation, Question, Survey
from surveys.scales import SCALES
from surveys.services import close, go_live, is_suppressed, suppress, token_of
from tests.browser.checker import violations
from tests.servers import AppServer
from tests.surveys.worlds import contact, invitation, survey

pytestmark = pytest.mark.browser
BUDGET = 20_000  # bytes, raw: page, styles and script together
SMALLEST_TARGET = 44

Open = Callable[..., Any]


@pytest.fixture
def open_page(live_app: AppServer, new_context: Any) -> Open:
    """Return a function that opens a path in a window of its own and notes the console's words."""

    def open_(path: str, *, width: int = 320, scheme: str = "light", **more: Any) -> Any:
        context = new_context(viewport={"width": width, "height": 700}, color_scheme=scheme, **more)
        page = context.new_page()
        page.said = []
        page.fetched = {}
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("response", lambda answer: page.fetched.setdefault(answer.url, answer))
        page.goto(live_app.url + path)
        return page

    return open_


def a_link(asks: Survey, who: str = "amira", **fields: Any) -> str:
    return f"/s/{token_of(invitation(asks, contact(who, name='Amira Haddad'), **fields))}"


@pytest.fixture
def rich(live_app: AppServer) -> Survey:
    """A survey that shows all there is: brand, trust line, link, further questions."""
    Brand.objects.create(
        name="Kestrel Ledger",
        reply_to="care@kestrel.example",
        postal_address="8 Quay Street, Bristol BS1 4DJ",
        privacy_url="https://kestrel.example/privacy",
        help_url="https://kestrel.example/help",
    )
    asks = survey(live=False, reader_note="Jonas Berg reads every answer.")
    Question.objects.create(
        survey=asks, kind="scale", text="How easy is it to reach us?",
        low_label="Very hard", high_label="Very easy",
    )  # fmt: skip
    about = Question.objects.create(survey=asks, kind="many_choices", text="What is it about?")
    for text in ("Delivery times", "Tracking", "Something else"):
        Choice.objects.create(question=about, text=text)
    BandText.objects.create(
        survey=asks, band="promoter", link_text="Review us", link_url="https://guide.example/"
    )
    go_live(asks)
    asks.refresh_from_db()
    return asks


# ---- Seen by a checker: every state, narrow and wide, light and dark, both directions ---------


def prepared_states(asks: Survey) -> dict[str, str]:
    """Make one link for each state of the pages; return state -> path."""
    states = {"question": a_link(asks, "a"), "chosen": a_link(asks, "b") + "?score=9"}
    states["unsubscribe"] = a_link(asks, "c") + "/unsubscribe"
    states["stopped"] = a_link(asks, "d") + "/unsubscribe"
    suppress("d@example.com", reason="unsubscribed", source="test")
    expired = invitation(asks, contact("e"))
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    states["expired"] = f"/s/{token_of(expired)}"
    gone = survey("gone")
    states["closed"] = a_link(gone, "f")
    close(gone)
    Survey.objects.filter(pk=gone.pk).update(closes_at=timezone.now() - timedelta(days=3))
    states["unknown"] = "/s/nothing"
    for kind in set(SCALES) - {"enps", "smileys", "ces5"}:  # drawn like nps, csat and ces
        states[f"kind-{kind}"] = a_link(survey(kind.replace("_", "-"), kind=kind), f"k-{kind}")
    return states


def answer(client: Any, path: str, *, comment: str = "") -> str:
    client.post(path, {"score": "9", "comment": comment})
    return path


VIEWS = [(320, "dark", "lang=ar"), (1280, "light", "")]


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
@pytest.mark.slow
def test_every_state_passes_the_accessibility_checker(
    open_page: Open, rich: Survey, client: Any, live_app: AppServer
) -> None:
    states = prepared_states(rich)
    states["thanks"] = answer(client, a_link(rich, "g")) + "/thanks"
    states["done"] = answer(client, a_link(rich, "h"), comment="Fast") + "/thanks?done=1"
    states["answered"] = answer(client, a_link(rich, "i"))
    states["change"] = answer(client, a_link(rich, "j"), comment="Fast") + "?change=1"
    troubles = {}
    # A window of its own for each state would be two new processes of Chromium each time.
    windows = [open_page("/s/nothing", width=width, scheme=scheme) for width, scheme, _ in VIEWS]
    views = cycle(zip(windows, VIEWS, strict=True))
    for (name, path), (page, (width, _scheme, language)) in zip(
        states.items(), views, strict=False
    ):
        page.said.clear()
        page.goto(f"{live_app.url}{path}{'&' if '?' in path else '?'}{language}")
        if trouble := troubles_of(page, width):
            troubles[name] = trouble
    assert troubles == {}


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_the_error_page_passes_the_accessibility_checker(
    open_page: Open, rich: Survey, width: int, scheme: str
) -> None:
    page = open_page(a_link(rich), width=width, scheme=scheme)
    page.locator(".go").click()
    page.wait_for_selector("[role=alert]")
    page.said.clear()  # the browser notes the status 422
    assert troubles_of(page, width) == []


def troubles_of(page: Any, width: int) -> list[str]:
    """Return what is wrong with a page: checker, sideways scroll, small targets, console."""
    troubles = [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in violations(page)]
    if (scroll := page.evaluate("document.documentElement.scrollWidth")) > width:
        troubles.append(f"scrolls sideways to {scroll}")
    troubles += page.evaluate(SMALL_TARGETS, SMALLEST_TARGET)
    statuses = ("404 (Not Found)", "410 (Gone)")
    troubles += [said for said in page.said if not any(status in said for status in statuses)]
    return troubles


SMALL_TARGETS = """(smallest) => [...document.querySelectorAll('a, button, summary, select, label')]
    .filter((it) => it.checkVisibility() && !it.closest('[hidden]'))
    .filter((it) => it.tagName !== 'LABEL' || it.querySelector('input'))
    .map((it) => [it, it.getBoundingClientRect()])
    .filter(([it, box]) => box.width > 1 && (box.width < smallest || box.height < smallest))
    .map(([it, box]) => `small: ${it.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""


def test_a_page_is_small_and_asks_nobody_else(open_page: Open, rich: Survey, live_app: Any) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    page.wait_for_load_state("networkidle")
    assert [url for url in page.fetched if not url.startswith(live_app.url)] == []
    assert sum(len(answer.body()) for answer in page.fetched.values()) < BUDGET
    assert page.said == []
    assert page.context.cookies() == []


# ---- Answering, each in their own way -----------------------------------------------------------


def test_an_answer_in_two_taps_from_the_mail(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/thanks")
    assert Response.objects.get().score == 9


def test_an_answer_without_script(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich), java_script_enabled=False)
    page.get_by_label("7", exact=True).check()
    page.get_by_label("What is the main reason?").fill("Fine so far")
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/thanks")
    page.get_by_label("Tracking").check()
    page.get_by_label("4", exact=True).check()
    page.get_by_role("button", name="Send this too").click()
    page.wait_for_url("**/thanks?done=1")
    assert page.get_by_text("Fine so far").is_visible()
    assert page.get_by_text("4 / 5").is_visible()
    response = Response.objects.get()
    assert (response.score, response.comment, response.answers.count()) == (7, "Fine so far", 2)


def test_an_answer_by_keyboard_alone(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich))
    keys = page.keyboard
    for _ in range(3):  # skip link, language, the scale
        keys.press("Tab")
    keys.press("Space")
    for _ in range(8):
        keys.press("ArrowRight")
    keys.press("Tab")
    keys.type("By keyboard")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Send my answer"
    keys.press("Enter")
    page.wait_for_url("**/thanks")
    response = Response.objects.get()
    assert (response.score, response.comment) == (8, "By keyboard")


def test_choosing_sends_nothing_by_itself(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich))
    for score in ("3", "9", "0"):
        page.get_by_label(score, exact=True).check()
    assert not Response.objects.exists()


def test_digit_keys_choose_while_the_scale_has_the_focus(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=5")
    page.locator("#score-5").focus()
    page.keyboard.press("7")
    assert page.locator("#score-7").is_checked()
    page.keyboard.press("1")
    page.keyboard.press("0")
    assert page.locator("#score-10").is_checked()


def test_focus_is_always_visible(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich))
    for _ in range(5):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(() => { const it = document.activeElement; "
            "const shown = it.type === 'radio' ? it.nextElementSibling : it; "
            "return getComputedStyle(shown).outlineWidth })()"
        )
        assert outline == "3px"


def test_a_double_click_is_one_answer(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    page.get_by_role("button", name="Send my answer").dblclick()
    page.wait_for_url("**/thanks")
    assert (Response.objects.count(), Revision.objects.count()) == (1, 0)


def test_back_and_send_again_changes_the_one_answer(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    page.get_by_label("What is the main reason?").fill("Fast")
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url("**/thanks")
    page.go_back()
    if page.get_by_role("link", name="Change my answer").count():
        page.get_by_role("link", name="Change my answer").click()
    page.get_by_label("4", exact=True).check()
    page.locator(".go").click()
    page.wait_for_url("**/thanks")
    response = Response.objects.get()
    assert (response.score, response.comment) == (4, "Fast")


def test_a_forgotten_score_is_pointed_at_and_the_words_stay(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich))
    page.get_by_label("What is the main reason?").fill("Words first")
    page.get_by_role("button", name="Send my answer").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert page.evaluate("document.activeElement.id") == "problem"
    assert page.get_by_label("What is the main reason?").input_value() == "Words first"
    alert.get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "score-0"


def test_the_language_switch_keeps_the_score(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9", java_script_enabled=False)
    page.locator(".lang summary").click()
    page.locator("#lang").select_option("ar")
    page.locator(".lang button").click()
    page.wait_for_url("**lang=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("#score-9").is_checked()
    first, last = (page.locator(f"#score-{n}").bounding_box() for n in (0, 5))
    assert first["x"] > last["x"], "zero is at the right"


def test_changing_an_answer_starts_from_what_was_said(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    page.get_by_label("What is the main reason?").fill("Fast")
    page.locator(".go").click()
    page.get_by_role("link", name="Change my answer").click()
    assert page.locator("#score-9").is_checked()
    assert page.get_by_label("What is the main reason?").input_value() == "Fast"
    page.get_by_label("What is the main reason?").fill("Faster")
    page.get_by_role("button", name="Save my answer").click()
    page.wait_for_url("**/thanks")
    assert Response.objects.get().comment == "Faster"


def test_stopping_mail_and_coming_back(open_page: Open, rich: Survey) -> None:
    page = open_page(a_link(rich))
    page.get_by_role("link", name="Unsubscribe").click()
    page.get_by_role("button", name="Stop survey emails").click()
    page.get_by_text("You will get no more survey emails").wait_for()
    assert is_suppressed("amira@example.com")
    page.get_by_role("button", name="That was a mistake").click()
    page.get_by_role("heading", name="You stay on the list").wait_for()
    assert not is_suppressed("amira@example.com")


def test_an_outside_link_learns_nothing_about_the_page(open_page: Open, rich: Survey) -> None:
    page = open_page(f"{a_link(rich)}?score=9")
    heard = {}
    page.context.route(
        "https://guide.example/**",
        lambda route: (heard.update(route.request.headers), route.fulfill(body="hello")),
    )
    page.locator(".go").click()
    page.get_by_role("link", name="Review us").click()
    page.wait_for_url("https://guide.example/")
    assert "/s/" not in heard.get("referer", "")


def test_scripts_that_open_every_link_and_wait_vote_for_nothing(
    open_page: Open, rich: Survey, live_app: AppServer
) -> None:
    link = a_link(rich)
    page = open_page(link)
    for score in range(11):
        page.goto(f"{live_app.url}{link}?score={score}")
        page.wait_for_load_state("networkidle")
    assert not Response.objects.exists()
