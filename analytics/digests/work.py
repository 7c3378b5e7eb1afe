"""The kinds of work this app does for the outbox."""

from analytics.digests import making, sending
from analytics.digests.clock import CLOCK, DIGEST, REPORT, REPORT_MAIL, turn
from outbox.registry import Handler, Once, register

register(Handler(CLOCK, turn, batch=1, once=Once.REPEATABLE))
register(
    Handler(
        REPORT,
        making.make_files,
        batch=1,
        once=Once.REPEATABLE,
        lease_seconds=120,
        when_dead=making.mark_failed,
    )
)
register(
    Handler(
        DIGEST,
        sending.send_issues,
        batch=2,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=sending.LEASE_SECONDS,
        max_attempts=sending.MAX_ATTEMPTS,
        when_doubtful=sending.settle_issues,
        when_dead=sending.issues_failed,
    )
)
register(
    Handler(
        REPORT_MAIL,
        sending.send_reports,
        batch=10,
        once=Once.AT_MOST,
        queue="mail",
        lease_seconds=sending.LEASE_SECONDS,
        max_attempts=sending.MAX_ATTEMPTS,
        when_doubtful=sending.settle_reports,
        when_dead=sending.reports_failed,
    )
)
