"""The whole way of one answer, with real parts: upload, invite, answer, read, see, fetch.

gunicorn, a Celery worker with its scheduler, Valkey, an SMTP server and
Chromium are all running processes; nothing is called by its function.
"""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest

from feedback.models import Theme
from surveys.access import create_key
from surveys.models import Brand, Survey
from surveys.services import go_live
from tests.servers import AppServer, SmtpServer, Worker, wait_until

PEOPLE = (
    "E-Mail;Full name;Plan;Company\n"
    "dana@alderfinch.example;Dana Whitfield;Growth;Alder & Finch\n"
    "jonas@;Jonas Reuter;Scale;Calder Logistics\n"
)
COMMENT = "The app is great. But support is terrible: nobody ever answered my e-mails."


@pytest.fixture
def survey(transactional_db: None) -> Survey:
    Theme.objects.get_or_create(slug="support", defaults={"name": "Support", "words": ["support"]})
    brand = Brand.objects.create(name="Kestrel Ledger", reply_to="maya@kestrel.example")
    survey = Survey.objects.create(
        slug="relationship", name="Relationship", kind="nps", brand=brand
    )
    go_live(survey)
    return survey


@pytest.mark.slow
def test_from_a_contact_file_to_the_number_in_admin_and_api(
    survey: Survey, live_app: AppServer, worker: Worker, smtp_server: SmtpServer, staff_page: Any
) -> None:
    upload_contacts(staff_page, live_app)
    send_to_everyone(staff_page, live_app, survey)
    link = link_in_mail(smtp_server, score=3)
    answer(staff_page.context.browser, link)
    see_it_in_the_admin(staff_page, live_app)
    fetch_it_from_the_api(live_app, survey)


def upload_contacts(page: Any, app: AppServer) -> None:
    page.goto(f"{app.url}/admin/ask/uploads/")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_url(re.compile(r"/uploads/\d+/$"))  # a chosen file is looked at by itself
    page.get_by_role("button", name=re.compile("^Store 1 ")).click()
    page.get_by_text("is not an e-mail address").first.wait_for(timeout=30_000)


def send_to_everyone(page: Any, app: AppServer, survey: Survey) -> None:
    page.goto(f"{app.url}/admin/ask/surveys/{survey.slug}/send/")
    page.locator("input[name=source][value=everyone]").check()
    page.locator("button[name=plan]").click()
    page.get_by_role("button", name=re.compile("^Send to 1 ")).click()
    page.wait_for_url(re.compile("/campaigns/"))


def link_in_mail(smtp: SmtpServer, *, score: int) -> str:
    (mail,) = smtp.wait_for(1)
    assert mail.recipients == ("dana@alderfinch.example",)
    links = re.findall(rf'href="([^"]+\?score={score})"', mail.html)
    assert links, "the mail has no button for the score"
    return str(links[0])


def answer(browser: Any, link: str) -> None:
    context = browser.new_context()  # the customer's own phone, without Alice's cookies
    page = context.new_page()
    page.goto(link)
    assert page.locator("input[name=score]:checked").get_attribute("value") == "3"
    page.locator("textarea[name=comment]").fill(COMMENT)
    page.get_by_role("button", name="Send my answer").click()
    page.wait_for_url(re.compile("/thanks"))
    context.close()


def see_it_in_the_admin(campaign: Any, app: AppServer) -> None:
    page = campaign.context.new_page()  # the campaign's own page may be renewing itself

    def is_read() -> bool:
        page.goto(f"{app.url}/admin/responses/")
        text = page.locator("main").inner_text()
        # The seeded theme is called "Customer support", the one made here "Support".
        return "Dana Whitfield" in text and re.search(r"upport\s+negative", text) is not None

    wait_until(is_read, seconds=120)
    text = page.locator("main").inner_text()
    assert "support is terrible" in text.replace("\n", " ")
    page.goto(f"{app.url}/admin/surveys/relationship/")
    assert "too few" in page.locator("main").inner_text().lower()  # one answer is no score


def fetch_it_from_the_api(app: AppServer, survey: Survey) -> None:
    _, key = create_key(name="walk", scopes=["read"])
    (response,) = fetch(app, key, "/api/v1/responses")["results"]
    assert response["score"] == 3
    assert response["comment"] == COMMENT
    assert response["reading"]["language"] == "en"
    assert response["reading"]["sentiment"] in ("negative", "mixed")
    assert "support" in {mention["theme"] for mention in response["mentions"]}
    score = fetch(app, key, f"/api/v1/surveys/{survey.slug}/score")
    assert score["score"]["n"] == 1


def fetch(app: AppServer, key: str, path: str) -> dict[str, Any]:
    request = urllib.request.Request(app.url + path, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        found: dict[str, Any] = json.load(reply)
    return found
