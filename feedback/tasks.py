"""Celery's entry points of this app: what the scheduler asks for."""

from __future__ import annotations

from celery import shared_task

from feedback.suggestions import ask_for_refresh


@shared_task(name="feedback.suggest_themes", ignore_result=True)
def suggest_themes() -> None:
    ask_for_refresh()
