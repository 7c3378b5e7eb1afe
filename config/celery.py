"""The Celery application. Work lives in the outbox; Celery carries the bell."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("verbatim")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _leave_code_alone(**_about: Any) -> None:
    """Keep what was imported out of every garbage collection: a tenth of reading's CPU."""
    gc.collect()
    gc.freeze()
