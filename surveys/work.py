"""The kinds of work this app does for the outbox."""

from outbox.registry import Handler, Once, register
from surveys.delivery import deliver_batch, mark_doubtful
from surveys.services import DELIVER

register(
    Handler(
        DELIVER,
        deliver_batch,
        batch=50,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=120,
        when_doubtful=mark_doubtful,
    )
)
