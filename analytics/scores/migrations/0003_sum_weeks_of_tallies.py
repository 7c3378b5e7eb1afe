from itertools import groupby

from django.db import migrations
from django.db.models import Sum
from django.db.models.functions import TruncWeek


def sum_weeks(apps, schema_editor):
    """Sum the tallies there are, a survey at a time; from now on every recount does."""
    WeekTally = apps.get_model("scores", "WeekTally")
    for survey in apps.get_model("surveys", "Survey").objects.values_list("pk", flat=True):
        rows = (
            apps.get_model("scores", "Tally")
            .objects.filter(survey_id=survey)
            .annotate(week=TruncWeek("day"))
            .order_by("week", "facet", "key")
            .values_list("week", "facet", "key", "score")
            .annotate(n=Sum("count"))
        )
        made = (
            WeekTally(
                survey_id=survey, week=week, facet=facet, key=key,
                **{f"score_{row[3]}": row[4] for row in counted},
            )
            for (week, facet, key), counted in groupby(rows.iterator(), lambda row: row[:3])
        )
        WeekTally.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("scores", "0002_weeks_of_tallies")]

    operations = [migrations.RunPython(sum_weeks, migrations.RunPython.noop)]
