"""The web server in production. docs/scale.md says when to change what."""

import gc
import os
from typing import Any

bind = os.environ.get("BIND", "0.0.0.0:8000")
# SQLite takes one web process (docs/scale.md).
workers = int(os.environ.get("WEB_PROCESSES", "2" if "DATABASE_URL" in os.environ else "1"))
worker_class = "gthread"
threads = 8
keepalive = 30
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
preload_app = True
control_socket_disable = True  # nobody commands the server but its supervisor
accesslog = None  # survey links are keys: they belong in no log


def when_ready(server: Any) -> None:
    """Before the processes fork: share the code, and keep it out of garbage collections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # a page makes thousands of objects, and hardly a cycle
