"""The places people of a campaign are in: their names, what they mean, how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from surveys.standing import Place, Standing

# How a place is drawn, its name, and what it means for a person, in the order of the page.
TONES = {
    Place.ANSWERED: "positive",
    Place.OPENED: "positive half",
    Place.SENT: "mid",
    Place.HANDED: "accent",
    Place.CLAIMED: "accent",
    Place.WAITING: "accent",
    Place.LATER: "accent half",
    Place.DOUBTFUL: "negative",
    Place.FAILED: "alert",
    Place.BOUNCED: "alert",
    Place.SUPPRESSED: "",
    Place.SKIPPED: "",
    Place.CANCELLED: "",
}
NAMES = {
    Place.ANSWERED: gettext_lazy("answered"),
    Place.OPENED: gettext_lazy("opened"),
    Place.SENT: gettext_lazy("sent"),
    Place.HANDED: gettext_lazy("handed over"),
    Place.CLAIMED: gettext_lazy("claimed"),
    Place.WAITING: gettext_lazy("waiting"),
    Place.LATER: gettext_lazy("later"),
    Place.DOUBTFUL: gettext_lazy("doubtful"),
    Place.FAILED: gettext_lazy("failed"),
    Place.BOUNCED: gettext_lazy("bounced"),
    Place.SUPPRESSED: gettext_lazy("suppressed"),
    Place.SKIPPED: gettext_lazy("skipped"),
    Place.CANCELLED: gettext_lazy("cancelled"),
}
MEANINGS = {
    Place.ANSWERED: gettext_lazy("They told us."),
    Place.OPENED: gettext_lazy("The link was opened, nothing sent yet. A mail scanner opens, too."),
    Place.SENT: gettext_lazy("The mail server took it."),
    Place.HANDED: gettext_lazy("On its way to the mail server right now."),
    Place.CLAIMED: gettext_lazy("A worker has it in hand."),
    Place.WAITING: gettext_lazy("Its turn comes."),
    Place.LATER: gettext_lazy("Its time lies ahead; it stands beside each person."),
    Place.DOUBTFUL: gettext_lazy("A worker stopped in between: it may have arrived. You decide."),
    Place.FAILED: gettext_lazy("The mail server refused it for good, or too often."),
    Place.BOUNCED: gettext_lazy("It came back. The address is left out from now on."),
    Place.SUPPRESSED: gettext_lazy("They want no mail, or it cannot reach them."),
    Place.SKIPPED: gettext_lazy("Left out, with the reason beside each person."),
    Place.CANCELLED: gettext_lazy("Not sent, because the campaign was cancelled."),
}


@dataclass(frozen=True, slots=True)
class StateRow:
    """One state: how many people, which share, where they stand in the bar (per cent)."""

    state: str
    name: str
    meaning: str
    tone: str
    count: int
    start: float
    width: float


def state_rows(standing: Standing) -> list[StateRow]:
    whole = max(standing.audience, 1)
    rows, start = [], 0.0
    for place, tone in TONES.items():
        count = standing.places[place]
        width = 100 * count / whole
        if count:
            name, meaning = str(NAMES[place]), str(MEANINGS[place])
            rows.append(
                StateRow(place, name, meaning, tone, count, round(start, 3), round(width, 3))
            )
        start += width
    return rows
