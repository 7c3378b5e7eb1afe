"""Which responses an address asks for: the same for the list and for the exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from feedback.held import REASONS
from feedback.models import Mention, Response, Sentiment
from surveys.api.filtering import EmailFilter, SinceFilter, UntilFilter, YesNo
from surveys.models import Invitation, Segment
from surveys.scales import SCALES
from surveys.segments import segment_q

BANDS = sorted({band.slug for scale in SCALES.values() for band in scale.bands})


class ResponseFilters(filters.FilterSet):
    survey = filters.CharFilter(field_name="survey__slug", help_text="A survey's slug.")
    since = SinceFilter(field_name="submitted_at", help_text="Answered at or after this.")
    until = UntilFilter(
        field_name="submitted_at", help_text="Answered before this instant or by this day."
    )
    updated_since = SinceFilter(
        method="changed_since", help_text="Answered or revised at or after this."
    )
    updated_until = UntilFilter(
        method="changed_until", help_text="Neither answered nor revised later than this."
    )
    band = filters.ChoiceFilter(
        choices=[(slug, slug) for slug in BANDS], method="in_band", help_text="A band's slug."
    )
    sentiment = filters.ChoiceFilter(
        choices=Sentiment.choices,
        method="speaking",
        help_text="How the comment speaks; with `theme`, how it speaks of that theme.",
    )
    theme = filters.CharFilter(method="about", help_text="A theme's slug: those that mention it.")
    language = filters.CharFilter(
        method="written_in", help_text="The comment's language, for example `en`."
    )
    segment = filters.CharFilter(method="in_segment", help_text="A segment's slug.")
    channel = filters.ChoiceFilter(choices=Invitation.Channel.choices)
    touchpoint = filters.CharFilter(help_text="Exactly this one, as answers hold it.")
    email = EmailFilter(field_name="contact__email", help_text="Exactly this contact's address.")
    customer = filters.CharFilter(
        field_name="customer__external_id", help_text="The customer's external id."
    )
    standing = filters.ChoiceFilter(
        choices=Response.Standing.choices,
        help_text="`counted` are those the scores count; `quarantined` are held as a machine's.",
    )
    held_reason = filters.ChoiceFilter(
        choices=[(code, code) for code in REASONS],
        method="held_for",
        help_text="Held, among others, for this reason.",
    )
    has_comment = YesNo(method="with_comment")

    class Meta:
        model = Response
        fields: list[str] = []

    def changed_since(self, rows: QuerySet[Any], name: str, at: Any) -> QuerySet[Any]:
        return rows.filter(Q(submitted_at__gte=at) | Q(revised_at__gte=at))

    def changed_until(self, rows: QuerySet[Any], name: str, at: Any) -> QuerySet[Any]:
        return rows.filter(Q(revised_at__isnull=True) | Q(revised_at__lt=at), submitted_at__lt=at)

    def held_for(self, rows: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        held = rows.filter(standing=Response.Standing.QUARANTINED)
        return held.filter(held_reasons__contains=code)

    def in_band(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        wanted = Q(pk__in=[])
        for scale in SCALES.values():
            for band in scale.bands:
                if band.slug == slug:
                    wanted |= Q(survey__kind=scale.kind, score__in=band.scores)
        return rows.filter(wanted)

    def about(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        named = Mention.objects.filter(response=OuterRef("pk"), theme__slug=slug)
        if sentiment := self.form.cleaned_data.get("sentiment"):
            named = named.filter(sentiment=sentiment)
        return rows.filter(Exists(named))

    def speaking(self, rows: QuerySet[Any], name: str, label: str) -> QuerySet[Any]:
        if self.form.cleaned_data.get("theme"):
            return rows  # `about` looks for a mention that speaks so, as the dashboards count it
        return rows.filter(reading__sentiment=label).exclude(comment="")

    def written_in(self, rows: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
        return rows.filter(reading__language=code).exclude(comment="")

    def in_segment(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        segment = Segment.objects.filter(slug=slug).first()
        return rows.filter(segment_q(segment.conditions.all())) if segment else rows.none()

    def with_comment(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        return rows.exclude(comment="") if wanted else rows.filter(comment="")
