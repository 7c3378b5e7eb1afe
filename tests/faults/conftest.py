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
