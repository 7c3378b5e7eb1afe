"""Every staff page of ours passes axe and fits; pages added later are found by themselves."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from analytics.demo.seed import seed
from feedback.models import Response
from outbox.models import Job
from tests.browser.test_staff import quiet, violations  # noqa: F401  a fixture
from tests.test_query_counts import addresses, count

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEWS = [(1280, "light"), (360, "dark"), (1280, "dark"), (360, "light")]
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.only_on("sqlite")  # how a page looks hangs on no database
def test_every_staff_page_is_accessible_and_fits(
    quiet: Page,  # noqa: F811
    live_app: Any,
    staff_client: Client,
    drain: Any,
) -> None:
    seed()
    newest = Response.objects.exclude(comment="").order_by("-submitted_at").values("pk")[:200]
    Job.objects.filter(kind="read").exclude(subject_id__in=newest).delete()
    drain()
    wrong = {}
    # What is a file or takes posts only is no page.
    pages = sorted(pair for pair in addresses().items() if count(staff_client, pair[1]))
    for (name, address), (width, scheme) in zip(pages, cycle(VIEWS), strict=False):
        quiet.set_viewport_size({"width": width, "height": 800})
        quiet.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        quiet.goto(live_app.url + address)
        found = violations(quiet)
        if quiet.evaluate(_SIDEWAYS) > 0:
            found.append("scrolls sideways")
        if found:
            wrong[f"{name} {width} {scheme}"] = found
    assert len(pages) > 50
    assert not wrong, "\n".join(f"{page}: {found}" for page, found in wrong.items())
