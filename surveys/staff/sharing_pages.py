"""Share links, QR codes and widgets of one survey."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outbox.staff.pages import staff_page
from surveys import sharing
from surveys.languages import direction_of
from surveys.models import ShareLink
from surveys.staff.frame import frame, survey_of
from surveys.staff.sharing_forms import ShareForm
from surveys.wording import content_of, draw_up


@require_safe
@staff_page("surveys.view_sharelink")
def share_links(request: HttpRequest, slug: str) -> HttpResponse:
    """Where can anybody answer, and how many did?"""
    survey = survey_of(slug)
    rows = [(link, address_of(link)) for link in survey.share_links.all()]
    return render(request, "surveys/staff/sharing.html", frame(survey, "sharing", links=rows))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.add_sharelink")
def new_share_link(request: HttpRequest, slug: str, channel: str) -> HttpResponse:
    survey = survey_of(slug)
    link = sharing.new_share_link(survey, channel=channel, created_by=request.user)
    form = ShareForm(request.POST or None, instance=link)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("staff:share-link", slug, link.pk)
    context = frame(survey, "sharing", form=form, link=link, is_new=True)
    return render(request, "surveys/staff/share_link.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.change_sharelink")
def share_link(request: HttpRequest, slug: str, link_id: int) -> HttpResponse:
    """The address, the code or the snippet to take away, and its limits."""
    survey, link = survey_of(slug), _link(slug, link_id)
    form = ShareForm(request.POST or None, instance=_link(slug, link_id))
    if request.method == "POST" and form.is_valid():
        changed = form.save(commit=False)
        names = [field for field in form.fields if field not in ("facts", "websites")]
        changed.save(update_fields=[*names, "properties", "origins"])
        messages.success(request, _("Saved."))
        return redirect("staff:share-link", slug, link.pk)
    context = frame(
        survey,
        "sharing",
        form=form,
        link=link,
        address=address_of(link),
        script=f"{settings.BASE_URL}/w/{link.code}.js",
        base_url=settings.BASE_URL,
    )
    return render(request, "surveys/staff/share_link.html", context, status=_status(form))


@require_POST
@staff_page("surveys.change_sharelink")
def switch(request: HttpRequest, slug: str, link_id: int) -> HttpResponse:
    """Take answers, or no more; take away what nobody answered."""
    link = _link(slug, link_id)
    do = request.POST.get("do", "")
    if do == "remove" and not link.answers:
        link.delete()
        return redirect("staff:share-links", slug)
    if do in ("open", "close"):
        ShareLink.objects.filter(pk=link.pk).update(is_open=do == "open")
    return redirect("staff:share-link", slug, link.pk)


@require_safe
@staff_page("surveys.view_sharelink")
def poster(request: HttpRequest, slug: str, link_id: int) -> HttpResponse:
    """A page to print: the question, the code, the address; in the survey's own language."""
    survey, link = survey_of(slug), _link(slug, link_id)
    content = content_of(survey.wording.content) if survey.wording else draw_up(survey)
    with translation.override(content.language):
        return render(
            request,
            "surveys/staff/poster.html",
            {
                "survey": survey,
                "link": link,
                "content": content,
                "direction": direction_of(content.language),
                "address": address_of(link),
                "shown_address": address_of(link).partition("://")[2],
            },
        )


@require_safe
@staff_page("surveys.view_sharelink")
def code(request: HttpRequest, slug: str, link_id: int) -> HttpResponse:
    """The QR code as a picture that can be printed at any size."""
    link = _link(slug, link_id)
    picture = io.BytesIO()
    made = segno.make(address_of(link), error="q", micro=False)
    made.save(picture, kind="svg", scale=10, border=4, light="#fff", omitsize=True)
    response = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
    if "download" in request.GET:
        response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{link.code}.svg"'
    return response


def address_of(link: ShareLink) -> str:
    return f"{settings.BASE_URL}/{'w' if link.is_widget else 'a'}/{link.code}"


def _link(slug: str, link_id: int) -> ShareLink:
    rows = ShareLink.objects.select_related("survey")
    return get_object_or_404(rows, survey__slug=slug, pk=link_id)


def _status(form: ShareForm) -> int:
    return 422 if form.is_bound and form.errors else 200
