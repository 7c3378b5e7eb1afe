"""Asking, as staff do it in a real browser: from a file to sent mails, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from outbox.drain import drain
from surveys import uploads
from surveys.campaigns import State
from surveys.models import Campaign, Contact, Question, Segment, Survey, Upload
from surveys.services import suppress
from tests.browser.checker import violations
from tests.servers import AppServer
from tests.surveys import worlds

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.fixture
def open_staff(live_app: AppServer, staff_client: Any, new_context: Any, settings: Any) -> Open:
    """Return a function that opens a staff page as Alice and notes what the console says."""

    def open_(path: str, *, width: int = 1280, scheme: str = "light", **more: Any) -> Any:
        context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        name = settings.SESSION_COOKIE_NAME
        value = staff_client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_app.url}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda m: page.said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(live_app.url + path)
        return page

    return open_


@pytest.fixture
def people(live_app: AppServer) -> Survey:
    """A live survey and four contacts, one of whom wants no mail."""
    for name in ("ada", "bob", "cara", "dan"):
        worlds.contact(name, properties={"plan": "Growth" if name < "c" else "Start"})
    suppress("dan@example.com", reason="unsubscribed", source="test")
    return worlds.survey()


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "kunden.csv"
    rows = "".join(f"neu{n}@example.com;Zoë Müller {n};Growth\n" for n in range(40))
    path.write_bytes(f"E-Mail;Name;Tarif\n{rows}kaputt@;Bob;Start\n".encode("cp1252"))
    return path


# ---- The whole way -----------------------------------------------------------------------------


def test_from_a_file_to_sent_mails(open_staff, people, csv_file, worker, smtp_server):
    page = open_staff(reverse("staff:uploads"))
    page.set_input_files("input[type=file]", csv_file)  # looked at as soon as it is chosen
    expect(page.locator("h1")).to_have_text("40 people can be stored, 1 row cannot")
    expect(page.get_by_label("Name", exact=True)).to_have_value("name")
    page.get_by_role("button", name="Store 40 people").click()
    # The page follows the worker by itself and ends with the result.
    expect(page.locator("h1")).to_contain_text("40 people are stored", timeout=30_000)
    expect(page.get_by_text("“kaputt@” is not an e-mail address.").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Refused rows as CSV").click()
    assert "kaputt@" in download.value.path().read_text(encoding="utf-8-sig")

    page.get_by_role("link", name="Ask these people").click()
    expect(page.locator("#p-title")).to_have_text("All 40 people get a mail")
    page.get_by_role("button", name="Send to 40 people").click()
    expect(page.locator("h1")).to_have_text("All 40 mails have left", timeout=60_000)
    assert len({mail.recipients for mail in smtp_server.received}) == 40
    assert Campaign.objects.get().invitations.filter(state=State.SENT).count() == 40
    assert page.said == []


# ---- Editor --------------------------------------------------------------------------------------


def preview_of(page: Any) -> Any:
    return page.frame_locator("iframe[name=preview]")


def test_the_preview_follows_what_is_typed_and_saves_nothing(open_staff, people):
    page = open_staff(reverse("staff:survey-edit", args=[people.slug]))
    expect(preview_of(page).locator("h1")).to_contain_text("How likely are you to recommend")
    entries = page.evaluate("history.length")
    page.get_by_label("Question", exact=True).fill("Would you miss {company}?")
    expect(preview_of(page).locator("h1")).to_have_text("Would you miss Kestrel Ledger?")
    page.get_by_role("button", name="Mail", exact=True).click()
    expect(preview_of(page).get_by_text("Would you miss Kestrel Ledger?").first).to_be_visible()
    page.get_by_text("After answering").click()
    page.get_by_role("button", name="Promoters").click()
    expect(preview_of(page).get_by_role("heading", level=1)).to_contain_text("made our day")
    assert Survey.objects.get().question == ""
    assert page.evaluate("history.length") <= entries + 3  # only what the person pressed
    assert page.said == []


def test_typed_words_are_not_left_behind_unasked(open_staff, people):
    page = open_staff(reverse("staff:survey-edit", args=[people.slug]))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Question", exact=True).press_sequentially("Half a thou")
    page.get_by_role("link", name="Campaigns").click()
    page.wait_for_url("**/campaigns/")
    assert asked == ["beforeunload"]
    page.go_back()
    page.get_by_label("Question", exact=True).fill("A whole thought?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    assert asked == ["beforeunload"]
    assert Survey.objects.get().question == "A whole thought?"


def test_a_question_shows_only_the_fields_of_its_kind(open_staff, people):
    page = open_staff(reverse("staff:question-new", args=[people.slug]))
    expect(page.get_by_label("Choices", exact=True)).to_be_visible()
    expect(page.get_by_label("Lowest")).to_be_hidden()
    page.get_by_label("Scale").check()
    expect(page.get_by_label("Choices", exact=True)).to_be_hidden()
    expect(page.get_by_label("Lowest")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("How well do you know us?")
    page.get_by_role("button", name="Save the question").click()
    expect(page.get_by_role("link", name="How well do you know us?").first).to_be_visible()


# ---- Sending -------------------------------------------------------------------------------------


def test_a_double_click_sends_once(open_staff, people):
    page = open_staff(reverse("staff:send", args=[people.slug]) + "?source=everyone")
    page.get_by_role("button", name="Send to 3 people").dblclick()
    expect(page.locator("#s-title")).to_have_text("4 people, every one accounted for")
    page.go_back()
    page.reload()
    assert Campaign.objects.count() == 1


def test_typing_addresses_chooses_them(open_staff, people):
    page = open_staff(reverse("staff:send", args=[people.slug]))
    page.get_by_label("Addresses, one a line").fill("ada@example.com\nnew@example.com\nnonsense")
    page.get_by_role("button", name="See who gets it").click()
    expect(page.locator("#p-title")).to_have_text("2 of 3 people get a mail")
    expect(page.get_by_text("1 becomes a contact")).to_be_visible()
    expect(page.get_by_text("not an e-mail address", exact=True)).to_be_visible()


def test_sending_by_keyboard_alone(open_staff, people):
    page = open_staff(reverse("staff:send", args=[people.slug]))
    page.locator("[name=source][value=everyone]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#plan")).to_be_visible()
    button = page.get_by_role("button", name="Send to 3 people")
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/*/")
    assert Campaign.objects.count() == 1


# ---- Segments ------------------------------------------------------------------------------------


def test_a_segment_counts_along_while_it_is_typed(open_staff, people):
    page = open_staff(reverse("staff:segment-new"))
    expect(page.locator(".big-number")).to_have_text("4")
    page.locator("[name=c-0-property]").fill("plan")
    page.locator("[name=c-0-value]").press_sequentially("Growth")
    expect(page.locator(".big-number")).to_have_text("2")
    expect(page.locator(".people")).to_contain_text("Ada")
    page.locator("[name=name]").fill("Growth plan")
    page.get_by_role("button", name="Save the segment").click()
    expect(page.get_by_role("rowheader", name="Growth plan")).to_be_visible()
    assert page.said == []


# ---- Without script ------------------------------------------------------------------------------


def test_every_step_works_without_script(open_staff, people, csv_file):
    page = open_staff(reverse("staff:survey-edit", args=[people.slug]), java_script_enabled=False)
    page.get_by_label("Question", exact=True).fill("Would you miss {company}?")
    page.get_by_role("button", name="Phone").click()
    expect(preview_of(page).locator("h1")).to_have_text("Would you miss Kestrel Ledger?")
    page.get_by_role("button", name="Save").click()
    assert Survey.objects.get().question == "Would you miss {company}?"

    for text in ("First?", "Second?"):
        Question.objects.create(survey=people, kind="free_text", text=text)
    page.get_by_role("link", name="More questions").click()
    page.get_by_role("button", name="Move up: Second?").click()
    assert [q.text for q in people.questions.all()] == ["Second?", "First?"]

    page.goto(page.url.split("/admin/")[0] + reverse("staff:uploads"))
    page.set_input_files("input[type=file]", csv_file)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_label("Tarif").select_option("ignore")
    page.get_by_role("button", name="Store 40 people").click()
    drain("upload")
    page.reload()
    expect(page.locator("h1")).to_contain_text("40 people are stored")
    assert "tarif" not in Contact.objects.get(email="neu1@example.com").properties

    page.goto(page.url.split("/admin/")[0] + reverse("staff:send", args=[people.slug]))
    page.get_by_label("Everyone").check()
    page.get_by_role("button", name="See who gets it").click()
    page.get_by_role("button", name="Send to 43 people").click()
    expect(page.locator("h1")).to_contain_text("0 of 43 mails have left")


# ---- Every page: reachable, readable, quiet ----------------------------------------------------


@pytest.fixture
def everything(people: Survey) -> list[str]:
    """Return the address of every page, with something on each of them."""
    people.reader_note = "Maya reads every answer."
    people.save()
    worlds.survey("a-draft", live=False)
    Question.objects.create(survey=people, kind="free_text", text="Why?")
    segment = Segment.objects.create(slug="growth", name="Growth plan")
    segment.conditions.create(property="plan", operator="is", value="Growth")
    done = uploads.receive("a.csv", b"email\nnew@example.com\nbad@\n", by=None, language="en")
    uploads.start(done)
    drain("upload")
    uploads.receive("b.csv", b"email,plan\nbob@example.com,x\nbad@,\n", by=None, language="en")
    campaign = Campaign.objects.create(name="October", survey=people, audience_size=3)
    ada, bob, cara = Contact.objects.order_by("email")[:3]
    worlds.invitation(people, ada, campaign=campaign)
    worlds.invitation(people, bob, campaign=campaign, state=State.DOUBTFUL)
    worlds.invitation(people, cara, campaign=campaign, state=State.SKIPPED, reason="internal")
    finished, waiting = Upload.objects.order_by("pk").values_list("pk", flat=True)
    named = {
        "contacts": [], "surveys": [], "survey-new": [], "campaigns": [], "uploads": [],
        "segments": [], "mails": [], "asking-rules": [],
        "segment-new": [], "keys": [], "survey-edit": [people.slug],
        "survey-questions": [people.slug], "question-new": [people.slug],
        "survey-close": [people.slug], "survey-copy": [people.slug], "campaign": [campaign.pk],
        "campaign-cancel": [campaign.pk], "segment-edit": [segment.pk], "contact": [ada.pk],
    }  # fmt: skip
    return [
        *(reverse(f"staff:{name}", args=args) for name, args in named.items()),
        reverse("staff:survey-live", args=["a-draft"]),
        reverse("staff:send", args=[people.slug]) + "?source=everyone",
        reverse("staff:send-people", args=[people.slug]) + "?source=everyone&skip=unsubscribed",
        reverse("staff:campaign", args=[campaign.pk]) + "?state=doubtful",
        reverse("staff:upload", args=[finished]),
        reverse("staff:upload", args=[waiting]),
    ]


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
@pytest.mark.slow
def test_every_page_is_accessible_fits_and_breaks_no_policy(open_staff, everything):
    wide, narrow = (
        open_staff(everything[0], width=width, scheme=scheme)
        for width, scheme in ((1280, "light"), (360, "dark"))
    )
    root = wide.url.split("/admin/")[0]
    wrong = []
    for address, page in zip(everything, cycle((wide, narrow)), strict=False):
        page.goto(root + address)
        page.wait_for_load_state("networkidle")
        for violation in violations(page):
            wrong.append((address, violation["id"], violation["nodes"][0]["html"][:200]))
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            wrong.append((address, "wider than the window", ""))
        wrong += [(address, "console", words) for words in page.said]
        page.said.clear()
    assert wrong == []


def test_a_page_reads_from_right_to_left(open_staff, people):
    page = open_staff(
        reverse("staff:send", args=[people.slug]) + "?source=everyone", width=360, locale="ar"
    )
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
