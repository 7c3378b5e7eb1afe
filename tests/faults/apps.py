import os
import time
from pathlib import Path

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults"

    def ready(self) -> None:
        from tests.faults import sink

        sink.register_kinds()
        if gate := os.environ.get("START_GATE"):
            _wait_at(Path(gate))


def _wait_at(gate: Path) -> None:
    """Say that this process is ready and wait until the gate opens: all start at once."""
    gate.with_suffix(f".{os.getpid()}").touch()
    ends_at = time.monotonic() + 120
    while not gate.exists() and time.monotonic() < ends_at:
        time.sleep(0.005)
