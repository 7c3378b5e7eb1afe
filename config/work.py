"""Celery's settings: it carries the bell and the clock, the work itself lies in the outbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.schedules import crontab

from config.embedded import broker_socket


def celery_settings(redis_url: str, *, data_dir: Path, sweep_seconds: float) -> dict[str, Any]:
    """Return them; without a Redis they speak to the broker of the embedded installation."""
    return {
        "CELERY_BROKER_URL": redis_url or f"redis+socket://{broker_socket(data_dir)}",
        "CELERY_TASK_IGNORE_RESULT": True,
        "CELERY_TASK_DEFAULT_QUEUE": "work",
        "CELERY_TASK_CREATE_MISSING_QUEUES": False,
        # The message is only a bell, so it is acknowledged early and redelivered never.
        "CELERY_TASK_ACKS_LATE": False,
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
        "CELERY_TASK_PUBLISH_RETRY": False,
        "CELERY_TASK_SOFT_TIME_LIMIT": 45,
        "CELERY_TASK_TIME_LIMIT": 60,
        "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
        "CELERY_WORKER_MAX_TASKS_PER_CHILD": 1000,
        "CELERY_WORKER_MAX_MEMORY_PER_CHILD": 300_000,  # kB
        "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 20,
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
        "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": False,
        "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
        "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
        "CELERY_BROKER_CHANNEL_ERROR_RETRY": True,
        "CELERY_BROKER_TRANSPORT_OPTIONS": {
            "socket_connect_timeout": 0.5,
            "socket_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "visibility_timeout": 300,
            "global_keyprefix": "verbatim:",
        },
        "CELERY_BEAT_SCHEDULE": {
            # Any number of schedulers is harmless: a sweep only does what is due.
            "sweep": {
                "task": "outbox.sweep",
                "schedule": sweep_seconds,
                "options": {"expires": sweep_seconds, "queue": "work"},
            },
            "retention": {
                "task": "outbox.forget_done",
                "schedule": crontab(hour="3", minute="17"),
                "options": {"queue": "work"},
            },
            "bounces": {
                "task": "surveys.read_bounces",
                "schedule": crontab(minute="*/5"),
                "options": {"expires": 240, "queue": "mail"},
            },
            "suggestions": {
                "task": "feedback.suggest_themes",
                "schedule": crontab(hour="4", minute="23"),
                "options": {"queue": "work"},
            },
        },
        "CELERY_BEAT_SCHEDULE_FILENAME": str(data_dir / "beat-schedule"),
    }
