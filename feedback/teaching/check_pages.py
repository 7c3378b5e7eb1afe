"""People's words on single comments: a random check, contradictions, and one click for all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback.checking import contradictions, draw, drawn
from feedback.judging import (
    CommentChanged,
    NotASaying,
    Opinion,
    agreement,
    judge,
    withdraw,
)
from feedback.models import Response, Sentiment, Verdict
from feedback.passages import passages
from feedback.teaching.frame import (
    page_of,
    quote,
    reading_tabs,
    sentiment_buttons,
    user_name,
)
from feedback.verdicts import UNCLEAR
from outbox.staff.pages import staff_page

_DRAWN = "drawn_comment"
"""In the session: the comment a person was shown, so that a reload cannot pass over it."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.add_verdict")
def random_check(request: HttpRequest) -> HttpResponse:
    """What does this comment say? Asked without showing what was read."""
    if request.method == "POST":
        return _checked(request)
    response = drawn(request.session.get(_DRAWN, 0)) or draw()
    request.session[_DRAWN] = response.pk if response else 0
    agreed, judged = agreement(Verdict.What.SENTIMENT, is_sampled=True)
    context = {
        "tabs": reading_tabs("reading-check"),
        "response": response,
        "buttons": sentiment_buttons(),
        "unclear": UNCLEAR,
        "agreed": agreed,
        "judged": judged,
    }
    return render(request, "feedback/teaching/check.html", context)


def _checked(request: HttpRequest) -> HttpResponse:
    posted = request.POST.get("response", "")
    response = drawn(int(posted)) if posted == str(request.session.get(_DRAWN)) else None
    if response is None:
        messages.warning(request, _("That comment is judged already; here is another one."))
        return redirect("staff:reading-check")
    opinion = Opinion(
        what=Verdict.What.SENTIMENT,
        said=request.POST.get("said", ""),
        version=response.version,
        is_sampled=True,
    )
    try:
        judge(response, opinion, by=user_name(request))
    except NotASaying as error:
        messages.error(request, str(error))
        return redirect("staff:reading-check")
    del request.session[_DRAWN]
    messages.success(request, _compared(response, opinion.said))
    return redirect("staff:reading-check")


def _compared(response: Response, said: str) -> str:
    read = Sentiment(response.reading.read_sentiment)
    if said == UNCLEAR:
        return _("Noted as unclear; it was read as %s.") % read.label
    if said == read:
        return _("It was read the same way: %s.") % read.label
    words = {"read": read.label, "said": Sentiment(said).label}
    return _("It was read as %(read)s; now it counts as %(said)s.") % words


@require_safe
@staff_page("feedback.view_reading")
def score_and_words(request: HttpRequest) -> HttpResponse:
    """Where do score and words contradict each other?"""
    page = page_of(contradictions(), request)
    n = page.paginator.count
    context = {
        "tabs": reading_tabs("reading-contradictions"),
        "page": page,
        "finding": ngettext(
            "In %s answer score and words disagree", "In %s answers score and words disagree", n
        )
        % n,
        "rows": [
            (quote(row), passages(row.comment, row.reading.clauses, most=400)) for row in page
        ],
        "buttons": sentiment_buttons(),
    }
    return render(request, "feedback/teaching/contradictions.html", context)


@require_POST
@staff_page("feedback.add_verdict")
def judge_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a person's word about one comment and return to where they were."""
    response = get_object_or_404(Response, pk=pk)
    what, key = request.POST.get("what", ""), request.POST.get("key", "")
    version = request.POST.get("version", "")
    opinion = Opinion(
        what=what,
        said=request.POST.get("said", ""),
        key=key,
        version=int(version) if version.isdecimal() else None,
    )
    try:
        if request.POST.get("undo"):
            withdraw(response, what=what, key=key)
            messages.success(request, _("Your word is taken back."))
        else:
            judge(response, opinion, by=user_name(request))
            messages.success(request, _("Thank you: this counts from now on."))
    except NotASaying as error:
        messages.error(request, str(error))
    except CommentChanged:
        messages.warning(request, _("The comment has just been rewritten: please look again."))
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else reverse("staff:reading")
