"""Real servers on this machine for tests and benchmarks. Nothing here pretends.

Each is a context manager that starts one server, waits until it answers and
leaves no process behind:

    with postgres_server() as url, valkey_server(directory) as broker: ...

`python -m tests.servers postgres -- pytest …` runs a command with DATABASE_URL
pointing at a fresh PostgreSQL.
"""

from tests.servers.app import AppServer, app_server
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.processes import Program, free_port, wait_until
from tests.servers.smtp import SmtpServer, smtp_server
from tests.servers.valkey import Valkey, valkey_server
from tests.servers.worker import Worker, worker_process

__all__ = [
    "AppServer",
    "Postgres",
    "Program",
    "SmtpServer",
    "Valkey",
    "Worker",
    "app_server",
    "free_port",
    "postgres_server",
    "smtp_server",
    "valkey_server",
    "wait_until",
    "worker_process",
]
