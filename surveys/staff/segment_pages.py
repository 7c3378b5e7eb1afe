"""Segments: slices of contacts by their properties, with a live count of who is in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from outbox.staff.pages import staff_page
from surveys.models import Campaign, Contact, Segment, SegmentCondition
from surveys.segment_editor import delete_segment, known_properties, members, save_segment
from surveys.segments import all_segments, number_of

_Operator = SegmentCondition.Operator
_SPARE_ROWS = 2


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Segment
        fields = ("name",)
        help_texts = {"name": gettext_lazy("For example: Growth plan, 10 seats or more")}


class ConditionForm(forms.Form):
    """One test; an empty property means the row is not used."""

    property = forms.CharField(label=gettext_lazy("Property"), max_length=80, required=False)
    operator = forms.ChoiceField(label=gettext_lazy("Test"), choices=_Operator.choices)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["property"].widget.attrs |= {"list": "properties", "autocomplete": "off"}
        self.fields["value"].widget.attrs |= {"list": "values", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("property"):
            return data
        operator, value = data.get("operator"), data.get("value", "")
        if operator in (_Operator.AT_LEAST, _Operator.AT_MOST) and number_of(value) is None:
            self.add_error("value", _("Write a number."))
        elif operator != _Operator.IS_SET and not value:
            self.add_error("value", _("Write a value."))
        return data


Conditions = forms.formset_factory(ConditionForm, extra=_SPARE_ROWS, max_num=20)


@require_safe
@staff_page("surveys.view_segment")
def segments(request: HttpRequest) -> HttpResponse:
    """Which slices are there, what do they ask for, how many people fit?"""
    found = all_segments()
    tests = {f"of_{segment.pk}": Count("pk", filter=test) for segment, test in found}
    counts = Contact.objects.aggregate(people=Count("pk"), **tests)
    lines = [
        (segment, counts[f"of_{segment.pk}"], list(segment.conditions.all()))
        for segment, _test in found
    ]
    context = {"lines": lines, "people": counts["people"]}
    return render(request, "surveys/staff/segments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.add_segment")
def new_segment(request: HttpRequest) -> HttpResponse:
    return _form_page(request, Segment())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.change_segment")
def edit_segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    return _form_page(request, get_object_or_404(Segment, pk=segment_id))


def _form_page(request: HttpRequest, segment: Segment) -> HttpResponse:
    form = NameForm(request.POST or None, instance=segment)
    rows = Conditions(request.POST or None, initial=_initial(segment), prefix="c")
    is_valid = request.method == "POST" and all([form.is_valid(), rows.is_valid()])
    if is_valid and "save" in request.POST:
        name = form.cleaned_data["name"]
        save_segment(segment, name=name, conditions=_conditions(rows))
        words = _("“%(name)s” is saved. Scores by segment follow in a moment.")
        messages.success(request, words % {"name": name})
        return redirect("staff:segments")
    is_look = request.method == "POST" and "save" not in request.POST
    shown = rows
    if rows.is_bound and rows.is_valid() and "more" in request.POST:
        shown = Conditions(initial=_said(rows), prefix="c")
    context = {
        "segment": segment if segment.pk else None,
        "form": NameForm(initial=request.POST, instance=segment) if is_look else form,
        "rows": shown,
        "members": members(_conditions(rows) if rows.is_bound else _stored(segment)),
        "known": known_properties(),
    }
    status = 422 if request.method == "POST" and not is_look else 200
    return render(request, "surveys/staff/segment.html", context, status=status)


def _stored(segment: Segment) -> list[SegmentCondition]:
    return list(segment.conditions.all()) if segment.pk else []


def _initial(segment: Segment) -> list[dict[str, str]]:
    return [
        {"property": c.property, "operator": c.operator, "value": c.value} for c in _stored(segment)
    ]


def _said(rows: Any) -> list[dict[str, str]]:
    return [form.cleaned_data for form in rows if form.cleaned_data.get("property")]


def _conditions(rows: Any) -> list[SegmentCondition]:
    """Return the valid rows; one that is not finished yet does not count."""
    rows.is_valid()
    return [
        SegmentCondition(**form.cleaned_data)
        for form in rows
        if form.is_valid() and form.cleaned_data.get("property")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("surveys.delete_segment")
def remove_segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Say what hangs on a segment; delete it on POST. Contacts and answers stay."""
    segment = get_object_or_404(Segment, pk=segment_id)
    if request.method == "POST":
        delete_segment(segment)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": segment.name})
        return redirect("staff:segments")
    context = {"segment": segment, "campaigns": Campaign.objects.filter(segment=segment).count()}
    return render(request, "surveys/staff/segment_delete.html", context)
