"""The comparison of two periods or two slices of one survey, as an address to share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics import figures
from analytics.charts.bars import axis_for
from analytics.periods import BadPeriod, Period, period_named, read_period
from analytics.scores import comparison_words as words
from analytics.scores.combining import TooMany
from analytics.scores.comparison import (
    OTHERS,
    Comparison,
    GroupDifference,
    MixReport,
    ShareDifference,
    Side,
    compare,
)
from analytics.scores.explain import change_note, interval_note, score_formula
from analytics.scores.filtering import Options, filter_options, part_words, selects
from analytics.scores.grouping import CHANNEL, REST
from analytics.scores.markers import whisker_of
from analytics.scores.panels import bounds_of, inbox_url, side_query, survey_url
from analytics.scores.slices import NAMES, WHOLE, Slice, UnknownPart, read_slice
from analytics.scores.wishes import too_many_words, unknown_words
from outbox.staff.pages import staff_page
from surveys.models import Survey

MOST_THEMES = 8
Labels = dict[str, tuple[str, Options]]


@require_safe
@staff_page("surveys.view_survey")
def comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """What differs between A and B, and is it mix or change?"""
    survey = get_object_or_404(Survey.objects.select_related("brand"), slug=slug)
    this = period_named("13w")
    b = _asked(request, "b", this)
    a = _asked(request, "a", b[0].before)
    options = filter_options()
    try:
        found = compare(survey, a, b)
    except TooMany as error:
        messages.warning(request, too_many_words(error))
        return redirect(survey_url(survey, b[0]))
    return render(request, "staff/compare.html", _context(request, found, options))


def _asked(request: HttpRequest, side: str, default: Period) -> tuple[Period, Slice]:
    """Return one side of the address; what cannot be understood is said and left out."""
    prefix = f"{side}_"
    query = {
        name.removeprefix(prefix): str(value)
        for name, value in request.GET.items()
        if name.startswith(prefix)
    }
    try:
        has_days = any(query.get(name) for name in ("from", "to", "period"))
        period = read_period(query) if has_days else default
    except BadPeriod as error:
        messages.warning(request, _("That time could not be understood: %s") % error)
        period = default
    for _attempt in NAMES:
        try:
            return period, read_slice(query)
        except UnknownPart as error:
            messages.warning(request, unknown_words(error))
            query[error.name] = ""
    return period, WHOLE


def _context(request: HttpRequest, found: Comparison, options: Labels) -> dict[str, Any]:
    name_a, name_b = _names(found, options)
    unit, change = found.change.unit, found.change
    themes = [_share_row(found, row, wish="theme") for row in found.themes or ()]
    sides = [
        _side(found, found.a, name_a, options=options),
        _side(found, found.b, name_b, options=options),
    ]
    return {
        "survey": found.survey,
        "heading": words.heading(found, name_a, name_b),
        "sides": sides,
        "axis": [figures.value_text(end, unit) for end in _axis(found)],
        "delta": figures.delta_text(change.delta, unit) if change.delta is not None else "",
        "likely": _likely(found),
        "is_real": found.is_real,
        "is_up": (change.delta or 0.0) > 0,
        "shared": words.shared_sentence(found),
        "notes": [
            note
            for note in (
                _noted("A", found, found.a),
                _noted("B", found, found.b),
                change_note(change) if found.is_tested else "",
            )
            if note
        ],
        "bands": [_share_row(found, row, wish="band") for row in found.bands],
        "themes": themes[:MOST_THEMES],
        "more_themes": themes[MOST_THEMES:],
        "has_themes": found.themes is not None,
        "mixes": [_mix(found, report) for report in found.mixes],
        "form": [
            {
                "letter": letter.upper(),
                "name": letter,
                "start": side.period.start.isoformat(),
                "last": side.period.last.isoformat(),
                "selects": selects(side.part, options, prefix=f"{letter}_"),
            }
            for letter, side in (("a", found.a), ("b", found.b))
        ],
        "swap_url": _swapped(found),
        "api_url": f"/api/v1/surveys/{found.survey.slug}/compare?{_query(found)}",
        "back_url": survey_url(found.survey, found.b.period, **found.b.part.query),
        "path": request.path,
    }


def _query(found: Comparison) -> str:
    query = QueryDict(mutable=True)
    query.update(side_query("a", found.a.period, found.a.part))
    query.update(side_query("b", found.b.period, found.b.part))
    return query.urlencode()


def _swapped(found: Comparison) -> str:
    query = QueryDict(mutable=True)
    query.update(side_query("a", found.b.period, found.b.part))
    query.update(side_query("b", found.a.period, found.a.part))
    return f"{reverse('staff:compare', args=[found.survey.slug])}?{query.urlencode()}"


def _names(found: Comparison, options: Labels) -> tuple[str, str]:
    """Name the sides by what differs between them."""

    def name(side: Side, letter: str, *, by_days: bool, by_part: bool) -> str:
        shown = [text for _wish, text in part_words(side.part, options)]
        part = ", ".join(shown) or _("All customers")
        if by_days and by_part:
            return f"{part}, {figures.days_text(side.period.start, side.period.last)}"
        return letter if by_days else part

    by_part = found.a.part != found.b.part
    by_days = found.a.period != found.b.period or not by_part
    return (
        name(found.a, "A", by_days=by_days, by_part=by_part),
        name(found.b, "B", by_days=by_days, by_part=by_part),
    )


def _axis(found: Comparison) -> tuple[float, float]:
    bounds = bounds_of(found.survey)
    results = [found.a.score, found.b.score]
    results += [side for mix in found.mixes for row in mix.rows for side in (row.a, row.b)]
    values = [
        float(value)
        for result in results
        if result.interval
        for value in (result.interval.low, result.interval.high)
    ]
    return axis_for(values, bounds=(bounds.low, bounds.high), least=2 * bounds.least)


def _side(found: Comparison, side: Side, name: str, *, options: Labels) -> dict[str, Any]:
    return {
        "name": name,
        "days": figures.days_text(side.period.start, side.period.last),
        "part": ", ".join(text for _wish, text in part_words(side.part, options))
        or _("All customers"),
        "score": figures.score_view(side.score),
        "whisker": whisker_of(side.score, _axis(found), zero=None),
        "url": inbox_url(side.period, survey=found.survey.slug, **side.part.query),
        "dashboard_url": survey_url(found.survey, side.period, **side.part.query),
    }


def _likely(found: Comparison) -> str:
    change = found.change
    if not found.is_tested or change.low is None or change.high is None:
        return ""
    return _("likely %(low)s to %(high)s") % {
        "low": figures.delta_text(change.low, change.unit),
        "high": figures.delta_text(change.high, change.unit),
    }


def _noted(letter: str, found: Comparison, side: Side) -> str:
    formula = score_formula(found.survey.scale, side.score)
    return f"{letter}: {formula}. {interval_note(side.score)}" if formula else ""


def _share_row(found: Comparison, row: ShareDifference, *, wish: str) -> dict[str, Any]:
    def url(side: Side) -> str:
        behind = side.part.query | {wish: row.key}
        return inbox_url(side.period, survey=found.survey.slug, **behind)

    delta, low, high = row.change.delta, row.change.low, row.change.high
    return {
        "name": row.name,
        "a": _share(row.a),
        "a_count": figures.count_text(int(row.a.numerator or 0)),
        "a_url": url(found.a),
        "b": _share(row.b),
        "b_count": figures.count_text(int(row.b.numerator or 0)),
        "b_url": url(found.b),
        "delta": figures.delta_text(delta, "fraction", is_exact=True) if delta is not None else "",
        "likely": f"{figures.delta_text(low, 'fraction')} … {figures.delta_text(high, 'fraction')}"
        if low is not None and high is not None
        else "",
        "is_real": row.is_real and found.is_tested,
    }


def _share(result: Any) -> str:
    return figures.share_text(result.value, decimals=1) if result.value is not None else ""


def _mix(found: Comparison, report: MixReport) -> dict[str, Any]:
    unit = found.change.unit
    of_a = sum(row.a.n for row in report.rows)
    of_b = sum(row.b.n for row in report.rows)
    return {
        "finding": words.mix_finding(report, unit),
        "sentence": words.mix_sentence(report, unit),
        "by": words.grouping_name(report),
        "rows": [
            _group_row(row, unit, of=(of_a, of_b)) | _group_urls(found, report, row)
            for row in report.rows
        ],
        "mix": figures.delta_text(report.whole.mix, unit, is_exact=True),
        "within": figures.delta_text(report.whole.within, unit, is_exact=True),
        "total": figures.delta_text(report.whole.total, unit, is_exact=True),
    }


def _group_urls(found: Comparison, report: MixReport, row: GroupDifference) -> dict[str, str]:
    """Return the answers of a group on both sides; none where no one filter names them."""
    wish = CHANNEL if report.grouping.by == CHANNEL else "segment"
    if row.key in (REST, OTHERS):
        return {}
    urls = {}
    for name, side in (("a_url", found.a), ("b_url", found.b)):
        if side.part.query.get(wish, row.key) == row.key:
            asked = side.part.query | {wish: row.key}
            urls[name] = inbox_url(side.period, survey=found.survey.slug, **asked)
    return urls


def _group_row(row: GroupDifference, unit: Any, *, of: tuple[int, int]) -> dict[str, Any]:
    names = {REST: _("In none of these segments"), OTHERS: _("Small groups together")}
    return {
        "name": names.get(row.key) or row.name or row.key,
        "share_a": figures.share_text(row.a.n / of[0]) if of[0] else "",
        "share_b": figures.share_text(row.b.n / of[1]) if of[1] else "",
        "a": figures.score_view(row.a),
        "b": figures.score_view(row.b),
        "mix": figures.delta_text(row.mix, unit, is_exact=True),
        "within": figures.delta_text(row.within, unit, is_exact=True),
    }
