"""The inbox made ready for its template: rows, filters, and the pane beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from feedback.inbox import (
    COUNT_UP_TO,
    Filters,
    Page,
    count_up_to,
    languages_found,
    matching,
    newest_waiting,
    themes_in_use,
    touchpoints_in_use,
)
from feedback.judged import read_judged
from feedback.models import Response, Sentiment
from feedback.story import Story
from feedback.text.findings import EMOTIONS
from outbox.staff.attention import address
from surveys.models import Invitation, Segment, Survey
from surveys.scales import SCALES, Band

SIGNS = {"positive": "+", "mixed": "±", "neutral": "○", "negative": "−", "unscored": "?"}
EMOTION_NAMES = {
    "anger": gettext_lazy("anger"),
    "disappointment": gettext_lazy("disappointment"),
    "confusion": gettext_lazy("confusion"),
    "worry": gettext_lazy("worry"),
    "joy": gettext_lazy("joy"),
    "gratitude": gettext_lazy("gratitude"),
    "appreciation": gettext_lazy("appreciation"),
    "surprise": gettext_lazy("surprise"),
}
MOST_CHIPS = 2
MOST_PROPERTIES = 12


def inbox_address(query: str = "", pk: int | None = None) -> str:
    url = reverse("staff:response", args=[pk]) if pk else reverse("staff:responses")
    return f"{url}?{query}" if query else url


def language_name(code: str) -> str:
    """Return a language's name in the reader's own language; the code when nobody knows it."""
    if code == "zh":  # Django knows only its two scripts
        return _("Chinese")
    try:
        return str(get_language_info(code)["name_translated"]) if code else ""
    except KeyError:
        return code


@dataclass(frozen=True, slots=True)
class Row:
    """One response in the list; `chips` are (tone, sign, theme), `key` its id unformatted."""

    response: Response
    key: str
    band: Band
    url: str
    chips: tuple[tuple[str, str, str], ...]
    more_chips: int
    language: str
    is_waiting: bool


def row_of(response: Response, kept: str) -> Row:
    tones: dict[str, str] = {}
    for mention in response.mentions.all():
        tones.setdefault(mention.theme.name, mention.sentiment)
    chips = tuple((tone, SIGNS[tone], name) for name, tone in tones.items())
    reading = getattr(response, "reading", None)
    return Row(
        response=response,
        key=str(response.pk),
        band=response.survey.scale.band_of(response.score),
        url=inbox_address(kept, response.pk),
        chips=chips[:MOST_CHIPS],
        more_chips=max(0, len(chips) - MOST_CHIPS),
        language=language_name(reading.language) if reading and reading.language != "en" else "",
        is_waiting=_is_waiting(response),
    )


def _is_waiting(response: Response) -> bool:
    reading = getattr(response, "reading", None)
    is_unhappy = reading is not None and reading.sentiment == Sentiment.NEGATIVE
    is_counted = response.standing == Response.Standing.COUNTED
    return is_unhappy and is_counted and bool(response.comment) and not hasattr(response, "seen")


def _count_text(count: int, most: int) -> str:
    text = number_format(min(count, most), force_grouping=True)
    return f"{text}+" if count > most else text


def total_text(found: QuerySet[Response]) -> str:
    return _count_text(count_up_to(found), COUNT_UP_TO)


def quick_filters(filters: Filters) -> list[dict[str, Any]]:
    """Return the chips above the list: everything, with words, waiting, held."""
    new = _count_text(newest_waiting(100).count(), 99)
    held = _count_text(count_up_to(matching(Filters(show="held")), 999), 999)
    rows = (
        ("", _("All"), ""),
        ("commented", _("Commented"), ""),
        ("new", _("Waiting"), new),
        ("held", _("Held"), held),
    )
    return [
        {
            "label": label,
            "count": count,
            "url": inbox_address(filters.query(show=show)),
            "is_current": filters.show == show,
        }
        for show, label, count in rows
    ]


def choices() -> list[dict[str, Any]]:
    """Return the selects of the filter form: name, label, options."""
    surveys = list(Survey.objects.values_list("slug", "name", "kind"))
    kinds = dict.fromkeys(kind for _slug, _name, kind in surveys)
    bands = {band.slug: str(band.name) for kind in kinds for band in SCALES[kind].bands}
    options = {
        "survey": (_("Survey"), [(slug, name) for slug, name, _kind in surveys]),
        "band": (_("Band"), list(bands.items())),
        "sentiment": (_("Sentiment"), [(v, str(label)) for v, label in Sentiment.choices]),
        "theme": (_("Theme"), themes_in_use()),
        "language": (_("Language"), [(code, language_name(code)) for code in languages_found()]),
        "segment": (_("Segment"), list(Segment.objects.values_list("slug", "name"))),
        "channel": (_("Channel"), [(v, str(label)) for v, label in Invitation.Channel.choices]),
        "touchpoint": (_("Touchpoint"), [(name, name) for name in touchpoints_in_use()]),
    }
    return [
        {"name": name, "label": label, "options": listed}
        for name, (label, listed) in options.items()
        if listed
    ]


def marked(selects: Sequence[dict[str, Any]], filters: Filters) -> list[dict[str, Any]]:
    """Add which option is chosen, for a form without JavaScript."""
    return [{**select, "value": getattr(filters, select["name"])} for select in selects]


def active_filters(filters: Filters, selects: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the filters in force, each with the address that takes it away."""
    words = {
        "q": _("“%s”"),
        "score": _("score %s"),
        "since": _("from %s"),
        "until": _("to %s"),
    }
    names = {select["name"]: dict(select["options"]) for select in selects}
    if judged := read_judged(filters.judged):
        names["judged"] = {filters.judged: judged.name()}
    shown = []
    for name in ("q", "survey", "band", "score", "sentiment", "theme", "language", "segment",
                 "channel", "touchpoint", "judged", "since", "until"):  # fmt: skip
        value = getattr(filters, name)
        if value:
            text = words.get(name, "%s") % names.get(name, {}).get(value, value)
            url = inbox_address(filters.query(**{name: ""}))
            shown.append({"label": text, "url": url})
    return shown


def page_links(filters: Filters, page: Page) -> dict[str, str]:
    return {
        "older": inbox_address(filters.query(before=page.older)) if page.older else "",
        "newer": inbox_address(filters.query(after=page.newer)) if page.newer else "",
    }


def pane(story: Story, rows: Sequence[Row], kept: str) -> dict[str, Any]:
    """Return what the reading pane shows beside the story itself."""
    response = story.response
    ids = [row.response.pk for row in rows]
    at = ids.index(response.pk) if response.pk in ids else -1
    contact = response.contact
    return {
        "story": story,
        "version": str(response.version),
        "language": language_name(story.reading.language) if story.reading else "",
        "verdicts": _verdict_buttons(story.reading.sentiment if story.reading else ""),
        "named": [(named, _verdict_buttons(named.tone)) for named in story.named],
        "emotions": [(name, str(EMOTION_NAMES[name])) for name in story.emotions],
        "denied_emotions": [(name, str(EMOTION_NAMES[name])) for name in story.denied_emotions],
        "addable_emotions": [
            (name, str(EMOTION_NAMES[name]))
            for name in EMOTIONS
            if name not in {*story.emotions, *story.denied_emotions}
        ],
        "addable": [
            (slug, name)
            for slug, name in themes_in_use()
            if slug not in {named.slug for named in story.named}
        ],
        "actions": {
            name: _action(name, response.pk, kept) for name in ("seen", "judge", "standing")
        },
        "next_pk": str(ids[at + 1]) if 0 <= at < len(ids) - 1 else "",
        "contact_url": address("staff:contact", "", contact.pk) if contact else "",
        "customer_url": address("admin:surveys_customer_change", "", response.customer_id)
        if response.customer_id
        else "",
        "properties": _properties(response),
        "earlier": [
            (other, other.survey.scale.band_of(other.score), inbox_address("", other.pk))
            for other in story.earlier
        ],
        "sums": _sums(story),
    }


def _action(name: str, pk: int, kept: str) -> str:
    url = reverse(f"staff:response_{name}", args=[pk])
    return f"{url}?{kept}" if kept else url


def _verdict_buttons(current: str) -> list[dict[str, Any]]:
    """Return the words one can press: what is in force (`current`) is pressed."""
    names = {
        "negative": _("negative"),
        "neutral": _("neutral"),
        "mixed": _("mixed"),
        "positive": _("positive"),
    }
    return [
        {"value": value, "name": name, "sign": SIGNS[value], "is_current": value == current}
        for value, name in names.items()
    ]


def _sums(story: Story) -> str:
    """Say in a line what the clauses are: 3 good, 1 bad, 1 neutral."""
    tones = [passage.tone for passage in story.passages if passage.tone]
    words = (
        ("positive", _("%s good")),
        ("negative", _("%s bad")),
        ("mixed", _("%s mixed")),
        ("neutral", _("%s neutral")),
    )
    return ", ".join(text % tones.count(tone) for tone, text in words if tones.count(tone))


def _properties(response: Response) -> list[tuple[str, str]]:
    shown = [
        (str(name).replace("_", " "), str(value))
        for name, value in response.properties.items()
        if value not in ("", None)
    ]
    return shown[:MOST_PROPERTIES]
