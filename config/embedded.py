"""Where the embedded installation keeps its things, and its generated secrets.

Pure standard library: read by settings before Django is there.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRETS_FILE = "secrets.env"


def data_dir() -> Path:
    """Return the directory for everything the installation writes (VERBATIM_DATA, else ./var)."""
    default = Path(__file__).resolve().parent.parent / "var"
    return Path(os.environ.get("VERBATIM_DATA") or default)


def ensure_secrets(directory: Path) -> Path:
    """Create the secrets file on first use, readable by its owner only; return its path."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / SECRETS_FILE
    lines = f"SECRET_KEY={secrets.token_urlsafe(50)}\nLINK_KEYS=a:{secrets.token_urlsafe(32)}\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(descriptor, "w") as file:
        file.write(lines)
    return path


def broker_socket(directory: Path) -> Path:
    """Return the path of the embedded broker's Unix socket."""
    return directory / "broker" / "s"
