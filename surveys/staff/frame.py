"""What stands around every page of one survey: its tabs, its preview's scores."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from surveys.models import Survey
from surveys.staff.kinds import note_of


def survey_of(slug: str) -> Survey:
    """Return the survey with its brand (without the logo's bytes) and band texts, or 404."""
    rows = Survey.objects.select_related("brand", "wording").defer("brand__logo")
    return get_object_or_404(rows.prefetch_related("band_texts"), slug=slug)


def frame(survey: Survey, part: str, **more: Any) -> dict[str, Any]:
    """Return the context of a page. `part`: which tab is the current one."""
    return {
        "survey": survey,
        "part": part,
        "note": note_of(survey.scale),
        "question_count": survey.questions.filter(is_retired=False).count(),
        "language_count": 1 + survey.languages.exclude(language=survey.language).count(),
        # Answering with the last score of a band shows what its people read.
        "bands": [(band.name, max(band.scores)) for band in survey.scale.bands],
        **more,
    }
