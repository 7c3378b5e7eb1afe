"""Start a program in its own process group, wait for it, end all of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    is_so: Callable[[], object], *, seconds: float = 30, what: str = "", pause: float = 0.05
) -> None:
    """Return as soon as `is_so()` is true; TimeoutError that names `what` otherwise."""
    ends_at = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > ends_at:
            raise TimeoutError(f"still waiting after {seconds:g} s: {what or is_so}")
        time.sleep(pause)


def answers(port: int) -> bool:
    """Return whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """One running program with everything it forked; its output goes to a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                cwd=cwd or (ROOT if user is None else log.parent),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def children(self) -> list[int]:
        """Return the process ids this program has forked and that still run."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(child) for child in listed.read_text().split()]

    def wait_ready(self, is_ready: Callable[[], object], *, seconds: float = 30) -> None:
        """Wait until `is_ready()`; RuntimeError with the program's output when it ended before."""

        def ready_or_dead() -> object:
            if self.returncode is not None:
                raise RuntimeError(f"ended with {self.returncode}:\n{self.output()[-4000:]}")
            return is_ready()

        try:
            wait_until(ready_or_dead, seconds=seconds, what=f"output so far:\n{self.log}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.output()[-4000:]}") from None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def signal(self, number: int) -> None:
        """Send a signal to the program alone."""
        self._process.send_signal(number)

    def signal_group(self, number: int) -> None:
        """Send a signal to the program and everything it forked."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        self.signal_group(signal.SIGKILL)
        self._process.wait(timeout=10)

    def wait(self, *, seconds: float = 30) -> int:
        return self._process.wait(timeout=seconds)

    def stop(self, *, seconds: float = 20) -> None:
        """Ask politely, then end the whole group whatever it says."""
        if self.returncode is None:
            self.signal_group(signal.SIGCONT)
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=seconds)
        self.kill()
