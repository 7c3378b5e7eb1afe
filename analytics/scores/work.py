"""The kinds of work this wing does for the outbox."""

from analytics.scores.tallies import recount_batch
from feedback.reading import TALLY
from outbox.registry import Handler, Once, register

register(Handler(TALLY, recount_batch, batch=100, once=Once.REPEATABLE))
