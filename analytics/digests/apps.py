from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DigestsConfig(AppConfig):
    name = "analytics.digests"
    label = "digests"
    verbose_name = _("Digests and reports")

    def ready(self) -> None:
        from analytics.digests import work  # noqa: F401  registers the kinds of work this app does
        from outbox.staff.shell import Entry, add_entry

        add_entry(
            Entry("understand", 80, _("My digests"), "staff:digests", "mail", "surveys.view_survey")
        )
        add_entry(Entry("run", 44, _("Reports"), "staff:reports", "file", "digests.view_report"))
