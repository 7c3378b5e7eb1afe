from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outbox.jobs import Wanted, enqueue
from tests.faults import sink
from tests.servers import Valkey, wait_until


@pytest.fixture
def sink_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make the sink's kinds of work known, here and in processes with `fault_env`."""
    file = tmp_path / "sink"
    monkeypatch.setenv("SINK_FILE", str(file))
    sink.register_kinds()
    yield file
    sink.unregister_kinds()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """Yield a broker of this test's own, to be killed, frozen and wiped."""
    server = Valkey()
    try:
        server.start()
        yield server
    finally:
        server.wake_if_frozen()
        server.remove()


@pytest.fixture
def fault_env(
    process_env: dict[str, str], sink_file: Path, own_valkey: Valkey, transactional_db: None
) -> dict[str, str]:
    """Return the environment of processes that do the sink's work with this test's broker."""
    return {**process_env, "SINK_FILE": str(sink_file), "REDIS_URL": own_valkey.url}


@pytest.fixture
def write_down() -> Callable[..., None]:
    """Return a function that enqueues sink jobs for the given subjects."""

    def enqueue_all(
        subjects: Any, *, detail: str = "", kind: str = sink.REPEATABLE, name: str = ""
    ) -> None:
        enqueue([Wanted(kind, n, f"{kind}:{name}:{n}", detail=detail) for n in subjects])

    return enqueue_all


def wait_for_jobs(state: str, count: int, *, seconds: float) -> None:
    """Return when that many jobs are in the state; TimeoutError with all counts otherwise."""
    from django.db.models import Count

    from outbox.models import Job

    def counts() -> dict[str, int]:
        rows = Job.objects.order_by().values_list("state").annotate(n=Count("pk"))
        return dict(rows)

    try:
        wait_until(lambda: counts().get(state, 0) >= count, seconds=seconds, pause=0.2)
    except TimeoutError as error:
        raise TimeoutError(f"{count} jobs {state}: {counts()}") from error


@pytest.fixture
def open_links(transactional_db: None) -> Callable[[int], list[str]]:
    """Return a function that makes a live NPS survey and that many links to answer it."""

    def make(count: int) -> list[str]:
        from surveys import services
        from surveys.models import Brand, Contact, Invitation, Survey

        brand = Brand.objects.create(name="Kestrel")
        survey = Survey.objects.create(slug="relationship", name="NPS", kind="nps", brand=brand)
        services.go_live(survey)
        survey.refresh_from_db()
        contacts = Contact.objects.bulk_create(
            [Contact(email=f"ada{number}@example.com") for number in range(count)]
        )
        rows = [
            services.new_invitation(survey, contact=contact, channel="email", state="sent")
            for contact in contacts
        ]
        Invitation.objects.bulk_create(rows)
        return [f"/s/{services.token_of(row)}" for row in rows]

    return make
