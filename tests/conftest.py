"""What every test may use. Servers are real (tests.servers), people have names.

    staff_user      Alice, who may do everything; her password is in STAFF_PASSWORD
    live_app        the product under gunicorn on the test database; live_app.url
    worker          a Celery worker with scheduler on the test database and `valkey`
    valkey          the broker; smtp_server: collects mail, can refuse it
    drain           does all due work in this process, without a broker
    browser, page   Debian's Chromium (pytest-playwright); staff_page: signed in as Alice

Tests that take browser fixtures are marked `browser` by themselves.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import servers
from tests.servers import AppServer, SmtpServer, Valkey, Worker, app_server, worker_process

# Playwright keeps an event loop in the main thread; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
# A browser that says it has no screen is held as a machine's; tests browse as people do.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
CHROMIUM_ARGUMENTS = [
    f"--user-agent={AGENT}",
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
STAFF_PASSWORD = "a long walk by the river"
_BROWSER_FIXTURES = {"browser", "page", "context", "new_context", "staff_page", "browser_type"}
_skipped_for_chromium: list[str] = []

# No test is about time, and what CI found it must find again.
hypothesis_settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis_settings.load_profile("untimed")


# ---- Collection and reporting ----------------------------------------------------------


def pytest_collection_finish() -> None:
    """Leave what lives until the end out of every search for garbage."""
    gc.collect()
    gc.freeze()


_DATABASE_FIXTURES = {"db", "transactional_db", "process_env"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
    elsewhere = [item for item in items if not _belongs_here(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


def _belongs_here(item: pytest.Item) -> bool:
    """Say whether a test speaks of the database in use.

    What speaks of the other one is no skipped test. What asks for no database, and how a
    page looks and is used, would say on PostgreSQL what it has said on SQLite; the views
    behind the pages are tested on both, and one walk through the whole product is, too.
    """
    from django.db import connection

    if marker := item.get_closest_marker("only_on"):
        return bool(connection.vendor == marker.args[0])
    if connection.vendor == "sqlite":
        return True
    return _asks_for_a_database(item) and item.path.parent.name != "browser"


def _asks_for_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & _DATABASE_FIXTURES)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if not item.get_closest_marker("browser") or CHROMIUM.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{CHROMIUM} is missing and CI skips nothing: apt-get install chromium")
    _skipped_for_chromium.append(item.nodeid)
    pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _skipped_for_chromium:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(_skipped_for_chromium)} browser tests were skipped: {CHROMIUM} is missing. "
            "Install it (apt-get install chromium) or point CHROMIUM at one."
        )


def pytest_unconfigure() -> None:
    directory = Path(os.environ.get("VERBATIM_DATA", ""))
    if directory.name.startswith("verbatim-test-"):
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _clients_are_browsers() -> None:
    """Let Django's test client say what any browser says; who wants to be a robot says so."""
    from django.test.client import RequestFactory

    plain = RequestFactory._base_environ

    def as_a_browser(self: Any, **request: Any) -> dict[str, Any]:
        said = {
            "HTTP_USER_AGENT": "Mozilla/5.0 (a test)", "HTTP_ACCEPT_LANGUAGE": "*",
            "HTTP_SEC_FETCH_USER": "?1",
        }  # fmt: skip
        return {**said, **plain(self, **request)}

    RequestFactory._base_environ = as_a_browser  # type: ignore[method-assign]


# ---- People ----------------------------------------------------------------------------


@pytest.fixture
def staff_user(db: None) -> Any:
    """Return Alice, who may do everything."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_superuser(
        "alice", "alice@example.com", STAFF_PASSWORD, first_name="Alice", last_name="Winter"
    )


@pytest.fixture
def staff_client(staff_user: Any, client: Any) -> Any:
    """Return Django's test client, signed in as Alice."""
    client.force_login(staff_user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return client


# ---- Work ------------------------------------------------------------------------------


@pytest.fixture
def drain(db: None) -> Callable[[], int]:
    """Return a function that does all due work here and now and says how much it was."""
    from django.db.models.functions import Now

    from outbox.drain import drain as drain_kind
    from outbox.drain import free_crashed
    from outbox.models import Job
    from outbox.registry import handler_of, kinds

    def due() -> list[str]:
        # One question instead of `due_kinds`'s thirty: here is never too much to look through.
        jobs = Job.objects.filter(state=Job.State.PENDING, due_at__lte=Now()).order_by()
        waiting = set(jobs.values_list("kind", flat=True).distinct())
        last = {kind: handler_of(kind).gives_way for kind in kinds()}
        return [kind for kind in sorted(last, key=lambda kind: last[kind]) if kind in waiting]

    def drain_all() -> int:
        done = 0
        free_crashed()
        for _ in range(50):  # work makes work: read asks for tally
            if not (found := due()):
                return done
            done += sum(map(drain_kind, found))
        raise AssertionError(f"work of kind {due()} never ends")

    return drain_all


# ---- Servers ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    server = Valkey()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def valkey(_valkey: Valkey) -> Valkey:
    """Return the broker of this test run, empty. Faults: start a `tests.servers.Valkey` instead."""
    _valkey.flush()
    return _valkey


@pytest.fixture(scope="session")
def _smtp() -> Iterator[SmtpServer]:
    with servers.smtp_server() as server:
        yield server


@pytest.fixture
def smtp_server(_smtp: SmtpServer, settings: Any) -> SmtpServer:
    """Return an empty, willing SMTP server; mail sent in this process goes there, too."""
    _smtp.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _smtp.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return _smtp


def database_url() -> str:
    """Return the address of the test database, for processes outside this one."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    who = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
    return f"postgres://{who}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture(scope="session")
def process_env(django_db_setup: None, _valkey: Valkey, _smtp: SmtpServer) -> dict[str, str]:
    """Return the environment for real processes on the test database, broker and SMTP server."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": _valkey.url,
        "EMAIL_URL": _smtp.url,
        "OUTBOX_BELL": "true",
        "SWEEP_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def _app(process_env: dict[str, str]) -> Iterator[AppServer]:
    with app_server(process_env) as server:
        yield server


@pytest.fixture
def live_app(_app: AppServer, transactional_db: None, settings: Any) -> AppServer:
    """Return the running product; links made in this process lead to it."""
    settings.BASE_URL = _app.url
    return _app


@pytest.fixture
def worker(
    transactional_db: None,
    process_env: dict[str, str],
    valkey: Valkey,
    smtp_server: SmtpServer,
    request: pytest.FixtureRequest,
) -> Iterator[Worker]:
    """Yield a running Celery worker; its links lead to `live_app` where the test has one."""
    env = dict(process_env)
    if "live_app" in request.fixturenames:
        env["BASE_URL"] = request.getfixturevalue("live_app").url
    with worker_process(env) as running:
        yield running


# ---- Browser ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": str(CHROMIUM), "args": CHROMIUM_ARGUMENTS, "headless": True}


@pytest.fixture
def staff_page(live_app: AppServer, staff_client: Any, page: Any) -> Any:
    """Return a browser page of `live_app`, signed in as Alice."""
    name = django_settings.SESSION_COOKIE_NAME
    cookie = staff_client.cookies[name].value
    page.context.add_cookies([{"name": name, "value": cookie, "url": live_app.url}])
    return page
