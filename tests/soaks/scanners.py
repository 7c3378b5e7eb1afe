"""Robots and people at the running product: make soak-scanners.

11,000 fetches in five manners, robots that post, a Chromium that opens 300
links and touches nothing, 200 people in three manners, and 60 links with 16
posts at once, ten times over. On PostgreSQL:
python -m tests.servers postgres -- python -m tests.soaks.soak_scanners
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from feedback.models import LinkOpen, Response
from surveys.models import Suppression
from surveys.services import new_invitation, token_of
from tests.surveys.worlds import contact, survey

THREADS = 8
HEADERS = {"User-Agent": "Mozilla/5.0 (soak)", "Accept-Language": "en"}


def links(app: Any, count: int, *, slug: str) -> list[str]:
    from surveys.models import Invitation

    asks = survey(slug)
    rows = [
        new_invitation(asks, contact=contact(f"{slug}-{n}"), channel="email", state="sent")
        for n in range(count)
    ]
    return [f"{app.url}/s/{token_of(row)}" for row in Invitation.objects.bulk_create(rows)]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


def fetch(url: str, method: str = "GET", data: dict[str, object] | None = None,
          headers: dict[str, str] | None = None) -> int:  # fmt: skip
    body = urllib.parse.urlencode(data).encode() if data is not None else None
    request = urllib.request.Request(url, data=body, method=method, headers=headers or HEADERS)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=60) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def in_parallel(calls: Iterable[tuple[Any, ...]]) -> list[int]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda call: fetch(*call), calls))


def nothing_counted() -> None:
    assert Response.objects.filter(standing="counted").count() == 0
    assert Suppression.objects.count() == 0


@pytest.mark.timeout(1800)
def test_eleven_thousand_fetches(live_app: Any) -> None:
    urls = links(live_app, 200, slug="fetched")
    pages = [[f"{u}?score={n}" for n in range(10)] + [f"{u}/unsubscribe"] for u in urls]
    done = []
    for n, page in enumerate(pages * 5):  # 5 manners: GET, HEAD, HEAD+GET, burst, late again
        manner = n // len(pages)
        for address in page:
            done += [(address, method) for method in (("GET",), ("HEAD",), ("HEAD", "GET"),
                                                      ("GET",), ("GET",))[manner]]  # fmt: skip
    answers = in_parallel(done)
    assert len(answers) >= 11_000 and max(answers) < 500
    nothing_counted()
    assert not Response.objects.exists()
    print(f"\n{len(answers)} fetches: 0 answers, 0 unsubscribed, {LinkOpen.objects.count()} noted")


@pytest.mark.timeout(900)
def test_robots_that_post(live_app: Any) -> None:
    urls = links(live_app, 50, slug="posted")
    robots = ({"User-Agent": "python-requests/2.32"}, {"User-Agent": ""},
              {"User-Agent": "Mozilla/5.0 Chrome/141.0 Safari/537.36", "Accept-Language": "en"},
              {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"})  # fmt: skip
    calls = [(u, "POST", {"score": n}, robot) for u in urls for n, robot in enumerate(robots)]
    in_parallel(calls)
    nothing_counted()
    print(f"\n{len(calls)} posts of robots: 0 counted, {Response.objects.count()} held")


@pytest.mark.timeout(1800)
def test_a_browser_that_touches_nothing(live_app: Any, new_context: Any) -> None:
    urls = links(live_app, 300, slug="opened")
    context = new_context()
    pages = [context.new_page() for _ in range(6)]
    for n, url in enumerate(urls):
        pages[n % len(pages)].goto(f"{url}?score={n % 11}")
    pages[0].wait_for_timeout(10_000)
    nothing_counted()
    # And one that presses the button by a script: stored, held, not counted.
    pages[0].goto(f"{urls[0]}?score=3")
    pages[0].evaluate("document.querySelector('button.go').click()")
    pages[0].wait_for_url("**/thanks")
    robot = new_context()
    robot.add_init_script(
        "addEventListener('load', () => document.querySelector('button.go')?.click())"
    )
    window = robot.new_page()
    window.goto(f"{urls[1]}?score=3")
    window.wait_for_url("**/thanks")
    held = Response.objects.values_list("standing", "held_reasons")
    assert list(held.filter(held_reasons__contains="no_gesture")) == list(held)
    assert len(held) == 2
    nothing_counted()
    print("\n300 links opened in Chromium without a gesture: 0 counted")


@pytest.mark.timeout(1800)
def test_two_hundred_people(live_app: Any, new_context: Any) -> None:
    urls = links(live_app, 200, slug="people")
    scripted, plain = new_context(has_touch=True), new_context(java_script_enabled=False)
    page, bare = scripted.new_page(), plain.new_page()
    for n, url in enumerate(urls):
        manner = n % 3
        window = bare if manner == 2 else page
        window.goto(f"{url}?score={n % 11}")
        button = window.locator("button.go").first
        if manner == 0:
            button.tap()
        elif manner == 1:
            button.focus()
            window.keyboard.press("Enter")
        else:
            button.click()
        window.wait_for_url("**/thanks")
    assert Response.objects.filter(standing="counted").count() == 200
    print("\n200 people (tap, keyboard, no script): 200 counted")


@pytest.mark.timeout(1800)
def test_sixteen_posts_at_once(live_app: Any) -> None:
    for turn in range(10):
        for url in links(live_app, 60, slug=f"race-{turn}"):
            gate = threading.Barrier(16)

            def post(n: int, url: str = url, gate: threading.Barrier = gate) -> int:
                gate.wait(60)
                return fetch(url, "POST", {"score": n % 11}, HEADERS)

            with ThreadPoolExecutor(16) as pool:
                assert set(pool.map(post, range(16))) == {303}
        assert Response.objects.filter(survey__slug=f"race-{turn}").count() == 60
    print("\n60 links x 16 posts at once x 10 rounds: 60 answers in each round")
