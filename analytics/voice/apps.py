from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VoiceConfig(AppConfig):
    name = "analytics.voice"
    label = "voice"
    verbose_name = _("What customers say")

    def ready(self) -> None:
        from analytics.success import behind, catalogue, charts
        from analytics.voice import drawings, metrics, tables

        for found in metrics.DEFINITIONS:
            catalogue.add(found)
        for slug, make in drawings.CHARTS.items():
            charts.add(slug, make)
        for slug, table in tables.TABLES.items():
            behind.add(slug, table)
