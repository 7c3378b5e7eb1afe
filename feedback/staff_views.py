"""The responses inbox: list, reading pane, and the few things staff do to a response."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from feedback import inbox_panels as panels
from feedback import replies
from feedback.held import BY_STAFF
from feedback.inbox import matching, page_of, read_filters
from feedback.judging import CommentChanged, NotASaying, Opinion, judge, withdraw
from feedback.models import Response, Seen, Verdict
from feedback.standing import MOST_AT_ONCE, set_standing, set_standings
from feedback.story import Story, story_of
from outbox.staff.pages import full_name, staff_page

_PAGE_KEYS = ("before", "after")
_JUST_COUNTED = "answers_just_counted"


@require_safe
@staff_page("feedback.view_response")
def responses(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Read what people say; without `pk` the first of the list is open on wide screens."""
    filters = read_filters(request.GET)
    for name in filters.problems:
        messages.warning(request, _("The filter “%s” made no sense and was left out.") % name)
    found = matching(filters)
    keys = {name: request.GET.get(name, "") for name in _PAGE_KEYS}
    page = page_of(found, **keys)
    open_pk = pk or (page.responses[0].pk if page.responses else None)
    story = story_of(open_pk) if open_pk else None
    if pk and story is None:
        messages.warning(request, _("There is no such response."))
        return redirect("staff:responses")
    kept = filters.query(**keys)
    rows = [panels.row_of(response, kept) for response in page.responses]
    selects = panels.choices()
    context = {
        "filters": filters,
        "just_counted": len(request.session.get(_JUST_COUNTED, ())),
        "rows": rows,
        "total": panels.total_text(found),
        "is_open": pk is not None,
        "open_pk": open_pk,
        "list_url": panels.inbox_address(kept),
        "quick": panels.quick_filters(filters),
        "active": panels.active_filters(filters, selects),
        "selects": panels.marked(selects, filters),
        "pages": panels.page_links(filters, page),
        "pane": panels.pane(story, rows, kept) if story else None,
        "replies": _replies(request, story) if story else None,
    }
    return render(request, "staff/inbox.html", context)


def _replies(request: HttpRequest, story: Story) -> replies.Suggested | None:
    """Return what could be answered, for those who may see saved answers."""
    if not request.user.has_perm("feedback.view_savedanswer"):
        return None
    return replies.for_story(story, agent=full_name(request.user))


def _back(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Return to the pane in the same list: the form's address carries the filters."""
    filters = read_filters(request.GET)
    kept = filters.query(**{name: request.GET.get(name, "") for name in _PAGE_KEYS})
    return HttpResponseRedirect(panels.inbox_address(kept, pk))


@require_POST
@staff_page("feedback.view_response")
def mark_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that nothing more needs to be done (or take that back), and go on to the next."""
    response = get_object_or_404(Response, pk=pk)
    if request.POST.get("undo"):
        Seen.objects.filter(response=response).delete()
        return _back(request, pk)
    Seen.objects.get_or_create(response=response, defaults={"by": request.user.get_username()})
    return _back(request, _number(request, "next") or pk)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@require_POST
@staff_page("feedback.add_verdict")
def judge_reading(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was read, or take the correction back; it counts at once."""
    response = get_object_or_404(Response, pk=pk)
    what, key = request.POST.get("what", ""), request.POST.get("key", "")
    opinion = Opinion(
        what=what, said=request.POST.get("said", ""), key=key, version=_number(request, "version")
    )
    if request.POST.get("undo"):
        withdraw(response, what=what, key=key)
        messages.success(request, _("Your correction is taken back."))
        return _back(request, pk)
    try:
        judge(response, opinion, by=request.user.get_username())
    except NotASaying as error:
        messages.error(request, str(error))
        return _back(request, pk)
    except CommentChanged:
        messages.warning(request, _("The comment was changed while you were reading it."))
        return _back(request, pk)
    if what in (Verdict.What.SENTIMENT, Verdict.What.MENTION):
        messages.success(request, _("From now on this counts as you say. You can undo it below."))
    return _back(request, pk)


@require_POST
@staff_page("feedback.change_response")
def change_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold an answer as a machine's, or count it."""
    response = get_object_or_404(Response.objects.select_related("invitation"), pk=pk)
    standing = request.POST.get("standing", "")
    if standing not in Response.Standing.values:
        messages.error(request, _("An answer is either counted or held."))
        return _back(request, pk)
    by = request.user.get_username()
    reasons = BY_STAFF if standing == Response.Standing.QUARANTINED else ""
    set_standing(response, standing, by=by, reasons=reasons)
    words = (
        _("Held: it is in no score any more.")
        if standing == Response.Standing.QUARANTINED
        else _("Counted: it is part of the score within seconds.")
    )
    messages.success(request, words)
    return _back(request, pk)


@require_POST
@staff_page("feedback.change_response")
def change_standings(request: HttpRequest) -> HttpResponse:
    """Count all held answers of a filter, or hold those again that were just counted so."""
    standing = request.POST.get("standing", "")
    if standing not in Response.Standing.values:
        messages.error(request, _("An answer is either counted or held."))
        return redirect("staff:responses")
    filters = read_filters(request.POST)
    by = request.user.get_username()
    if standing == Response.Standing.COUNTED:
        found = matching(replace(filters, show="held")).order_by("pk")
        ids = list(found.values_list("pk", flat=True)[:MOST_AT_ONCE])
        request.session[_JUST_COUNTED] = changed = set_standings(ids, standing, by=by)
        words = ngettext("One answer counts now.", "%(n)s answers count now.", len(changed))
    else:
        ids = request.session.pop(_JUST_COUNTED, [])
        changed = set_standings(ids, standing, by=by, reasons=BY_STAFF)
        words = ngettext("One answer is held again.", "%(n)s answers are held again.", len(changed))
    messages.success(request, words % {"n": len(changed)})
    return redirect(panels.inbox_address(filters.query()))
