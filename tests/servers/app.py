"""The product's web server as a real process: gunicorn as in production, with one process."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.servers.processes import Program, free_port


class AppServer:
    """gunicorn on a free port. `env` must name settings and database."""

    def __init__(self, env: Mapping[str, str], *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self._env = {**env, "BASE_URL": self.url}
        self._log = Path(tempfile.mkdtemp(prefix="verbatim-app-")) / "log"
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        assert self._program is not None, "not started"
        return self._program

    def start(self) -> None:
        command = [
            sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "deploy/gunicorn.conf.py",
            "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--max-requests", "0",
            "--graceful-timeout", "3", "--log-level", "warning",
        ]  # fmt: skip
        self._program = Program(command, log=self._log, env=self._env)
        self._program.wait_ready(self._answers)

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.url}/healthz", timeout=5).close()
        except HTTPError:
            return True  # an answer, if not a happy one
        except OSError:
            return False
        return True

    def output(self) -> str:
        return self.program.output()

    def kill(self) -> None:
        self.program.kill()

    def stop(self) -> None:
        if self._program:
            self._program.stop()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._log.parent, ignore_errors=True)


@contextmanager
def app_server(env: Mapping[str, str], *, port: int | None = None) -> Iterator[AppServer]:
    server = AppServer(env, port=port)
    try:
        server.start()
        yield server
    finally:
        server.remove()
