"""The kinds of work this app does for the outbox."""

from feedback.reading import read_batch
from feedback.rejudging import REJUDGE, rejudge_batch
from feedback.rereading import REREAD, reread_batch
from feedback.store import READ
from feedback.suggestions import SUGGEST, refresh_batch
from outbox.registry import Handler, Once, register

register(Handler(READ, read_batch, batch=1000, once=Once.REPEATABLE))
# Its own queue and giving way, so that history never stands before a new response.
register(
    Handler(REREAD, reread_batch, batch=1, once=Once.REPEATABLE, queue="history", gives_way=True)
)
register(
    Handler(SUGGEST, refresh_batch, batch=1, once=Once.REPEATABLE, queue="history", gives_way=True)
)
register(
    Handler(REJUDGE, rejudge_batch, batch=1, once=Once.REPEATABLE, queue="history", gives_way=True)
)
