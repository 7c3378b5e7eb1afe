"""The reasons of `evidence` in words, for pages, API and exports."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback.evidence import HUMAN, MACHINE, SUSPECT

BY_STAFF = "by_staff"
REASONS: dict[str, str | Promise] = {
    "scanner_agent": _("the sender calls itself a scanner or bot"),
    "library_agent": _("the sender calls itself a program, not a browser"),
    "no_gesture": _("the page's script ran and saw no tap and no key"),
    "no_agent": _("the sender does not say what it is"),
    "headless_agent": _("the sender is a browser without a screen"),
    "no_language": _("no language was asked for, as every browser does"),
    "no_origin": _("the sender says it is a modern browser but not which page it posts from"),
    "no_metadata": _("the sender says it is a modern browser but sends none of its marks"),
    "not_navigated": _("it was sent by a script, not by our form"),
    "not_activated": _("no tap and no key led to it, says the browser"),
    "not_opened": _("nobody had fetched the page it was sent from"),
    "too_soon": _("it came within seconds of the mail, and nothing vouches for a tap or a key"),
    "many_scores": _("different scores were posted within a minute without a tap or a key"),
    "against_person": _("a person had answered otherwise, and nothing vouches for this one"),
    "gesture": _("the page's script saw a tap or a key"),
    "activated": _("the browser vouches for a tap or a key"),
    "plausible": _("nothing speaks against a person"),
    BY_STAFF: _("somebody of the staff decided so"),
}
RULES = {
    **dict.fromkeys(("scanner_agent", "library_agent", "no_gesture"), MACHINE),
    **dict.fromkeys(
        (
            "no_agent", "headless_agent", "no_language", "no_origin", "no_metadata",
            "not_navigated", "not_activated", "not_opened", "too_soon", "many_scores",
            "against_person",
        ),
        SUSPECT,
    ),
}  # fmt: skip
"""Each rule that holds an answer, in the order of docs/evidence.md, and how grave it is."""
VERDICTS: dict[str, str | Promise] = {
    HUMAN: _("a person"),
    SUSPECT: _("perhaps a machine"),
    MACHINE: _("a machine"),
}


def reasons_in_words(codes: str) -> list[str]:
    """Return the words of reason codes with commas between; an unknown code says itself."""
    return [str(REASONS.get(code, code)) for code in codes.split(",") if code]
