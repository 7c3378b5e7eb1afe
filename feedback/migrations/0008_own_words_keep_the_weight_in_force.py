from django.db import migrations, models
from django.db.models import F


def keep_weight(apps, schema_editor):
    apps.get_model("feedback", "OwnWord").objects.filter(is_applied=True).update(
        applied_weight=F("weight")
    )


def keep_flag(apps, schema_editor):
    apps.get_model("feedback", "OwnWord").objects.filter(applied_weight__isnull=False).update(
        is_applied=True
    )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0007_verdicts_hold_for_their_words")]
    operations = [
        migrations.AddField(
            "ownword",
            "applied_weight",
            models.FloatField(editable=False, null=True, verbose_name="weight in force"),
        ),
        migrations.RunPython(keep_weight, keep_flag),
        migrations.RemoveField("ownword", "is_applied"),
    ]
