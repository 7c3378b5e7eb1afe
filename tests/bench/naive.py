"""The app of an afternoon: ORM, a form, a check, and one Celery message per response."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.naive_settings")

from celery import shared_task
from django import forms
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

application = get_wsgi_application()

from feedback.models import Response  # noqa: E402
from outbox.days import local_date  # noqa: E402
from surveys.models import Invitation  # noqa: E402
from surveys.tokens import hash_of  # noqa: E402


class AnswerForm(forms.ModelForm):
    class Meta:
        model = Response
        fields = ["score", "comment"]


@shared_task(name="bench.classify")
def classify(response_id: int) -> None:
    """Never run here: only the cost of publishing counts."""


def submit(request: HttpRequest, token: str) -> HttpResponse:
    invitation = get_object_or_404(Invitation, token_hash=hash_of(token))
    form = AnswerForm(request.POST)
    if Response.objects.filter(invitation=invitation).exists() or not form.is_valid():
        return HttpResponse(status=422)
    response = form.save(commit=False)
    response.invitation = invitation
    response.survey = invitation.survey
    response.contact = invitation.contact
    response.submitted_at = timezone.now()
    response.submitted_date = local_date(response.submitted_at)
    response.save()
    invitation.answered_at = timezone.now()
    invitation.save()
    classify.delay(response.pk)
    return redirect("/thanks")


urlpatterns = [path("s/<str:token>", submit)]
