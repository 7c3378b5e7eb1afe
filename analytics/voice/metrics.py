"""Net sentiment, theme and emotion shares and the response rate, of all surveys together.

Comments and invitations are counted by day as they are known now: a past
`as_of` leaves out the days after it, not what was read of earlier days since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.periods import Period, month_of
from analytics.scores.combining import TooMany
from analytics.scores.composing import outcomes_of
from analytics.scores.heard import Heard, heard, heard_by_month
from analytics.statistics.guards import guarded
from analytics.statistics.rates import response_rates
from analytics.statistics.result import Result, Unit, null
from analytics.statistics.shares import share
from analytics.success.catalogue import FEEDBACK, Definition
from analytics.success.metrics.sentiment import net_sentiment
from analytics.success.queries import Facts
from analytics.success.reports import Compute, provisional
from feedback.models import Sentiment


def heard_of(facts: Facts, period: Period) -> Heard:
    """Return what was heard in a period; the months of a page are read at once. As heard."""
    after = facts.today + timedelta(days=1)
    month = month_of(period.start)
    is_month = (month.start, month.stop) == (period.start, period.stop)
    if is_month and facts.since <= month.start and month.stop <= facts.after:
        whole = Period(facts.since, max(facts.since, min(facts.after, after)))
        months = facts.once(
            ("heard by month",), lambda: heard_by_month(whole, segment=facts.segment)
        )
        return months.get(month.start, Heard({}, {}))
    known = Period(period.start, max(period.start, min(period.stop, after)))
    return facts.once(("heard", known), lambda: heard(known, segment=facts.segment))


def _metric(count: Callable[[Heard], Result], unit: Unit) -> Compute:
    """Make a metric of a function of what was heard; a segment too large to count is null."""

    def compute(facts: Facts, period: Period) -> Result:
        try:
            result = guarded(count(heard_of(facts, period)))
        except TooMany:
            return null(unit, "too_many_to_combine")
        return provisional(result, facts, period) if result.status == "ok" else result

    return compute


def net_of(found: Heard) -> Result:
    """Return positive minus negative of the comments read, in points; mixed ones are neither."""
    counts = dict.fromkeys(Sentiment.values, 0) | found.of("sentiment")
    result = net_sentiment(
        counts[Sentiment.POSITIVE],
        counts[Sentiment.NEGATIVE],
        counts[Sentiment.NEUTRAL] + counts[Sentiment.MIXED],
        unclear=counts[Sentiment.UNSCORED],
    )
    if not sum(counts.values()):
        return result
    kept = {name: part for name, part in result.parts.items() if name not in counts}
    return replace(result, parts=kept | counts)


def themes_of(found: Heard) -> Result:
    """Return the share of comments that touch any theme; `parts["by_theme"]` has each one."""
    return _found_in(found, "theme", convention="comments that touch at least one theme")


def emotions_of(found: Heard) -> Result:
    """Return the share of comments with any emotion; `parts["by_emotion"]` has each one."""
    return _found_in(found, "emotion", convention="comments in which an emotion was recognised")


def _found_in(found: Heard, what: str, *, convention: str) -> Result:
    comments, answers = sum(found.of("sentiment").values()), found.of("all").get("", 0)
    # A comment may be read between two counts of a day: a part never exceeds the whole.
    touched = min(found.of("any").get(what, 0), comments)
    result = share(touched, comments, convention=convention)
    each = {
        key: _part(share(min(n, comments), comments))
        for key, n in sorted(found.of(what).items(), key=lambda pair: (-pair[1], pair[0]))
    }
    parts = {
        f"by_{what}": each,
        "without": comments - touched,
        "comment_rate": share(min(comments, answers), answers).value,
    }
    return replace(result, parts=parts) if comments else result


def _part(result: Result) -> Mapping[str, Any]:
    low, high = (result.interval.low, result.interval.high) if result.interval else (None, None)
    return {"count": result.numerator, "value": result.value, "low": low, "high": high}


def answered_of(found: Heard) -> Result:
    """Return who answered of those a question reached (AAPOR RR6), by the day they were asked."""
    steps = found.funnel
    rates = response_rates(outcomes_of(steps))
    sent, bounced, doubtful, opened, done, commented = steps
    if not sent:
        return rates.rr6
    parts = {
        "sent": sent,
        "bounced": bounced,
        "doubtful": doubtful,
        "delivered": sent - bounced - doubtful,
        "opened": opened,
        "answered": done,
        "commented": commented,
        "of_all_sent": rates.rr1.value,
    }
    return replace(rates.rr6, parts=parts)


DEFINITIONS = (
    Definition(
        "net-sentiment", FEEDBACK, _("Net sentiment"), "points", "up",
        _("100 × (positive − negative) ÷ comments that could be read"),
        _("Comments of all surveys. Neutral and mixed ones are in the base; unread languages and "
          "comments too short to tell are out. Of the words, not of the person."),
        (), _metric(net_of, "points"),
    ),
    Definition(
        "theme-share", FEEDBACK, _("Comments with a theme"), "fraction", "",
        _("comments that touch a theme ÷ comments"),
        _("A comment may touch several themes, so the shares of all themes may add to more than "
          "100 %. The figure is the share with at least one."),
        (), _metric(themes_of, "fraction"),
    ),
    Definition(
        "emotion-share", FEEDBACK, _("Comments with an emotion"), "fraction", "",
        _("comments with an emotion ÷ comments"),
        _("Recognised by their words, several or none in a comment. Machines are often wrong here: "
          "read the shares, judge no single person."),
        (), _metric(emotions_of, "fraction"),
    ),
    Definition(
        "survey-response-rate", FEEDBACK, _("Survey response rate"), "fraction", "up",
        _("answered ÷ (sent − bounced − doubtful), AAPOR RR6"),
        _("Invitations of all surveys, by the day they were sent; answers still come in for the "
          "newest. Held answers are none."),
        (), _metric(answered_of, "fraction"),
    ),
)  # fmt: skip
