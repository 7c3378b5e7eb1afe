"""The kinds of work this app does for the outbox."""

from outbox.registry import Handler, Once, register
from surveys import reminding, stops
from surveys.aftermath import mark_failed, settle_interrupted
from surveys.campaigns import CAMPAIGN, CLOCK, prepare_campaigns
from surveys.clock import turn
from surveys.delivery import LEASE_SECONDS, deliver_batch
from surveys.services import DELIVER, REMIND
from surveys.uploads import UPLOAD, work_through

register(
    Handler(
        DELIVER,
        deliver_batch,
        batch=100,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=LEASE_SECONDS,
        when_doubtful=settle_interrupted,
        when_dead=mark_failed,
    )
)

register(Handler(stops.ALERT, stops.tell_staff, batch=5, once=Once.AT_LEAST))

# A slice of a long list each: the lease outlives slice and file reading together.
register(Handler(UPLOAD, work_through, batch=1, once=Once.REPEATABLE, lease_seconds=120))
register(Handler(CLOCK, turn, batch=10, once=Once.REPEATABLE, lease_seconds=120))
register(
    Handler(
        REMIND,
        reminding.remind_batch,
        batch=20,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=reminding.LEASE_SECONDS,
        max_attempts=reminding.MAX_ATTEMPTS,
        when_doubtful=reminding.settle_interrupted,
        when_dead=reminding.mark_failed,
    )
)
register(Handler(CAMPAIGN, prepare_campaigns, batch=1, once=Once.REPEATABLE, lease_seconds=120))
