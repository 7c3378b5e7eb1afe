"""A fresh installation starts with themes that suit most customer feedback."""

from django.db import migrations


def seed(apps, schema_editor):
    from feedback.text.presets import SEEDED_THEMES

    Theme = apps.get_model("feedback", "Theme")
    for slug, theme in SEEDED_THEMES.items():
        rule = theme.rule
        Theme.objects.get_or_create(
            slug=slug,
            defaults={
                "name": theme.name,
                "words": list(rule.words),
                "stems": list(rule.stems),
                "phrases": list(rule.phrases),
                "exclusions": list(rule.exclusions),
                "is_seeded": True,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_judgement")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
