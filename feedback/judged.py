"""The comments behind a count of verdicts, named by one word of an address.

`drawn` (checked at random), `picked` (sentiment a person chose to judge) or what a verdict is
about; then optionally `.agreed`, or what was read and what was said: `drawn.negative.positive`,
`drawn..unclear`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from feedback.models import Sentiment, Verdict
from feedback.verdicts import UNCLEAR

AGREED = "agreed"
_What = Verdict.What
_OTHERS = tuple(what for what in _What.values if what != _What.SENTIMENT)
_SAID = (*Sentiment.values, UNCLEAR)


@dataclass(frozen=True, slots=True)
class Judged:
    """Which verdicts; "" = no wish. With neither `read` nor `said`, the unclear are left out."""

    kind: str
    read: str = ""
    said: str = ""
    is_agreed: bool = False

    def verdicts(self) -> QuerySet[Verdict]:
        """Return the verdicts on a response of the query around this one."""
        found = Verdict.objects.filter(response=OuterRef("pk"))
        if self.kind in _OTHERS:
            found = found.filter(what=self.kind)
        else:
            found = found.filter(what=_What.SENTIMENT, is_sampled=self.kind == "drawn")
        if self.read:
            found = found.filter(read=self.read)
        if self.said != UNCLEAR:
            found = found.exclude(said=UNCLEAR)
        if self.said:
            found = found.filter(said=self.said)
        return found.filter(read=F("said")) if self.is_agreed else found

    def name(self) -> str:
        """Say it in words, as the chip above a list does."""
        kinds = {
            "drawn": _("checked at random"),
            "picked": _("sentiment judged by people"),
            **{what.value: _("judged: %s") % what.label for what in _What},
        }
        words = {value: str(label) for value, label in Sentiment.choices}
        parts = [kinds[self.kind]]
        if self.is_agreed:
            parts.append(_("confirmed"))
        if self.read:
            parts.append(_("read as %s") % words[self.read])
        if self.said:
            parts.append(_("people say %s") % words.get(self.said, _("unclear")))
        return ", ".join(parts)


def read_judged(word: str) -> Judged | None:
    """Return what the word asks for, None where it makes no sense."""
    kind, *wishes = word.split(".")
    if kind not in ("drawn", "picked", *_OTHERS):
        return None
    match wishes:
        case []:
            return Judged(kind)
        case [one] if one == AGREED:
            return Judged(kind, is_agreed=True)
        case [read, said] if kind not in _OTHERS:
            if read in ("", *Sentiment.values) and said in ("", *_SAID):
                return Judged(kind, read, said)
    return None
