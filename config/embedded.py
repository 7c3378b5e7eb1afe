"""Where the embedded installation keeps its things, and its generated secrets.

Pure standard library: read by settings before Django is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

SECRETS_FILE = "secrets.env"
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 107


def data_dir() -> Path:
    """Return the directory for everything the installation writes (VERBATIM_DATA, else ./var)."""
    default = Path(__file__).resolve().parent.parent / "var"
    return Path(os.environ.get("VERBATIM_DATA") or default).absolute()


def new_secrets() -> str:
    """Return a SECRET_KEY and a LINK_KEYS line, fresh and strong."""
    return f"SECRET_KEY={secrets.token_urlsafe(50)}\nLINK_KEYS=a:{secrets.token_urlsafe(32)}\n"


def ensure_secrets(directory: Path) -> Path:
    """Create the secrets file on first use, readable by its owner only; return its path."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / SECRETS_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w") as file:
        file.write(new_secrets())
    return path


def broker_socket(directory: Path) -> Path:
    """Return the path of the embedded broker's Unix socket.

    Beside the data, unless that path is longer than a socket's may be: then in
    a directory of its own, named after the data directory.
    """
    path = directory / "broker" / "s"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"verbatim-{os.getuid()}-{name}" / "s"
