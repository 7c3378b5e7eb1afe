"""What people do with digests and reports: set one up, change it, pause it, want one now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.digests.clock import DIGEST, REPORT, upcoming, wind
from analytics.digests.models import Digest, Issue, Report, ReportFile, Window
from analytics.digests.rhythms import covered, so_far
from analytics.periods import Period, today
from analytics.scores.slices import NAMES, UnknownPart, read_slice
from outbox.jobs import Wanted, enqueue
from outbox.transactions import write
from surveys.addresses import address_of, flaw_of
from surveys.languages import supported
from surveys.models import Survey

MOST_DIGESTS, MOST_RECIPIENTS = 10, 20
_S = TypeVar("_S", Digest, Report)


class Refused(ValueError):
    """What cannot be set up so. `fields` says at which field, and why."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(why)}" for name, why in fields.items()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class DigestWish:
    """A digest as somebody wants it. No surveys: all of them."""

    rhythm: str
    hour: int
    window: str = Window.WEEKS_13
    surveys: Sequence[Survey] = ()
    filters: Mapping[str, str] | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class ReportWish:
    name: str
    survey: Survey
    rhythm: str
    hour: int = 8
    window: str = Window.OWN
    filters: Mapping[str, str] | None = None
    recipients: Sequence[str] = ()
    carry: str = Report.Carry.PDF
    language: str = ""


def save_digest(wish: DigestWish, *, user: Any, digest: Digest | None = None) -> Digest:
    """Set a digest up or change it; a changed one that was paused goes on.

    Refused for a filter that is not there, or more digests than anybody reads.
    """
    filters = checked_filters(wish.filters or {})
    if digest is None and user.digests.count() >= MOST_DIGESTS:
        message = _("You have %(n)s digests, which is the most there can be.")
        raise Refused({"rhythm": [message % {"n": MOST_DIGESTS}]})
    with write():
        saved = digest or Digest(user=user)
        saved.rhythm, saved.hour, saved.window = wish.rhythm, wish.hour, wish.window
        saved.filters, saved.has_all = filters, not wish.surveys
        saved.language = supported(wish.language) or _language()
        saved.next_at = upcoming(saved)
        saved.save()
        saved.surveys.set(wish.surveys)
        wind()
    return saved


def save_report(wish: ReportWish, *, by: Any, report: Report | None = None) -> Report:
    """Set a report up or change it. Refused names every field that cannot be so."""
    filters = checked_filters(wish.filters or {})
    recipients = checked_recipients(wish.recipients)
    with write():
        saved = report or Report(created_by=by)
        saved.name, saved.survey = wish.name, wish.survey
        saved.rhythm, saved.hour, saved.window = wish.rhythm, wish.hour, wish.window
        saved.filters, saved.recipients, saved.carry = filters, recipients, wish.carry
        saved.language = supported(wish.language) or _language()
        saved.next_at = upcoming(saved)
        saved.save()
        wind()
    return saved


def change_digest(digest: Digest, changes: Mapping[str, Any]) -> Digest:
    """Change what is named of a digest; `paused` says whether it rests, else it stays as it is."""
    kept = {name: getattr(digest, name) for name in ("rhythm", "hour", "window", "filters")}
    kept |= {"surveys": list(digest.surveys.all()), "language": digest.language}
    wish = DigestWish(**{**kept, **_without_pause(changes)})
    if not wish.surveys and not digest.has_all and "surveys" not in changes:
        raise Refused({"surveys": [_("None of its surveys is left: name some, or [] for all.")]})
    rests = changes.get("paused", digest.is_paused)
    with write():
        return _resting(save_digest(wish, user=digest.user, digest=digest), rests=rests)


def change_report(report: Report, changes: Mapping[str, Any]) -> Report:
    """Change what is named of a report; `paused` as for digests."""
    kept = {name: getattr(report, name) for name in ReportWish.__slots__}
    wish = ReportWish(**{**kept, **_without_pause(changes)})
    rests = changes.get("paused", report.is_paused)
    with write():
        return _resting(save_report(wish, by=report.created_by, report=report), rests=rests)


def _without_pause(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "paused"}


def _resting(schedule: _S, *, rests: bool) -> _S:
    if rests:
        pause(schedule)
    return schedule


def _language() -> str:
    return supported(get_language() or "") or "en"


def checked_filters(filters: Mapping[str, str]) -> dict[str, str]:
    """Return the wishes of a slice that are there; Refused for others."""
    if unknown := sorted(set(filters) - set(NAMES)):
        known = {"known": ", ".join(NAMES)}
        message = _("There is no filter of this name here. Known: %(known)s.") % known
        raise Refused({f"filters.{name[:60]}": [message] for name in unknown})
    try:
        return read_slice(filters).query
    except UnknownPart as error:
        message = _("There is no %(name)s “%(value)s”.") % {
            "name": error.name,
            "value": error.value[:60].replace("\x00", ""),
        }
        raise Refused({f"filters.{error.name}": [message]}) from None


def checked_recipients(typed: Iterable[str]) -> list[str]:
    """Return addresses in lower case, each once; Refused says which one is none."""
    emails = list(dict.fromkeys(address_of(text)[0] for text in typed if text.strip()))
    if flaws := [flaw for email in emails if (flaw := flaw_of(email))]:
        raise Refused({"recipients": flaws})
    if len(emails) > MOST_RECIPIENTS:
        message = _("At most %(most)s addresses; put a mailing list in for more.")
        raise Refused({"recipients": [message % {"most": MOST_RECIPIENTS}]})
    return emails


def pause(schedule: Digest | Report) -> None:
    schedule.next_at = None
    schedule.save(update_fields=["next_at"])


def resume(schedule: Digest | Report) -> None:
    """Go on with the next moment; what fell into the pause is not caught up."""
    with write():
        schedule.next_at = upcoming(schedule)
        schedule.save(update_fields=["next_at"])
        wind()


def send_now(digest: Digest) -> Issue:
    """Write down an issue about the days so far, sent whatever it has to say."""
    days = so_far(digest.rhythm, today())
    with write():
        issue = Issue.objects.create(digest=digest, start=days.start, stop=days.stop, is_asked=True)
        enqueue([Wanted(DIGEST, issue.pk, f"{DIGEST}:{issue.pk}")])
    return issue


def make_now(report: Report, *, days: Period | None = None, is_mailed: bool = False) -> ReportFile:
    """Write down a file about some days; left out, the last whole week, month or quarter."""
    chosen = days or covered(report.rhythm, today())
    with write():
        file = ReportFile.objects.create(
            report=report,
            start=chosen.start,
            stop=chosen.stop,
            is_asked=True,
            is_mailed=is_mailed,
            created_at=timezone.now(),
        )
        enqueue([Wanted(REPORT, file.pk, f"{REPORT}:{file.pk}")])
    return file
