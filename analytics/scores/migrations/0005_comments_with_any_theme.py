from itertools import groupby

from django.db import migrations
from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import TruncWeek


def count_any(apps, schema_editor):
    """Count comments with any theme or emotion, a survey at a time; from now on recounts do."""
    Response = apps.get_model("feedback", "Response")
    Tally = apps.get_model("scores", "Tally")
    found = {name: apps.get_model("feedback", model) for name, model in _MODELS.items()}
    for survey in apps.get_model("surveys", "Survey").objects.values_list("pk", flat=True):
        said = Response.objects.filter(
            survey_id=survey, standing="counted", reading__isnull=False
        ).exclude(comment="")
        for key, model in found.items():
            touched = said.filter(Exists(model.objects.filter(response=OuterRef("pk"))))
            rows = touched.order_by().values_list("submitted_date", "score").annotate(n=Count("pk"))
            Tally.objects.bulk_create(
                (
                    Tally(survey_id=survey, day=day, facet="any", key=key, score=score, count=n)
                    for day, score, n in rows.iterator()
                ),
                batch_size=500,
            )
        _sum_weeks(apps, survey)


_MODELS = {"theme": "Mention", "emotion": "Emotion"}


def _sum_weeks(apps, survey):
    rows = (
        apps.get_model("scores", "Tally")
        .objects.filter(survey_id=survey, facet="any")
        .annotate(week=TruncWeek("day"))
        .order_by("week", "key")
        .values_list("week", "key", "score")
        .annotate(n=Sum("count"))
    )
    WeekTally = apps.get_model("scores", "WeekTally")
    WeekTally.objects.bulk_create(
        (
            WeekTally(
                survey_id=survey, week=week, facet="any", key=key,
                **{f"score_{row[2]}": row[3] for row in counted},
            )
            for (week, key), counted in groupby(rows.iterator(), lambda row: row[:2])
        ),
        batch_size=500,
    )


def forget_any(apps, schema_editor):
    for name in ("Tally", "WeekTally"):
        apps.get_model("scores", name).objects.filter(facet="any").delete()


class Migration(migrations.Migration):
    dependencies = [("scores", "0004_closed_months"), ("feedback", "0011_evidence_of_submits")]

    operations = [migrations.RunPython(count_any, forget_any)]
