from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Surveys")

    def ready(self) -> None:
        from outbox.staff.attention import add_source
        from outbox.staff.shell import add_entry
        from surveys import work  # noqa: F401  registers the kinds of work this app does
        from surveys.attention import needs
        from surveys.entries import ENTRIES

        add_source(needs)
        for entry in ENTRIES:
            add_entry(entry)
