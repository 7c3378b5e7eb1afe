"""The kinds of work this app does for the outbox."""

from feedback.reading import read_batch
from feedback.store import READ
from outbox.registry import Handler, Once, register

register(Handler(READ, read_batch, batch=500, once=Once.REPEATABLE))
