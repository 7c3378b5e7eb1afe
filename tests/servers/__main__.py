"""`python -m tests.servers postgres -- COMMAND …`: run a command beside a fresh PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers.postgres import postgres_server


def main() -> int:
    if sys.argv[1:3] != ["postgres", "--"] or len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    with postgres_server(is_durable=False) as url:
        return subprocess.run(sys.argv[3:], env={**os.environ, "DATABASE_URL": url}).returncode


sys.exit(main())
