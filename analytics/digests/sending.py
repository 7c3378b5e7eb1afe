"""Digests and reports leave the house: each at most once, and only if it still may.

What a person may see is asked again at the moment of sending. A crash after
the mail was handed over leaves it doubtful; it is never sent twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from analytics.digests import letters
from analytics.digests.clock import DIGEST, REPORT_MAIL
from analytics.digests.content import Content, content_of
from analytics.digests.models import Digest, Issue, ReportMail
from analytics.digests.report_letters import report_message
from analytics.digests.stopping import digest_link
from analytics.digests.words import many_words
from analytics.periods import Period
from analytics.scores.slices import UnknownPart
from outbox.claims import backoff, hand_over
from outbox.models import Job
from outbox.registry import Doubtful, Failed, Later, Setback, Work
from outbox.transactions import write
from surveys.carrier import Carrier, Delivery, Outcome

log = logging.getLogger(__name__)

LEASE_SECONDS = 120
PAUSE_SECONDS = 60.0
MAX_ATTEMPTS = 8
TOLD_FOR = timedelta(days=28)
_State = Issue.State
Row = Issue | ReportMail


# ---- Digests ---------------------------------------------------------------------------------


def send_issues(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "digest": subject = issue."""
    return _in_turn(work, by, Issue, _issue_message)


def _issue_message(pk: int) -> EmailMessage | None:
    """Return the mail of an issue; None when there is none to send, with the reason stored."""
    issue = Issue.objects.select_related("digest__user").filter(pk=pk).first()
    if issue is None or issue.state not in (_State.WAITING, _State.FAILED):
        return None
    with override(issue.digest.language):
        content = _worth_sending(issue)
        return _drawn(issue, content) if content else None


def _worth_sending(issue: Issue) -> Content | None:
    """Return what an issue says; None when it may not or need not be said, with the reason."""
    digest = issue.digest
    state, reason, content = _State.WITHHELD, refusal(digest, is_asked=issue.is_asked), None
    if not reason:
        try:
            content = content_for(digest, Period(issue.start, issue.stop))
        except UnknownPart as error:
            reason = gone_words(error)
    if content and (content.has_something or issue.is_asked):
        return content
    if content:
        state, reason = _why_nothing(content)
    _leave(issue, state, reason)
    return None


def _drawn(issue: Issue, content: Content) -> EmailMessage:
    """Draw the mail and keep what can be read of it later."""
    link = digest_link(issue.digest.pk)
    letter = letters.draw(issue.digest, content, stop_url=link)
    issue.subject, issue.html, issue.told = letter.subject[:200], letter.kept_html, content.told
    issue.comment_ids = [comment.id for comment in content.comments]
    issue.save(update_fields=["subject", "html", "told", "comment_ids"])
    return letters.message_of(
        letter, to=issue.digest.user.email, message_id=f"digest-{issue.pk}", stop_url=link
    )


def content_for(digest: Digest, news: Period) -> Content:
    """Return what this digest's user may read about some days."""
    sent = digest.issues.filter(sent_at__gt=timezone.now() - TOLD_FOR)
    told = {key for keys in sent.values_list("told", flat=True) for key in keys}
    return content_of(
        digest, news, told=told, has_comments=digest.user.has_perm("feedback.view_response")
    )


def refusal(digest: Digest, *, is_asked: bool = False) -> str:
    """Return why this person gets no digest, "" when they do."""
    user = digest.user
    if not user.is_active or not user.is_staff:
        return _("This account is closed.")
    if not user.has_perm("surveys.view_survey"):
        return _("This account may not see surveys any more.")
    if not user.email:
        return _("This account has no e-mail address.")
    if digest.is_paused and not is_asked:
        return _("It was paused before it left.")
    return ""


def gone_words(error: UnknownPart) -> str:
    return _("The filter names “%(value)s”, which is gone. Edit the digest.") % {
        "value": error.value[:60]
    }


def _why_nothing(content: Content) -> tuple[Issue.State, str]:
    too_many = next((many_words(item) for item in content.surveys if item.too_many), "")
    if too_many:
        return _State.WITHHELD, too_many
    return _State.NOTHING, _("No new answers and no alarm.")


def _leave(row: Row, state: str, reason: str) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(state=state, reason=reason[:300])


# ---- Reports ---------------------------------------------------------------------------------


def send_reports(work: Sequence[Work], by: str) -> Sequence[Setback]:
    """Outbox handler of kind "report_mail": subject = mail of a report."""
    return _in_turn(work, by, ReportMail, _report_message)


def _report_message(pk: int) -> EmailMessage | None:
    mail = ReportMail.objects.select_related("file__report__survey").filter(pk=pk).first()
    if mail is None or mail.state not in (_State.WAITING, _State.FAILED):
        return None
    report = mail.file.report
    with override(report.language):
        if mail.email not in report.recipients:
            _leave(mail, _State.WITHHELD, _("No recipient any more."))
            return None
        return report_message(mail)


# ---- One after the other, each at most once --------------------------------------------------


def _in_turn(
    work: Sequence[Work],
    by: str,
    model: type[Row],
    write_message: Callable[[int], EmailMessage | None],
) -> list[Setback]:
    rows: Any = model._default_manager
    setbacks: list[Setback] = []
    with Carrier() as carrier:
        for number, item in enumerate(work):
            message = write_message(item.subject_id)
            if message is None:
                continue
            if trouble := carrier.open():
                setbacks += [
                    Later(other.id, PAUSE_SECONDS, trouble.error, counts=False)
                    for other in work[number:]
                ]
                break
            setbacks += _send(item, message, rows.filter(pk=item.subject_id), carrier, by)
    return setbacks


def _send(
    item: Work, message: EmailMessage, row: QuerySet[Any], carrier: Carrier, by: str
) -> list[Setback]:
    with write():
        if not hand_over([item.id], by=by, lease_seconds=LEASE_SECONDS):
            return []
        row.update(state=_State.HANDED, reason="")
    delivery = carrier.carry(message)
    with write():
        return _settle(item, row, delivery)


def _settle(item: Work, row: QuerySet[Any], delivery: Delivery) -> list[Setback]:
    error = delivery.error
    match delivery.outcome:
        case Outcome.SENT:
            row.update(state=_State.SENT, sent_at=timezone.now())
            return []
        case Outcome.UNCLEAR:
            row.update(state=_State.DOUBTFUL, reason=error[:300])
            return [Doubtful(item.id, error)]
        case Outcome.NO_SERVER:
            row.update(state=_State.WAITING)
            return [Later(item.id, PAUSE_SECONDS, error, counts=False)]
        case Outcome.LATER if item.attempts < MAX_ATTEMPTS:
            row.update(state=_State.WAITING)
            return [Later(item.id, max(PAUSE_SECONDS, backoff(item.attempts)), error)]
    row.update(state=_State.FAILED, reason=error[:300])
    log.warning("digest mail failed job=%d", item.id)
    return [Failed(item.id, error)]


def settle_issues(ids: Sequence[int]) -> None:
    """Sort out what a worker that died had handed over."""
    _settle_interrupted(DIGEST, Issue, ids)


def settle_reports(ids: Sequence[int]) -> None:
    _settle_interrupted(REPORT_MAIL, ReportMail, ids)


def _settle_interrupted(kind: str, model: type[Row], ids: Sequence[int]) -> None:
    rows: Any = model._default_manager.filter(pk__in=ids)
    rows.filter(state=_State.HANDED).update(state=_State.DOUBTFUL)
    unclear = set(rows.filter(state=_State.DOUBTFUL).values_list("pk", flat=True))
    Job.objects.filter(
        kind=kind, state=Job.State.DOUBTFUL, subject_id__in=set(ids) - unclear
    ).update(state=Job.State.DONE, done_at=Now())


def issues_failed(ids: Sequence[int]) -> None:
    """Called for issues given up after their last attempt."""
    Issue.objects.filter(pk__in=ids, state=_State.WAITING).update(
        state=_State.FAILED, reason="interrupted"
    )


def reports_failed(ids: Sequence[int]) -> None:
    ReportMail.objects.filter(pk__in=ids, state=_State.WAITING).update(
        state=_State.FAILED, reason="interrupted"
    )
