"""The kinds of work this app does for the outbox."""

from outbox.registry import Handler, Once, register
from surveys import stops
from surveys.campaigns import CAMPAIGN, prepare_campaigns
from surveys.delivery import deliver_batch, mark_failed, settle_interrupted
from surveys.services import DELIVER
from surveys.uploads import UPLOAD, work_through

register(
    Handler(
        DELIVER,
        deliver_batch,
        batch=50,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=120,
        when_doubtful=settle_interrupted,
        when_dead=mark_failed,
    )
)

register(Handler(stops.ALERT, stops.tell_staff, batch=5, once=Once.AT_LEAST))

# A slice of a long list each: the lease outlives slice and file reading together.
register(Handler(UPLOAD, work_through, batch=1, once=Once.REPEATABLE, lease_seconds=120))
register(Handler(CAMPAIGN, prepare_campaigns, batch=1, once=Once.REPEATABLE, lease_seconds=120))
