"""The responses inbox: which responses, in which order, page by page without counting off.

Pages follow a key (submitted_at, id), so the thousandth page costs what the
first does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from feedback.judged import read_judged
from feedback.models import Mention, Reading, Response, Sentiment, Theme
from outbox.days import day_bounds
from outbox.staff.paging import moment_key, read_moment_key
from surveys.models import Invitation, Segment, SegmentCondition, ShareLink, Survey
from surveys.scales import SCALES
from surveys.segments import segment_q

PAGE = 25
COUNT_UP_TO = 10_000
NEW_DAYS = 14
"""How far back an unhappy comment nobody has looked at still counts as waiting."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for, as words; "" = no wish. `problems` says what made no sense.

    `show`: "commented", "new" (waiting for someone) or "held" (machine votes).
    `sentiment` with `theme` is about the clause that names the theme; `judged` as in
    feedback.judged.
    """

    q: str = ""
    survey: str = ""
    band: str = ""
    score: str = ""
    sentiment: str = ""
    theme: str = ""
    language: str = ""
    segment: str = ""
    channel: str = ""
    touchpoint: str = ""
    show: str = ""
    judged: str = ""
    since: str = ""
    until: str = ""
    problems: tuple[str, ...] = ()

    def without(self, *names: str) -> Filters:
        return replace(self, **dict.fromkeys(names, ""))  # type: ignore[arg-type]

    def query(self, **more: str) -> str:
        """Return the address parameters of these filters, with `more` in place of theirs."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "problems"}
        return urlencode({name: value for name, value in {**values, **more}.items() if value})

    @property
    def is_any(self) -> bool:
        return self != Filters(problems=self.problems)


SHOWS = ("commented", "new", "held")
_NAMES = tuple(field.name for field in fields(Filters) if field.name != "problems")


def read_filters(query: Mapping[str, str]) -> Filters:
    """Return the filters of an address; a value that cannot be is dropped and named."""
    wished = {name: query.get(name, "").strip()[:200] for name in _NAMES}
    problems = [name for name, value in wished.items() if value and not _is_possible(name, value)]
    for name in problems:
        wished[name] = ""
    return Filters(**wished, problems=tuple(problems))


def _is_possible(name: str, value: str) -> bool:
    match name:
        case "band":
            return any(value == band.slug for scale in SCALES.values() for band in scale.bands)
        case "score":
            return value.isascii() and value.isdigit() and int(value) <= 10
        case "sentiment":
            return value in Sentiment.values
        case "channel":
            return value in Invitation.Channel.values
        case "show":
            return value in SHOWS
        case "judged":
            return read_judged(value) is not None
        case "since" | "until":
            return _day(value) is not None
        case "survey" | "theme" | "segment" | "touchpoint":
            return "\x00" not in value
        case _:
            return "\x00" not in value


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None


def matching(filters: Filters) -> QuerySet[Response]:
    """Return the responses asked for, unordered."""
    found = Response.objects.filter(_plain(filters))
    if filters.segment:
        found = found.filter(_in_segment(filters.segment))
    if filters.theme:
        found = found.filter(Exists(_mentions(filters)))
    elif filters.sentiment:
        found = found.filter(reading__sentiment=filters.sentiment).exclude(comment="")
    if judged := read_judged(filters.judged):
        found = found.filter(Exists(judged.verdicts()))
    if filters.show == "new":
        found = waiting(found)
    return found


def _plain(filters: Filters) -> Q:
    wanted = Q()
    if filters.survey:
        # As a value, not a join: the index of one survey's newest answers then gives the order.
        wanted &= Q(survey=Subquery(Survey.objects.filter(slug=filters.survey).values("pk")))
    if filters.band:
        wanted &= _in_band(filters.band, filters.survey)
    if filters.score:
        wanted &= Q(score=int(filters.score))
    if filters.channel:
        wanted &= Q(channel=filters.channel)
    if filters.touchpoint:
        wanted &= Q(touchpoint=filters.touchpoint)
    if filters.language:
        wanted &= Q(reading__language=filters.language) & ~Q(comment="")
    if since := _day(filters.since):
        wanted &= Q(submitted_date__gte=since) & _at(since, "gte", 0)
    if until := _day(filters.until):
        wanted &= Q(submitted_date__lte=until) & _at(until, "lt", 1)
    if filters.show == "commented":
        wanted &= ~Q(comment="") & Q(standing=Response.Standing.COUNTED)
    if filters.show == "held":
        wanted &= Q(standing=Response.Standing.QUARANTINED)
    elif filters.is_any and filters.show != "new":
        wanted &= _counted_with(filters)
    return wanted & _said(filters.q)


def _at(day: date, lookup: str, end: int) -> Q:
    """Say the same of the instant, a day wider: for the index alone, the local day decides."""
    if not 1900 < day.year < 2200:
        return Q()
    instant = day_bounds(day)[end] + (timedelta(days=1) if end else -timedelta(days=1))
    return Q(**{f"submitted_at__{lookup}": instant})


def _counted_with(filters: Filters) -> Q:
    """Filters that stand behind a number show what the number counts; a search shows all.

    Verdicts count for how right readings are, whatever became of the answer.
    """
    narrowed = filters.without("q", "survey", "show", "judged")
    return Q(standing=Response.Standing.COUNTED) if narrowed.is_any else Q()


def _said(text: str) -> Q:
    if not text:
        return Q()
    return (
        Q(comment__icontains=text)
        | Q(contact__name__icontains=text)
        | Q(contact__email__icontains=text)
        | Q(customer__name__icontains=text)
    )


def _in_band(slug: str, survey: str) -> Q:
    """Return the scores of a band on every scale that has it (or on one survey's)."""
    kinds = list(SCALES.values())
    if survey:
        kind = Survey.objects.filter(slug=survey).values_list("kind", flat=True).first()
        kinds = [scale for scale in kinds if scale.kind == kind]
    wanted = Q(pk__in=[])
    for scale in kinds:
        for band in scale.bands:
            if band.slug == slug:
                wanted |= Q(survey__kind=scale.kind, score__in=band.scores)
    return wanted


def _in_segment(slug: str) -> Q:
    if not Segment.objects.filter(slug=slug).exists():
        return Q(pk__in=[])
    return segment_q(SegmentCondition.objects.filter(segment__slug=slug))


def _mentions(filters: Filters) -> QuerySet[Mention]:
    named = Mention.objects.filter(response=OuterRef("pk"), theme__slug=filters.theme)
    return named.filter(sentiment=filters.sentiment) if filters.sentiment else named


def waiting(found: QuerySet[Response] | None = None) -> QuerySet[Response]:
    """Return unhappy comments of the last days that nobody has looked at."""
    since = timezone.now() - timedelta(days=NEW_DAYS)
    responses = Response.objects.all() if found is None else found
    return responses.filter(
        submitted_at__gte=since,
        standing=Response.Standing.COUNTED,
        reading__sentiment=Sentiment.NEGATIVE,
        seen__isnull=True,
    ).exclude(comment="")


def newest(found: QuerySet[Response]) -> QuerySet[Response]:
    return found.order_by("-submitted_at", "-id")


def newest_waiting(most: int) -> QuerySet[Response]:
    """Return at most so many of `waiting`, newest first.

    Without an order the database may look through the oldest answers first.
    """
    return newest(waiting())[:most]


def count_up_to(found: QuerySet[Response], most: int = COUNT_UP_TO) -> int:
    """Return how many there are, `most` + 1 meaning more than `most`: never a full count."""
    return found.order_by().values("pk")[: most + 1].count()


@dataclass(frozen=True, slots=True)
class Page:
    """`older` and `newer` are keys for the address, "" at either end."""

    responses: Sequence[Response]
    older: str
    newer: str


def page_of(found: QuerySet[Response], *, before: str = "", after: str = "") -> Page:
    """Return one page, newest first: the answers older than `before`, or newer than `after`."""
    rows = found.select_related("survey", "contact", "customer", "reading", "seen")
    rows = rows.prefetch_related("mentions__theme")
    key = read_moment_key(before or after)
    if key and after and not before:
        up = rows.filter(_beyond(key, is_newer=True)).order_by("submitted_at", "id")
        chosen = list(up[: PAGE + 1])
        more, listed = len(chosen) > PAGE, chosen[:PAGE][::-1]
        return Page(listed, _key(listed[-1]) if listed else "", _key(listed[0]) if more else "")
    if key:
        rows = rows.filter(_beyond(key, is_newer=False))
    chosen = list(newest(rows)[: PAGE + 1])
    listed = chosen[:PAGE]
    return Page(
        listed,
        _key(listed[-1]) if len(chosen) > PAGE else "",
        _key(listed[0]) if key and listed else "",
    )


def _beyond(key: tuple[datetime, int], *, is_newer: bool) -> Q:
    at, pk = key
    way = "gt" if is_newer else "lt"
    # The first condition is implied by the second, but lets an index find the place.
    return Q(**{f"submitted_at__{way}e": at}) & (
        Q(**{f"submitted_at__{way}": at}) | Q(submitted_at=at, **{f"id__{way}": pk})
    )


def _key(response: Response) -> str:
    return moment_key(response.submitted_at, response.pk)


def languages_found() -> list[str]:
    """Return the languages of the newest comments, as codes."""
    older = Reading.objects.order_by("-response_id").values("response_id")[2000:2001]
    newest = Reading.objects.filter(response_id__gt=Coalesce(Subquery(older), 0))
    return sorted(code for code in newest.values_list("language", flat=True).distinct() if code)


def touchpoints_in_use() -> list[str]:
    """Return the touchpoints surveys and share links ask at, by name."""
    places = ShareLink.objects.order_by("-pk").values_list("properties__touchpoint", flat=True)
    surveys = Survey.objects.exclude(touchpoint="").values_list("touchpoint", flat=True)
    return sorted({*surveys, *(str(place) for place in places[:500] if place)})


def themes_in_use() -> list[tuple[str, str]]:
    return list(Theme.objects.filter(is_active=True).values_list("slug", "name"))
