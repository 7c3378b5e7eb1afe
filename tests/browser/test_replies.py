"""A suggested reply in Chromium: nothing half filled leaves it, and what leaves is as edited."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from feedback import saved_answers
from feedback.models import Response, SavedAnswer
from feedback.saved_answers import Draft
from tests.browser.test_staff import quiet  # noqa: F401  a fixture
from tests.feedback.making import a_survey, answer
from tests.surveys.worlds import contact

pytestmark = pytest.mark.browser


def test_a_draft_is_copied_and_mailed_only_once_its_gaps_are_filled(
    quiet: Page,  # noqa: F811
    live_app: Any,
    transactional_db: None,
) -> None:
    said = answer(a_survey(), "", score=1, language="en")
    Response.objects.filter(pk=said.pk).update(contact=contact("ada", name=""))
    draft = Draft("Sorry", "Dear {name},\nsorry. {agent}", "en", [], "", "negative")
    saved = saved_answers.save(draft, by="maya")
    quiet.context.grant_permissions(["clipboard-read", "clipboard-write"])
    quiet.goto(f"{live_app.url}/admin/responses/{said.pk}/")
    box, copy = quiet.get_by_label("Draft of Sorry"), quiet.get_by_role("button", name="Copy")
    link = quiet.get_by_role("link", name="Open in my mail program")
    expect(link).to_be_hidden()
    copy.click()
    expect(quiet.get_by_text("Fill in the gap first.")).to_be_visible()
    assert quiet.evaluate("window.getSelection().toString()") == "[name?]"
    text = "Dear Ada 🙂 & آدا,\nsorry. Maya"
    box.fill(text)
    query = parse_qs(urlsplit(link.get_attribute("href") or "").query)
    assert query["body"] == [text.replace("\n", "\r\n")]
    with quiet.expect_response(f"**/saved-answers/{saved.pk}/used"):
        copy.click()
    expect(quiet.get_by_text("Copied")).to_be_visible()
    assert quiet.evaluate("navigator.clipboard.readText()") == text
    assert SavedAnswer.objects.get().used == 1
