"""`python -m tests.servers postgres -- COMMAND …`: run a command beside a fresh PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.servers.postgres import postgres_server


def main() -> int:
    if sys.argv[1:3] != ["postgres", "--"] or len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    # Asked to end, leave no server behind: SystemExit runs what `with` promised.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgres_server(is_durable=False) as url:
        return subprocess.run(sys.argv[3:], env={**os.environ, "DATABASE_URL": url}).returncode


sys.exit(main())
