"""Own words: what they would change, before and after they count."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from feedback import rereading, words
from feedback.models import OwnWord
from feedback.teaching.frame import grouped, quote, reading_tabs, signed, user_name
from feedback.teaching_forms import OwnWordForm
from feedback.words import Preview
from outbox.staff.pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("feedback.view_ownword")
def own_words(request: HttpRequest) -> HttpResponse:
    """Which words weigh otherwise here, and what would the new ones change?"""
    form = OwnWordForm(request.POST or None)
    if request.method == "POST" and _may_change(request) and form.is_valid():
        said = form.cleaned_data
        word = words.put(said["text"], said["weight"], by=user_name(request))
        messages.success(
            request, _("“%s” waits to be applied; see below what it changes.") % word.text
        )
        return redirect("staff:reading-words")
    removing = OwnWord.objects.filter(pk=_number(request.GET.get("remove", ""))).first()
    preview = words.preview_without(removing) if removing else words.preview()
    context = {
        "tabs": reading_tabs("reading-words"),
        "form": form,
        "words": [(word, signed(word.weight), _in_force(word)) for word in OwnWord.objects.all()],
        "waiting": words.waiting().count(),
        "removing": removing,
        "preview": preview,
        "preview_words": preview_words(preview),
        "changes": [
            (quote(change.response, change.pieces), change.before, change.after)
            for change in preview.changes
        ],
        "running": rereading.running(),
    }
    return render(request, "feedback/teaching/words.html", context)


def _in_force(word: OwnWord) -> str:
    return "" if word.applied_weight is None else signed(word.applied_weight)


def _may_change(request: HttpRequest) -> bool:
    if request.user.has_perm("feedback.change_ownword"):
        return True
    messages.error(request, _("Your account may look at own words, but not change them."))
    return False


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def preview_words(preview: Preview) -> str:
    """Return what a preview found as a sentence."""
    if not preview.found:
        return _("No past comment uses this wording.")
    n = preview.found
    counts = {"n": grouped(n), "changed": grouped(preview.changed)}
    if preview.is_cut:
        return (
            _("Of the newest %(n)s comments with this wording, %(changed)s would change.") % counts
        )
    return (
        ngettext(
            "%(n)s past comment uses this wording; %(changed)s would change.",
            "%(n)s past comments use this wording; %(changed)s would change.",
            n,
        )
        % counts
    )


@require_POST
@staff_page("feedback.change_ownword")
def apply_words(request: HttpRequest) -> HttpResponse:
    """Put the waiting words in force."""
    if words.apply(by=user_name(request)):
        messages.success(request, _("In force. Past comments are read again in the background."))
    else:
        messages.info(request, _("No word was waiting."))
    return redirect("staff:reading-words")


@require_POST
@staff_page("feedback.change_ownword")
def remove_word(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a word back."""
    word = get_object_or_404(OwnWord, pk=pk)
    if words.remove(word, by=user_name(request)):
        messages.success(
            request, _("“%s” is gone. Past comments are read again in the background.") % word.text
        )
    else:
        messages.success(request, _("“%s” is gone; it was never applied.") % word.text)
    return redirect("staff:reading-words")
