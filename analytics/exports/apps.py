from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "analytics.exports"
    label = "exports"
    verbose_name = _("Exports")

    def ready(self) -> None:
        from analytics.exports import work  # noqa: F401  registers the kinds of work this app does
        from outbox.staff.shell import Entry, add_entry

        add_entry(
            Entry("run", 45, _("Exports"), "staff:exports", "download", "exports.view_exportfile")
        )
