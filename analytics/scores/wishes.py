"""What an address asks of a page of numbers, and the words when it cannot be had."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from analytics import figures
from analytics.periods import BadPeriod, Period, period_named, read_period
from analytics.scores.combining import TooMany
from analytics.scores.slices import UnknownPart


def asked_period(request: HttpRequest) -> Period:
    """Return the period of the address; an impossible one is said and the default taken."""
    try:
        return read_period(request.GET)
    except BadPeriod as error:
        messages.warning(request, _("That time could not be understood: %s") % error)
        return period_named("13w")


def unknown_words(error: UnknownPart) -> str:
    names = {
        "segment": _("There is no segment “%s”. It is left out."),
        "channel": _("There is no channel “%s”. It is left out."),
        "language": _("“%s” is not a language. It is left out."),
        "theme": _("There is no theme “%s”. It is left out."),
        "sentiment": _("There is no sentiment “%s”. It is left out."),
    }
    return names[error.name] % error.value[:60]


def too_many_words(error: TooMany) -> str:
    return _(
        "These filters together may hold %(n)s answers; at most %(most)s are combined on the "
        "spot. Choose a shorter time or one filter."
    ) % {"n": figures.count_text(error.count), "most": figures.count_text(error.limit)}
