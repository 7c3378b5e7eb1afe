"""The kinds of work this wing does for the outbox."""

from analytics.scores.closing import CLOSE, close_batch
from analytics.scores.slicing import slice_anew
from analytics.scores.tallies import recount_batch
from feedback.reading import TALLY
from outbox.registry import Handler, Once, register
from surveys.segment_editor import SLICE

register(Handler(TALLY, recount_batch, batch=100, once=Once.REPEATABLE))
register(Handler(CLOSE, close_batch, batch=20, once=Once.REPEATABLE))
register(Handler(SLICE, slice_anew, batch=10, once=Once.REPEATABLE))
