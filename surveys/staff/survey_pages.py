"""Surveys: the list, a new one, the editor, going live and closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from outbox.staff.pages import staff_page
from surveys import editor
from surveys.models import Brand, Invitation, Survey
from surveys.services import close
from surveys.staff.forms import CopyForm, NewSurveyForm, SurveyForm, free_slug
from surveys.staff.frame import frame, survey_of
from surveys.staff.kinds import all_notes, note_of

EDIT = "surveys.change_survey"
_MAIN_KINDS = 3  # NPS, CSAT and CES; their relatives are folded away


@require_safe
@staff_page("surveys.view_survey")
def surveys(request: HttpRequest) -> HttpResponse:
    """Which surveys are there, who was asked lately, what can I do with each?"""
    order = {Survey.Status.LIVE: 0, Survey.Status.DRAFT: 1, Survey.Status.CLOSED: 2}
    rows = Survey.objects.select_related("brand").defer("brand__logo")
    shown = sorted(rows, key=lambda row: (order[Survey.Status(row.status)], row.name))
    asked = _asked_lately()
    lines = [(survey, asked.get(survey.pk, _NOBODY)) for survey in shown]
    return render(request, "surveys/staff/surveys.html", {"lines": lines, "days": _LATELY.days})


@dataclass(frozen=True, slots=True)
class Asked:
    """Mails of one survey over the last 90 days and how many of them were answered."""

    mails: int
    answered: int
    last_at: datetime | None

    @property
    def share(self) -> float:
        return 100 * self.answered / self.mails if self.mails else 0.0


_LATELY = timedelta(days=90)
_NOBODY = Asked(0, 0, None)


def _asked_lately() -> dict[int, Asked]:
    mails = Invitation.objects.filter(
        channel=Invitation.Channel.EMAIL, sent_at__gt=timezone.now() - _LATELY
    )
    rows = mails.order_by().values_list("survey_id")
    counted = rows.annotate(Count("pk"), Count("answered_at"), Max("sent_at"))
    return {survey_id: Asked(*numbers) for survey_id, *numbers in counted}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.add_survey")
def new_survey(request: HttpRequest) -> HttpResponse:
    """Choose a kind, name it: a draft is there and the editor opens."""
    form = NewSurveyForm(request.POST or None, initial={"brand": Brand.objects.first()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        brand = data["brand"] or Brand.objects.get_or_create(name=data["brand_name"].strip())[0]
        language = (request.LANGUAGE_CODE or "en")[:2]  # type: ignore[attr-defined]
        survey = Survey.objects.create(
            name=data["name"], slug=free_slug(data["name"]), kind=data["kind"], brand=brand,
            language=language,
        )  # fmt: skip
        return redirect("staff:survey-edit", survey.slug)
    kinds = all_notes()
    context = {
        "form": form,
        "kinds": kinds,
        "more_count": len(kinds) - _MAIN_KINDS,
        "is_main_kind": form["kind"].value() in [note.kind for note in kinds[:_MAIN_KINDS]],
        "has_brands": Brand.objects.exists(),
    }
    return render(request, "surveys/staff/survey_new.html", context, status=_status(form))


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(EDIT)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything a survey says, with a preview beside it and what is missing."""
    survey = survey_of(slug)
    form = SurveyForm(request.POST or None, instance=survey)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _saved_words(form.instance))
        return redirect("staff:survey-edit", form.instance.slug)
    stored = survey_of(slug)  # the form has written into its own
    bands = list(zip(form.bands, note_of(form.drawn_kind).bands, strict=True))
    context = frame(stored, "words", form=form, band_titles=bands)
    return render(request, "surveys/staff/survey_edit.html", context, status=_status(form))


def _saved(request: HttpRequest, form: SurveyForm) -> bool:
    seen = form.cleaned_data["seen"]
    try:
        editor.save(
            form.instance, form.band_wordings(), seen=datetime.fromisoformat(seen) if seen else None
        )
    except editor.KindIsFixed:
        form.add_error("kind", _("People have been asked on this scale. Copy the survey instead."))
    except editor.ChangedMeanwhile:
        form.add_error(None, _(
            "Somebody else saved this survey after you opened it. Open it in another tab, "
            "bring your changes over and save there."))  # fmt: skip
    else:
        return True
    return False


def _saved_words(survey: Survey) -> str:
    if survey.status == Survey.Status.DRAFT:
        return _("Saved.")
    return _("Saved. New answers see the new words; earlier answers keep those they saw.")


# ---- Live, closed, again -----------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(EDIT)
def go_live(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what going live does and what is missing; do it on POST."""
    survey = survey_of(slug)
    if request.method == "POST" and survey.status != Survey.Status.LIVE:
        try:
            editor.open_for_answers(survey)
        except editor.NotReady:
            messages.error(request, _("Not yet: something that must be there is missing."))
        else:
            messages.success(request, _("“%(name)s” is live.") % {"name": survey.name})
            return redirect("staff:survey-edit", slug)
    found = editor.checks(survey)
    is_ready = all(check.is_met for check in found if check.is_must)
    closing = editor.closing(survey)
    context = frame(survey, "check", checks=found, is_ready=is_ready, closing=closing)
    return render(request, "surveys/staff/go_live.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(EDIT)
def close_survey(request: HttpRequest, slug: str) -> HttpResponse:
    """Say in numbers what closing does; do it on POST."""
    survey = survey_of(slug)
    if survey.status != Survey.Status.LIVE:
        return redirect("staff:survey-edit", slug)
    if request.method == "POST":
        close(survey)
        messages.success(request, _("“%(name)s” is closed. Reopen it whenever you like.") % {
            "name": survey.name})  # fmt: skip
        return redirect("staff:survey-edit", slug)
    context = frame(survey, "", closing=editor.closing(survey))
    return render(request, "surveys/staff/close.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.add_survey")
def copy_survey(request: HttpRequest, slug: str) -> HttpResponse:
    survey = survey_of(slug)
    form = CopyForm(request.POST or None, initial={"name": _("%s, copy") % survey.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        twin = editor.copy(survey, name=name, slug=free_slug(name))
        return redirect("staff:survey-edit", twin.slug)
    return render(request, "surveys/staff/copy.html", frame(survey, "", form=form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.delete_survey")
def delete_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Throw a draft away that nobody has been asked by."""
    survey = survey_of(slug)
    if survey.status != Survey.Status.DRAFT or editor.is_kind_fixed(survey):
        messages.error(request, _("Only a draft that nobody has been asked by can be deleted."))
        return redirect("staff:survey-edit", slug)
    if request.method == "POST":
        survey.delete()
        messages.success(request, _("The draft “%(name)s” is deleted.") % {"name": survey.name})
        return redirect("staff:surveys")
    return render(request, "surveys/staff/delete_draft.html", frame(survey, ""))
